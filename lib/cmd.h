/* The command table: CMD(name, help, usage, run, dump) enters a command, cmd_find and cmd_run find and run it.
 *
 * A name may hold two words ("ip route"); the longest match wins. Options may stand between the two ("ip -s link"), and
 * the second may be abbreviated to its first `least` letters ("ip r"). A command file has three parts in this order:
 * words (argv to a request struct, no side effect), act (the module's API), print (through c->out alone). run returns
 * the exit status as in sh: 0 done, 1 failed, 2 not understood. What was wrong is told through cmd_error: "what, where,
 * what would be right". dump (may be NULL) prints the module's configuration as the commands that make it (contract 9).
 *
 * A command that offers JSON sets c->out->json itself when it sees its -j; cmd_run closes what it left open and puts
 * the mode back.
 */
#ifndef LIB_CMD_H
#define LIB_CMD_H

#include "lib/base.h"
#include "lib/out.h"
#include "lib/set.h"

struct net;
struct cmd_io; /* where input comes from: lib/io.h */

struct cmd_ctx {
    struct net *net;
    struct out *out, *err;
    struct cmd_io *in; /* NULL: no input */
    int argc;
    char **argv; /* argv[0] is the command as typed; argv[argc] is NULL */
    void *shell; /* who runs it, for commands of the shell itself */

    const struct cmd *cmd; /* filled in by cmd_run: the entry, */
    int words;             /* and how many words of argv lead up to and include its name */
    u8 depth;              /* scripts around it, those that commands run (sh, watch) included */
    u8 within;             /* commands around it that run others: time, sudo, xargs */
};

#define CMD_WITHIN    4           /* bounds the stack, as SCRIPT_DEPTH does for scripts */
#define CMD_ELSEWHERE "elsewhere" /* the group of commands of Linux that only say what to use instead */

struct cmd {
    const char *name, *help, *usage;
    const char *group; /* the heading under which help lists it; NULL: "system" */
    u8 least;          /* of a second word: so many letters are enough; 0: all of them */
    u8 dump_rank; /* what must stand before others in a dump has the lower rank: links, then addresses, then routes */
    int (*run)(struct cmd_ctx *c);
    void (*dump)(struct cmd_ctx *c);
    /* Completion (may be NULL): calls `offer` for each word that may stand at argv[argc - 1]. */
    void (*complete)(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg);
};

#define CMD(id, ...)                                          \
    static const struct cmd cmd_##id##_entry = {__VA_ARGS__}; \
    SET_ADD(cmd, cmd_##id##_entry)
/* CMD(lspci, .name = "lspci", .help = "list PCI functions", .usage = "[-v] [-j]", .run = cmd_lspci); */

const struct cmd *cmd_find(int argc, char **argv, int *words); /* longest match; the name ends before argv[*words] */
int cmd_run(struct cmd_ctx *c); /* status; 127 when there is no such command, which it says */
/* What c's command runs: the same with other words and another input. 126 when CMD_WITHIN are within each other. */
int cmd_run_within(const struct cmd_ctx *c, int argc, char **argv, struct cmd_io *in);
/* The same, when cmd_find has been asked: what it said. */
int cmd_run_as(const struct cmd_ctx *c, const struct cmd *cmd, int words, int argc, char **argv, struct cmd_io *in);
int cmd_error(struct cmd_ctx *c, const char *fmt, ...) PRINTF(2, 3); /* "NAME: ..." to c->err; returns 1 */
int cmd_usage(struct cmd_ctx *c, const char *fmt, ...) PRINTF(2, 3); /* the same, then the usage line; returns 2 */
/* A line to c->err as it stands, for commands whose original does not begin it with its name; returns the status. */
int cmd_fail_v(struct cmd_ctx *c, int status, const char *fmt, va_list ap) PRINTF(3, 0);
void cmd_dump(struct cmd_ctx *c); /* every command's dump, by rank and name, to c->out */

/* What iproute2 says of `ip foo`, with no such object; the status. */
int cmd_no_object(struct cmd_ctx *c);

bool cmd_known(const char *word); /* does a name consist of this word, or begin with it ("ip" of "ip route")? */

/* The entry that follows `last` in the order of names (NULL: the first); NULL at the end. For help and completion. */
const struct cmd *cmd_next(const struct cmd *last);

#endif
