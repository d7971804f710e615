/* A text tool with any words over any text: refused or run, within its bounds. The first line is the command, its words
 * parted by NULs; the rest is the input.
 */
#include "lib/cmd.h"
#include "lib/io.h"
#include "lib/net.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define WORDS 16

static size_t left;

/* A reader that leaves after a while: formats and steps that print for long are ended. */
static int take_some(struct out *o, const char *p, size_t n)
{
    left -= min(n, left);
    return left ? 0 : -EPIPE;
}

/* What works on text alone: it neither waits nor ends the machine. */
static bool is_tool(const char *name)
{
    static const char *const names[] = {"grep", "head", "tail", "wc",     "sort", "uniq", "cut", "tr",  "cat",
                                        "echo", "test", "[",    "printf", "seq",  "date", "ls",  "less"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static int split(char *line, size_t n, char **argv)
{
    int argc = 0;
    for (size_t at = 0; at < n && argc + 1 < WORDS; at += strlen(line + at) + 1)
        argv[argc++] = line + at;
    argv[argc] = NULL;
    return argc;
}

/* `date -s` would change the time of the tests that follow. */
static bool is_left_out(int argc, char **argv)
{
    if (!argc || !(str_eq(argv[0], "xargs") ? argc > 1 && is_tool(argv[1]) : is_tool(argv[0])))
        return true;
    for (int i = 1; i < argc; i++)
        if (str_eq(argv[0], "date") && strchr(argv[i], 's'))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char words[512], *argv[WORDS];
    const uint8_t *end = memchr(p, '\n', n);
    size_t used = end ? (size_t)(end - p) : n;
    if (used >= sizeof(words))
        return 0;
    memcpy(words, p, used);
    words[used] = 0;
    int argc = split(words, used, argv);
    if (is_left_out(argc, argv))
        return 0;
    struct out out, err;
    struct io_mem in;
    left = 65536;
    out_init(&out, take_some, NULL, false);
    out_init(&err, take_some, NULL, false);
    if (!net_first)
        net_first = net_new();
    used += end != NULL;
    io_mem_init(&in, (const char *)p + used, n - used);
    struct cmd_ctx c = {.net = net_first, .out = &out, .err = &err, .in = &in.io, .argc = argc, .argv = argv};
    cmd_run(&c);
    return 0;
}
