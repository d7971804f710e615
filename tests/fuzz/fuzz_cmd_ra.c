/* Any words behind `weir ra eth0`: nothing crashes, and what was taken says itself as a command that is taken again and
 * then says the same. 1000 inputs in make test. */
#include "lib/plat.h"
#include "lib/script.h"
#include "tests/fuzz/lan.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int typed(const char *line, char *said, size_t size)
{
    struct script_env env;
    struct out_mem out;
    struct out err;
    out_mem_init(&out, said, size, false);
    out_null_init(&err);
    script_env_init(&env, net, &out.out, &err, NULL);
    int status = script_text(&env, line, strlen(line));
    script_env_free(&env);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static char line[2048], said[8192], again[8192];
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789:./- ";
    lan_begin(0);
    size_t len = str_copy(line, sizeof(line), "weir ra eth0 ");
    for (size_t i = 0; i < n && len < sizeof(line) - 1; i++)
        line[len++] = p[i] && strchr(letters, p[i]) ? (char)p[i] : letters[p[i] % (sizeof(letters) - 1)];
    line[len] = '\0';
    int status = typed(line, said, sizeof(said));
    if (!status && !typed("weir ra", said, sizeof(said)) && *said) {
        if (typed(said, again, sizeof(again)))
            panic("what it says of itself is refused: %s", said);
        typed("weir ra", again, sizeof(again));
        if (!str_eq(said, again))
            panic("not the same again: %s", again);
    }
    typed("weir ra eth0 off", again, sizeof(again));
    lan_end();
    return 0;
}
