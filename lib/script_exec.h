/* Internal to lib. */
/* The parts of a running script: lists and commands (script_run.c), words (script_expand.c), redirections
 * (script_redir.c), pipes and $( ) (script_pipe.c, script_sub.c). */
#ifndef LIB_SCRIPT_EXEC_H
#define LIB_SCRIPT_EXEC_H

#include "lib/script.h"
#include "lib/script_ast.h"

#define SCRIPT_ARG_MAX   MIB        /* bytes of the arguments of one command, and of what $( ) takes in */
#define SCRIPT_STORE_MAX (64 * KIB) /* bytes written at once to a view such as /proc/sys/... */

struct streams {
    struct cmd_io *in;
    struct out *out, *err;
    bool piped; /* out is a pipe: when its reader has left, there is no sense in going on */
};

enum run_flags {
    RUN_TESTED = 1, /* its status is looked at by && || or !: no failure, no end by set -e */
    RUN_QUIET = 2,  /* a failure is not counted: a stage of a pipe before the last */
};

/* Lists and commands. The status is left in env->status as well. */
int script_run_seq(struct script_env *env, const struct seq *s, const struct streams *io, unsigned flags);
int script_run_stage(struct script_env *env, const struct stage *st, const struct streams *io, unsigned flags);
int script_run_pipe(struct script_env *env, const struct stage *stages, const struct streams *io, unsigned flags);
void script_stop(struct script_env *env, int status); /* nothing further of this run */
void script_say(struct script_env *env, const struct streams *io, unsigned line, const char *f, ...) PRINTF(4, 5);

/* Words. Both say on io->err what was wrong, and stop the run. */
struct fields {
    char **v; /* v[n] is NULL */
    int n, cap;
    size_t bytes;
    int subst_status; /* of the last $( ) that was run, 0 when there was none */
};
int script_expand(struct script_env *env, const struct word *words, const struct streams *io, struct fields *f);
/* One string, neither split nor globbed, for mem_free; NULL after an error, which in a here-document does not stop the
 * run. */
char *script_expand_one(struct script_env *env, const struct word *w, const struct streams *io, bool here,
                        int *subst_status, size_t *len);
void script_fields_free(struct fields *f);

/* What runs apart: a copy of the variables, a run of its own. NULL when there is no memory. */
struct script_env *script_sub_new(const struct script_env *env);
void script_sub_free(struct script_env *sub, struct script_env *env); /* env (or NULL) takes over what it counted */
/* Output of a $( ), without its last newlines, for mem_free; NULL after an error. */
char *script_subst(struct script_env *env, const struct seq *s, const struct streams *io, size_t *len, int *status);

/* Redirections of one command. Opening says what was wrong; closing too, and then returns 1. */
struct redirected;
int script_redir_open(struct script_env *env, const struct stage *st, const struct streams *io, struct streams *to,
                      struct redirected **all);
int script_redir_close(struct script_env *env, const struct stage *st, const struct streams *io,
                       struct redirected *all);

#endif
