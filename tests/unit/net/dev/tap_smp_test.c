/* A tap on several CPUs at once: three show it packets, one reads; each CPU's order is kept, what is missing is
 * counted. */
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/conf.h"
#include "lib/string.h"
#include "net/dev/tap.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"

#define BURSTS 600u
#define BURST  8u
#define BYTES  700u

static struct net *net;
static struct fake_dev *dev;
static struct tap *tap;
static u32 shown; /* CPUs that have shown all */
static u64 got;
static const struct cbpf_insn every[] = {{CBPF_RET, 0, 0, 262144}};

static struct skb *numbered(u32 cpu, u32 number)
{
    struct skb *s = skb_alloc(skb_pool_of(net));
    if (s) {
        u8 *p = skb_put(s, BYTES);
        memset(p, (int)number, BYTES);
        store_be32(p, cpu);
        store_be32(p + 4, number);
        s->stamp = number;
    }
    return s;
}

static void show_all(u32 cpu)
{
    for (u32 i = 0; i < BURSTS; i++) {
        struct skbq q = {0};
        softirq_off();
        for (u32 k = 0; k < BURST; k++)
            skbq_add(&q, numbered(cpu, i * BURST + k));
        tap_show_in(dev->dev, &q);
        skbq_free(&q);
        softirq_on();
        if (i % 16 == 0)
            smp_relax();
    }
    atomic_add(&shown, 1);
}

static void read_all(void)
{
    u32 last[CPU_MAX] = {0};
    for (bool ended = false;;) {
        struct tap_packet p;
        if (tap_next(tap, &p, 0) == 1) {
            u32 cpu = load_be32(p.bytes), number = load_be32(p.bytes + 4);
            CHECK_EQ(p.kept, BYTES);
            CHECK_LE(last[cpu], number);
            CHECK_EQ(p.bytes[8], (u8)number);
            CHECK_EQ(p.bytes[BYTES - 1], (u8)number);
            last[cpu] = number + 1;
            got++;
        } else if (ended) {
            return;
        } else {
            ended = load_acquire(&shown) == cpu_count() - 1;
            smp_relax();
        }
    }
}

static void side(void *arg)
{
    if (cpu_id() == 0)
        read_all();
    else
        show_all(cpu_id());
}

TEST(smp_tap)
{
    u64 matched, dropped;
    struct tap_how how = {.insn = every, .snaplen = 262144, .ring = 1, .in = true, .out = true};
    net = net_new();
    dev = fake_dev_new(net, "eth%u");
    conf_enter();
    tap = tap_open(net, &how);
    conf_leave();
    got = shown = 0;
    smp_run(side, NULL);
    tap_counts(tap, &matched, &dropped);
    CHECK_EQ(matched, (cpu_count() - 1) * BURSTS * BURST);
    CHECK_EQ(got + dropped, matched);
    CHECK_NE(got, 0);
    conf_enter();
    tap_close(tap);
    conf_leave();
    fake_dev_end(dev);
    net_free(net);
}
