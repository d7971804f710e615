/* net/skb: buffers out of the pool and back, the parse, the flow's hash, large packets cut. In bursts of 32, as stages
 * have them. */
#include "lib/string.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/ip6.h"
#include "net/wire/tcp.h"
#include "tests/bench/bench.h"

#define BURST  32
#define ROUNDS 1000

static struct net *net;
static struct skb_pool *pool;
static struct skbq burst;

static void bulk(void *arg)
{
    struct skbq q;
    for (int r = 0; r < ROUNDS; r++) {
        q.n = skb_pool_take(pool, q.p, BURST, "bench");
        for (u32 i = 0; i < q.n; i++)
            skb_init(q.p[i], container_of(q.p[i], struct skb_buf, skb));
        skbq_free(&q);
    }
}

static void one_by_one(void *arg)
{
    for (int r = 0; r < ROUNDS * BURST; r++) {
        struct skb *s = skb_alloc(pool);
        bench_keep((u64)s);
        skb_free(s);
    }
}

static void parse(void *arg)
{
    u64 sum = 0;
    for (int r = 0; r < ROUNDS; r++)
        for (u32 i = 0; i < burst.n; i++) {
            burst.p[i]->has = 0;
            sum += skb_parse(burst.p[i]) + burst.p[i]->has;
        }
    bench_keep(sum);
}

static void hash(void *arg)
{
    u64 sum = 0;
    for (int r = 0; r < ROUNDS; r++)
        for (u32 i = 0; i < burst.n; i++) {
            burst.p[i]->flags = 0;
            sum += skb_hash(burst.p[i]);
        }
    bench_keep(sum);
}

static struct skb *tcp4(u16 sport, u32 payload)
{
    struct skb *s = skb_alloc(pool);
    u8 *f = memset(skb_put(s, 54), 0, 54);
    struct ip4_hdr *ip = (struct ip4_hdr *)(f + 14);
    struct tcp_hdr *tcp = (struct tcp_hdr *)(ip + 1);
    f[12] = 8;
    *ip = (struct ip4_hdr){.ver_ihl = 0x45, .len = be16_of((u16)(40 + payload)), .ttl = 64, .proto = IP_TCP};
    *tcp = (struct tcp_hdr){.sport = be16_of(sport), .off = 0x50, .flags = TCP_ACK};
    while (payload) {
        struct skb *more = skb_alloc(pool);
        u32 n = min(payload, SKB_ROOM);
        skb_add_frag(s, more->buf, SKB_DATA, n);
        payload -= n;
    }
    return s;
}

static void cut(void *arg)
{
    struct skb *s = tcp4(1, 45 * 1448);
    s->gso = GSO_TCP4;
    s->gso_size = 1448;
    for (struct skb *next, *p = gso_cut(s, true); p; p = next) {
        next = p->next;
        skb_free(p);
    }
}

static void measure_skb(void)
{
    net = net_new();
    pool = skb_pool_of(net);
    bench_ns("skb alloc and free, bulk", ROUNDS * BURST, bulk, NULL);
    bench_ns("skb alloc and free, one by one", ROUNDS * BURST, one_by_one, NULL);
    for (u16 i = 0; i < BURST; i++)
        skbq_add(&burst, tcp4(i, 0));
    bench_ns("skb parse, TCP over IPv4", ROUNDS * BURST, parse, NULL);
    bench_ns("skb flow hash, IPv4, parsed", ROUNDS * BURST, hash, NULL);
    skbq_free(&burst);
    bench_ns("skb cut into 45 frames, a frame", 45, cut, NULL);
    net_free(net);
}

BENCH(skb);
