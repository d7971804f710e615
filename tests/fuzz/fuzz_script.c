/* Any bytes as a script: refused at a place that exists, or run to its end; and what it took is given back.
 *
 * Commands print, read and fail by their names; what goes on for ever is bounded by their number. */
#include "lib/plat.h"
#include "lib/script.h"
#include "lib/string.h"

#define COMMANDS_MAX 300

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static unsigned commands;

static int run_any(struct cmd_ctx *c)
{
    char buf[64];
    ssize got;

    if (++commands > COMMANDS_MAX)
        task_interrupt(task_self());
    if (c->argc < 1 || c->argv[c->argc])
        panic("words without an end");
    for (int i = 0; i < c->argc; i++)
        out_text(c->out, "%s ", c->argv[i]);
    if (c->argv[0][0] == 'c')
        while ((got = io_read(c->in, buf, sizeof(buf))) > 0)
            out_raw(c->out, buf, (size_t)got);
    out_text(c->err, "%d\n", c->argc);
    return c->argv[0][0] == 'f';
}

static unsigned count_of(const char *hay, size_t n, const char *needle)
{
    unsigned count = 0;
    size_t len = strlen(needle);

    for (size_t i = 0; i + len <= n; i++)
        count += memcmp(hay + i, needle, len) == 0;
    return count;
}

static void check_place(const struct script_err *err, const char *text, size_t n)
{
    unsigned lines = 1 + count_of(text, n, "\n");

    if (!err->line || err->line > lines || !err->col || err->col > n + 1 || !err->msg[0])
        panic("refused at %u:%u: \"%s\"", err->line, err->col, err->msg);
}

static int no_command(void *arg, const char *name, unsigned line, unsigned col)
{
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    const char *text = (const char *)p;
    static char seen[4096];
    struct script_err err;
    struct script *s = script_parse(text, n, &err);
    struct script_env env;
    struct out_mem m;
    struct io_mem in;

    if (!s) {
        check_place(&err, text, n);
        return 0;
    }
    script_each_command(s, no_command, NULL);
    if (n < 1024 && count_of(text, n, "for") <= 2) { /* loops within loops within loops would take days, as in sh */
        commands = 0;
        out_mem_init(&m, seen, sizeof(seen), false);
        io_mem_init(&in, "input\n", 6);
        script_env_init(&env, NULL, &m.out, &m.out, &in.io);
        env.run = run_any;
        env.name = n % 2 ? "fuzz" : NULL;
        script_run(s, &env);
        script_env_free(&env);
        task_interrupt_clear();
    }
    script_free(s);
    return 0;
}
