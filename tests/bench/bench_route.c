/* A full table as a router gets it: 900k lines of `ip -b` through the real command, what a line costs, what memory they
 * take, and what a lookup costs a packet with that table, beside one with a handful of routes. Destinations are at
 * random over all addresses, a million of them: what the caches do not hold is in the figures. */
#include "host/host.h"
#include "lib/byteorder.h"
#include "lib/io.h"
#include "lib/script.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/rule.h"
#include "net/net.h"
#include "tests/bench/bench.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUTES 900000u
#define BURST  32u
#define KEYS   (1u << 20)
#define LINE   64u

static const struct {
    u32 bits, permille;
} shares[] = {{24, 595}, {23, 100}, {22, 112}, {21, 50}, {20, 45}, {19, 26}, {18, 14}, {17, 8}, {16, 14}, {15, 2},
              {14, 2},   {13, 1},   {12, 1},   {32, 10}, {29, 8},  {28, 5},  {27, 3},  {26, 2}, {25, 2}};

static struct net *net;
static struct fib_table *table;
static u32 *keys;

static int swallow(struct out *o, const char *p, size_t n)
{
    return 0;
}

static int complain(struct out *o, const char *p, size_t n)
{
    fwrite(p, 1, n, stderr);
    return 0;
}

static void run(const char *text, struct cmd_io *in)
{
    struct script_env env;
    struct out out, err;
    out_init(&out, swallow, NULL, false);
    out_init(&err, complain, NULL, false);
    script_env_init(&env, net, &out, &err, in);
    if (script_text(&env, text, strlen(text)))
        abort();
    script_env_free(&env);
}

/* One of 1.0.0.0 to 223.255.255.255, but none of 10/8, where the gateways are. */
static u32 some_address(void)
{
    u32 a;
    do {
        a = (1u << 24) + (u32)(bench_rand() % (222u << 24));
    } while (a >> 24 == 10);
    return a;
}

static size_t write_line(char *to)
{
    u64 x = bench_rand() % 1000;
    u32 i = 0, a = some_address();
    for (; x >= shares[i].permille; i++)
        x -= shares[i].permille;
    if (shares[i].bits > 24)
        a = 100u << 24 | (a & 0x3ffff);
    a &= ~0u << (32 - shares[i].bits);
    return (size_t)sprintf(to, "route replace %u.%u.%u.%u/%u via 10.1.0.%u\n", a >> 24, a >> 16 & 255, a >> 8 & 255,
                           a & 255, shares[i].bits, 2 + (u32)(bench_rand() % 8));
}

static void load(u32 routes)
{
    char *text = malloc(routes * LINE);
    size_t n = 0;
    struct io_mem in;

    for (u32 i = 0; i < routes; i++)
        n += write_line(text + n);
    io_mem_init(&in, text, n);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    u64 start = bench_clock();
    run("ip -b -\n", &in.io);
    host_run();
    bench_value("ip -b, 900k IPv4 routes, a line", (double)(bench_clock() - start) / routes, "ns");
    bench_value("their memory, with the allocator's",
                (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / (double)MIB, "MiB");
    free(text);
}

static void find_bursts(void *arg)
{
    u32 value[BURST];
    for (u32 i = 0; i < KEYS; i += BURST) {
        lpm_find_burst(&table->lpm, keys + i, sizeof(*keys), BURST, value);
        bench_keep(value[0] + value[BURST - 1]);
    }
}

static void look_up(void *arg)
{
    struct fib_flow flow = {.src = ipaddr_of4(10, 1, 0, 2)};
    struct fib_result r;
    for (u32 i = 0; i < KEYS; i++) {
        flow.dst = addr_of4((const u8 *)&keys[i]);
        bench_keep((u64)fib_lookup(net, IP_V4, &flow, &r));
    }
}

static void measure_with(const char *routes)
{
    char name[80];
    snprintf(name, sizeof(name), "lookup, burst of 32, %s", routes);
    bench_ns(name, KEYS, find_bursts, NULL);
    snprintf(name, sizeof(name), "fib_lookup, rules and all, %s", routes);
    bench_ns(name, KEYS, look_up, NULL);
}

static void measure_route(void)
{
    mallopt(M_MMAP_THRESHOLD, 32 << 20); /* as in bench_lpm.c */
    net = net_bring_up();
    keys = malloc(KEYS * sizeof(*keys));
    if (!net || !keys)
        abort();
    for (u32 i = 0; i < KEYS; i++)
        store_be32((u8 *)&keys[i], some_address());
    run("ip link add d0 type dummy; ip addr add 10.1.0.1/24 dev d0; ip link set d0 up\n"
        "ip route add default via 10.1.0.2; ip route add 20.0.0.0/8 via 10.1.0.3\n",
        NULL);
    table = fib_table(net, IP_V4, TABLE_MAIN, false);
    if (__builtin_cpu_supports("popcnt"))
        lpm_use_popcnt();
    measure_with("3 routes");
    load(ROUTES);
    measure_with("900k routes");
    run("ip link del d0\n", NULL);
    net_take_down(net);
    free(keys);
}

BENCH(route);
