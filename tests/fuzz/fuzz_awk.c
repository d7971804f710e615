/* Any text as an awk program, over a small input: refused or run, within its bounds. A program that would run for ever
 * is ended by what it prints: the writer fails after a while. First the program, up to the first NUL; then the input.
 */
#include "lib/cmd.h"
#include "lib/io.h"
#include "lib/plat.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static size_t left;

static int take_some(struct out *o, const char *p, size_t n)
{
    left -= min(n, left);
    return left ? 0 : -EPIPE;
}

/* A loop that prints nothing would not end: such words are taken out of the language for this test. */
static bool may_loop(const char *program)
{
    return strstr(program, "while") || strstr(program, "for") || strstr(program, "do");
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char program[2048], input[512] = "eth0 1 2\n 3.5:x,y\n\nlo 7";
    if (n >= sizeof(program))
        return 0;
    memcpy(program, p, n);
    program[n] = 0;
    size_t used = strlen(program);
    if (used + 1 < n && n - used - 1 < sizeof(input)) {
        memcpy(input, program + used + 1, n - used - 1);
        input[n - used - 1] = 0;
    }
    if (may_loop(program))
        return 0;
    static char name[] = "awk", dash[] = "--";
    char *argv[] = {name, dash, program, NULL};
    struct out out, err;
    struct io_mem in;
    left = 65536;
    out_init(&out, take_some, NULL, false);
    out_init(&err, take_some, NULL, false);
    io_mem_init(&in, input, strlen(input));
    struct cmd_ctx c = {.out = &out, .err = &err, .in = &in.io, .argc = 3, .argv = argv};
    cmd_run(&c);
    return 0;
}
