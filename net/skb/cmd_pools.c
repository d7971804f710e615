/* weir pools: where the memory of packets is (net/skb/pool.h).
 *
 *     weir pools [-j]
 *
 * A pool's objects are in hands (in rings, queues, on their way) or idle; more are made while there are fewer than
 * MOST. REFUSED: how often there was none left; each was a packet lost. With all devices down, and nobody who keeps
 * packets, none is in hands: what is, is lost for ever.
 */
#include "lib/option.h"
#include "lib/plat.h"
#include "net/skb/pool.h"

static void show(struct out *o, const struct skb_pool *pool)
{
    u64 used = skb_pool_used(pool), made = load_relaxed(&pool->carved), refused = 0;
    for (unsigned i = 0; i < cpu_count(); i++)
        refused += load_relaxed(&pool->cache[i]->refused);
    out_object(o, NULL);
    out_str(o, "name", "%-10s", pool->name);
    out_u64(o, "size", " %7llu", pool->size);
    out_u64(o, "used", " %9llu", used);
    out_u64(o, "idle", " %9llu", made > used ? made - used : 0); /* others take and give meanwhile */
    out_u64(o, "most", " %9llu", pool->most);
    out_u64(o, "refused", " %9llu\n", refused);
    out_end(o);
}

static int cmd_pools(struct cmd_ctx *c)
{
    struct option_reader o;
    for (option_start(&o, c, "j"); option_next(&o) > 0;)
        c->out->json = true;
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc)
        return cmd_usage(c, "\"%s\": there is nothing to say behind it", c->argv[o.at]);
    const struct skb_net *n = NET_GET(c->net, struct skb_net, skb_net);
    out_text(c->out, "%-10s %7s %9s %9s %9s %9s\n", "POOL", "SIZE", "USED", "IDLE", "MOST", "REFUSED");
    out_array(c->out, NULL);
    show(c->out, &n->bufs);
    show(c->out, &n->clones);
    show(c->out, &n->large);
    out_end(c->out);
    return 0;
}

CMD(pools, .name = "weir pools", .group = "network", .help = "where the memory of packets is", .usage = "[-j]",
    .run = cmd_pools);
