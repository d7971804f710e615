/* weir pools: what is in hands, what is idle, and how often there was none. */
#include "host/host.h"
#include "lib/string.h"
#include "net/skb/pool.h"
#include "net/skb/skb.h"
#include "tests/unit/net/dev/typed.h"

TEST(cmd_pools_shows_what_is_in_hands)
{
    struct net *net = net_new();
    struct skb_pool *pool = skb_pool_of(net);
    u32 made = pool->per_block;
    pool->most = made;
    struct skb *s[64];
    CHECK_LT(made, ARRAY_LEN(s));
    TYPED(net, {"weir pools | head -n 2 | awk '{print $1, $2, $3, $4, $6}'", 0,
                "POOL SIZE USED IDLE REFUSED\nskb 3136 0 0 0\n"});
    for (u32 i = 0; i < made; i++)
        CHECK((s[i] = skb_alloc(pool)) != NULL);
    struct skb *c = skb_clone(s[0]);
    CHECK(!skb_alloc(pool));
    skb_free(s[--made]);
    CHECK_EQ(typed(net, "weir pools | awk '{print $1, $3, $4, $6}'"), 0);
    CHECK(str_starts(typed_said, "POOL USED IDLE REFUSED\nskb 19 1 1\nskb-clone 1 "));
    CHECK(str_ends(typed_said, "skb-large 0 0 0\n"));
    CHECK_EQ(typed(net, "weir pools -j"), 0);
    CHECK(
        str_starts(typed_said, "[{\"name\":\"skb\",\"size\":3136,\"used\":19,\"idle\":1,\"most\":20,\"refused\":1},"));
    TYPED(net,
          {"weir pools eth0", 2, "weir pools: \"eth0\": there is nothing to say behind it\nusage: weir pools [-j]\n"});
    skb_free(c);
    while (made)
        skb_free(s[--made]);
    net_free(net);
}
