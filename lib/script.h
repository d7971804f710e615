/* The language of weir.conf and of the console: a strict subset of POSIX sh, with sh's own meanings.
 *
 *     struct script_err err;
 *     struct script *s = script_parse(text, len, &err);        all of it, before the first command runs
 *     if (!s) ... err.line, err.col, err.msg, err.incomplete
 *     struct script_env env;
 *     script_env_init(&env, net, out, error, in);
 *     status = script_run(s, &env);                            as sh's exit status
 *     script_env_free(&env);
 *     script_free(s);
 *
 * What there is: commands, # comments, '...' "..." \ quoting, NAME=value, $NAME ${NAME} $?, $( ), globs, here-documents
 * (<<EOF, <<'EOF', <<-EOF), redirections (< > >> 2> 2>&1 and kin), pipes, ! && || ; and newlines, for NAME in ...; do
 * ...; done, and the builtins : true false set exit break continue export unset. Field splitting, globbing, quote
 * removal, exit statuses and `set -e` are POSIX's. All else (if, while, case, functions, ( ) { }, `...`, $(( )),
 * ${x:-y}, &) is refused by script_parse at its line and column, with what would be right.
 *
 * A failing command is reported and the script goes on, as in sh, unless `set -e`. Two runs may share a struct script:
 * it is not written to. Stages of a pipe are tasks on the caller's CPU, with a bounded ring between each two. Task
 * context.
 */
#ifndef LIB_SCRIPT_H
#define LIB_SCRIPT_H

#include "lib/base.h"
#include "lib/cmd.h"
#include "lib/io.h"

struct script;
struct script_vars;
struct net;

struct script_err {
    unsigned line, col; /* from 1; columns count characters, not bytes */
    bool incomplete;    /* the text ended too early: a console may ask for another line and try again */
    char msg[200];
};

struct script *script_parse(const char *text, size_t len, struct script_err *err); /* NULL: refused, or no memory */
void script_free(struct script *s);

/* Every command whose name is written plainly, in the order of the text: so that a boot script can be refused when it
 * names what Weir does not have. Stops and returns what fn returns, if that is not 0. */
int script_each_command(const struct script *s, int (*fn)(void *arg, const char *name, unsigned line, unsigned col),
                        void *arg);

struct script_env {
    struct net *net;
    struct out *out, *err; /* err may be written by several stages of a pipe in turn; each write is one call of write */
    struct cmd_io *in;
    struct script_vars *vars;
    void *shell;      /* handed to commands as c->shell */
    const char *name; /* for messages: "weir.conf: line 3: ..."; NULL: as at a console, where the line is seen */

    /* Runs one command with its redirections in place; its status. Set by script_env_init to cmd_run. */
    int (*run)(struct cmd_ctx *c);
    /* Told of each failed command that no && || ! tests (may be NULL). Set by script_env_init to a line on err when
     * env->name is given. */
    void (*failed)(struct script_env *env, unsigned line, const char *cmd, int status);
    void *arg; /* the owner's own */

    /* The state of a run; kept from one script_run to the next, so that a console goes on where it was. */
    int status;        /* $? */
    unsigned failures; /* commands that failed and were not tested */
    bool errexit;      /* set -e */
    bool noglob;       /* set -f */
    bool nounset;      /* set -u */
    bool xtrace;       /* set -x */
    bool exiting;      /* the run stops early: by `exit`, set -e, an error in an expansion, Ctrl-C */
    bool exited;       /* it was `exit` or set -e: a console closes */
    bool interrupted;  /* it was Ctrl-C */
    u8 depth;          /* of scripts that commands run within each other */
    u8 loops;          /* for loops around this point: for break and continue */
    u8 leave;          /* how many of them `break` or `continue` still has to leave */
    bool leave_again;  /* it was `continue` */
};

void script_env_init(struct script_env *env, struct net *net, struct out *out, struct out *err, struct cmd_io *in);
/* For a command that runs a script itself, as sh and watch do: its streams and shell, and one deeper. script_run
 * refuses the SCRIPT_DEPTH-th within each other: a script that runs itself ends, not the stack. */
#define SCRIPT_DEPTH 4
void script_env_within(struct script_env *env, const struct cmd_ctx *c);
void script_env_free(struct script_env *env);
int script_run(const struct script *s, struct script_env *env); /* the status of the last command; 130 after Ctrl-C */
int script_text(struct script_env *env, const char *text, size_t len); /* parse and run; 2 when refused, told on err */

const char *script_get(const struct script_env *env, const char *name);      /* NULL: not set */
int script_set(struct script_env *env, const char *name, const char *value); /* 0 or -ENOMEM, -EINVAL */
void script_each_var(const struct script_env *env, void (*fn)(void *arg, const char *name, const char *value),
                     void *arg);

#endif
