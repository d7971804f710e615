/* The command table: finding a command, running it, saying what was wrong with it.
 *
 * The table is the linker set `cmd`; it is small and asked by persons, so it is searched from end to end each time.
 * An order, where one is wanted (help, dump), is made by asking for the next in that order: no memory, no sorting.
 *
 * cmd_run never splits text and never redirects: that is lib/script's. It holds no lock; a command takes what it
 * needs when it acts.
 */
#include "lib/cmd.h"

#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

#define NEAR_MAX 24 /* letters: longer words get no proposal */

/* The second word of a name, or NULL when it has only one. */
static const char *second_word(const struct cmd *cmd)
{
    const char *blank = strchr(cmd->name, ' ');
    return blank ? blank + 1 : NULL;
}

/* Asked of every command for each line of a batch: most differ in the first letter. */
static inline bool first_word_is(const struct cmd *cmd, const char *word)
{
    const char *name = cmd->name;
    while (*word && *name == *word) {
        name++;
        word++;
    }
    return !*word && (!*name || *name == ' ');
}

static bool second_word_is(const struct cmd *cmd, const char *word)
{
    const char *second = second_word(cmd);
    size_t n = strlen(word);

    return str_eq(second, word) || (cmd->least && n >= cmd->least && strncmp(second, word, n) == 0);
}

static int object_at(int argc, char **argv)
{
    int i = 1;

    while (i < argc && argv[i][0] == '-')
        i++;
    return i;
}

const struct cmd *cmd_find(int argc, char **argv, int *words)
{
    const struct cmd *one = NULL;
    int object = object_at(argc, argv);

    *words = 1;
    if (argc < 1)
        return NULL;
    SET_FOREACH(cmd, const struct cmd, c) {
        if (!first_word_is(c, argv[0]))
            continue;
        if (!second_word(c)) {
            one = c;
        } else if (object < argc && second_word_is(c, argv[object])) {
            *words = object + 1;
            return c;
        }
    }
    return one;
}

