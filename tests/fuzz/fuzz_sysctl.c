/* Any bytes as a sysctl.conf and as names: values stay within their bounds, and the dump makes the same values again.
 * 1000 inputs in make test. */
#include "lib/cmd.h"
#include "lib/io.h"
#include "lib/plat.h"
#include "lib/script.h"
#include "lib/string.h"
#include "lib/sysctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct fuzz_net {
    u32 a;
    u64 b_ns;
    i16 c[3];
    char d[12];
    u8 e;
};
NET_SLOT(fuzz_net, struct fuzz_net, NULL, NULL);

SYSCTL(fuzz_a, .name = "f.a", SYSCTL_NET(fuzz_net, struct fuzz_net, a), .high = 1000, .def = 3);
SYSCTL(fuzz_b, .name = "f.b", SYSCTL_NET(fuzz_net, struct fuzz_net, b_ns), .unit = NS_PER_S, .high = 100);
SYSCTL(fuzz_c, .name = "f.c", SYSCTL_NET(fuzz_net, struct fuzz_net, c), .type = SYSCTL_NUMBERS, .count = 3, .low = -9,
       .high = 9, .text = "1\t2\t3");
SYSCTL(fuzz_d, .name = "f.d", SYSCTL_NET(fuzz_net, struct fuzz_net, d), .type = SYSCTL_STRING, .text = "x");

static void *place(struct net *net, const char *star)
{
    return NET_GET(net, struct fuzz_net, fuzz_net);
}

static void list(struct net *net, void (*offer)(void *arg, const char *name), void *arg)
{
    offer(arg, "i.1");
}

SYSCTL(fuzz_e, .name = "f.*.e", SYSCTL_PER(struct fuzz_net, e), .place = place, .list = list, .high = 7);

static void run(struct net *net, const char *cmd, struct cmd_io *in, struct out *out)
{
    struct script_env env;

    script_env_init(&env, net, out, out, in);
    script_text(&env, cmd, strlen(cmd));
    script_env_free(&env);
}

static void check_bounds(struct net *net)
{
    const struct fuzz_net *f = NET_GET(net, struct fuzz_net, fuzz_net);

    if (f->a > 1000 || f->b_ns > 100 * NS_PER_S || f->b_ns % NS_PER_S || f->e > 7 || !memchr(f->d, 0, sizeof(f->d)))
        panic("a value beyond its bounds");
    for (int i = 0; i < 3; i++)
        if (f->c[i] < -9 || f->c[i] > 9)
            panic("a number beyond its bounds");
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static char first[8192], second[8192], name[200];
    struct net *one = net_new(), *two = net_new();
    struct out_mem a, b;
    struct out null;
    struct io_mem in;

    if (!one || !two)
        panic("no memory");
    out_null_init(&null);
    io_mem_init(&in, (const char *)p, n);
    run(one, "sysctl -p -", &in.io, &null);
    str_copy_n(name, sizeof(name), (const char *)p, min(n, sizeof(name) - 1));
    sysctl_get(one, name, &null);
    sysctl_set(one, name, "1");
    check_bounds(one);
    out_mem_init(&a, first, sizeof(first), false);
    run(one, "dump", NULL, &a.out);
    run(two, first, NULL, &null);
    out_mem_init(&b, second, sizeof(second), false);
    run(two, "dump", NULL, &b.out);
    if (!str_eq(first, second))
        panic("dumped:\n%s\nand again:\n%s", first, second);
    net_free(one);
    net_free(two);
    return 0;
}