/* How many letters must be changed, added, dropped or swapped with their neighbour to make b of a. */
static unsigned distance(const char *a, const char *b)
{
    u8 rows[3][NEAR_MAX + 1];
    size_t na = strlen(a), nb = strlen(b);

    if (na > NEAR_MAX || nb > NEAR_MAX)
        return ~0u;
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = (u8)j;
    for (size_t i = 1; i <= na; i++) {
        u8 *row = rows[i % 3], *up = rows[(i - 1) % 3], *up2 = rows[(i + 1) % 3];
        row[0] = (u8)i;
        for (size_t j = 1; j <= nb; j++) {
            u8 best = (u8)(up[j - 1] + (a[i - 1] != b[j - 1]));
            best = min(best, (u8)(up[j] + 1));
            best = min(best, (u8)(row[j - 1] + 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = min(best, (u8)(up2[j - 2] + 1));
            row[j] = best;
        }
    }
    return rows[na % 3][nb];
}

static const char *nearest_name(const char *word)
{
    const char *best = NULL;
    unsigned least = strlen(word) < 4 ? 2 : 3; /* one change in a short word, two in a long one */

    for (const struct cmd *c = cmd_next(NULL); c; c = cmd_next(c)) {
        unsigned d = second_word(c) ? ~0u : distance(word, c->name);
        if (d < least) {
            least = d;
            best = c->name;
        }
    }
    return best;
}

/* What iproute2 says of `ip foo`; other families of commands (tc, bridge) say the same. */
int cmd_no_object(struct cmd_ctx *c)
{
    const char *sep = "";
    int object = object_at(c->argc, c->argv);

    if (object < c->argc) {
        out_text(c->err, "Object \"%s\" is unknown, try \"%s help\".\n", c->argv[object], c->argv[0]);
        return 1;
    }
    out_text(c->err, "Usage: %s OBJECT ...\nwhere OBJECT is ", c->argv[0]);
    for (const struct cmd *e = cmd_next(NULL); e; e = cmd_next(e)) {
        if (!first_word_is(e, c->argv[0]) || !second_word(e))
            continue;
        out_text(c->err, "%s%s", sep, second_word(e));
        sep = ", ";
    }
    out_text(c->err, "\n");
    return 2;
}

static int no_such_command(struct cmd_ctx *c)
{
    const char *near;

    SET_FOREACH(cmd, const struct cmd, e) {
        if (first_word_is(e, c->argv[0]))
            return cmd_no_object(c);
    }
    near = nearest_name(c->argv[0]);
    if (near)
        out_text(c->err, "%s: command not found (is it \"%s\"?)\n", c->argv[0], near);
    else
        out_text(c->err, "%s: command not found\n", c->argv[0]);
    return 127;
}

static int run_found(struct cmd_ctx *c)
{
    bool json = c->out->json, pretty = c->out->pretty;
    u8 depth = c->out->depth;

    int status = c->cmd->run(c);
    while (c->out->depth > depth)
        out_end(c->out);
    c->out->json = json;
    c->out->pretty = pretty;
    return status;
}

int cmd_run(struct cmd_ctx *c)
{
    c->cmd = cmd_find(c->argc, c->argv, &c->words);
    return c->cmd ? run_found(c) : no_such_command(c);
}

int cmd_run_within(const struct cmd_ctx *c, int argc, char **argv, struct cmd_io *in)
{
    int words;
    const struct cmd *cmd = cmd_find(argc, argv, &words);
    return cmd_run_as(c, cmd, words, argc, argv, in);
}

int cmd_run_as(const struct cmd_ctx *c, const struct cmd *cmd, int words, int argc, char **argv, struct cmd_io *in)
{
    struct cmd_ctx inner = *c;

    if (c->within == CMD_WITHIN) {
        cmd_error(&inner, "more than %u commands within each other", CMD_WITHIN);
        return 126;
    }
    inner.within++;
    inner.cmd = cmd;
    inner.words = words;
    inner.argc = argc;
    inner.argv = argv;
    inner.in = in;
    return cmd ? run_found(&inner) : no_such_command(&inner);
}

static void say(struct cmd_ctx *c, const char *f, va_list ap)
{
    char text[256]; /* an error that is longer is cut */

    fmt_v(text, sizeof(text), f, ap);
    out_text(c->err, "%s: %s\n", c->cmd ? c->cmd->name : c->argv[0], text);
}

int cmd_error(struct cmd_ctx *c, const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    say(c, f, ap);
    va_end(ap);
    return 1;
}

int cmd_usage(struct cmd_ctx *c, const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    say(c, f, ap);
    va_end(ap);
    if (c->cmd)
        out_text(c->err, "usage: %s %s\n", c->cmd->name, c->cmd->usage ? c->cmd->usage : "");
    return 2;
}

int cmd_fail_v(struct cmd_ctx *c, int status, const char *f, va_list ap)
{
    char text[256];

    fmt_v(text, sizeof(text), f, ap);
    out_text(c->err, "%s\n", text);
    return status;
}

bool cmd_known(const char *word)
{
    SET_FOREACH(cmd, const struct cmd, c) {
        if (first_word_is(c, word))
            return true;
    }
    return false;
}

const struct cmd *cmd_next(const struct cmd *last)
{
    const struct cmd *best = NULL;

    SET_FOREACH(cmd, const struct cmd, c) {
        if ((!last || strcmp(c->name, last->name) > 0) && (!best || strcmp(c->name, best->name) < 0))
            best = c;
    }
    return best;
}

static bool dumps_before(const struct cmd *a, const struct cmd *b)
{
    return a->dump_rank != b->dump_rank ? a->dump_rank < b->dump_rank : strcmp(a->name, b->name) < 0;
}

void cmd_dump(struct cmd_ctx *c)
{
    const struct cmd *last = NULL, *best;

    do {
        best = NULL;
        SET_FOREACH(cmd, const struct cmd, e) {
            if (e->dump && (!last || dumps_before(last, e)) && (!best || dumps_before(e, best)))
                best = e;
        }
        if (best)
            best->dump(c);
        last = best;
    } while (best);
}
