/* What the parse finds in each packet of a pcap file (standard input), a line each, for tests/diff/parse_test.py:
 *
 *     drop reason's number, tags, l3, l4, family or protocol of l3, protocol of l4, ports or type and code, fragment
 *
 * Offsets from the start of the frame; "-" where there is none. */
#include "lib/plat.h"
#include "lib/string.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/icmp.h"
#include "net/wire/udp.h"

#include <stdio.h>

struct record {
    u32 s, us, len, wire_len;
};

static void print_place(const struct skb *s, bool has, u16 layer)
{
    if (has)
        printf(" %u", skb_at(s, layer));
    else
        printf(" -");
}

static void print_l4(const struct skb *s)
{
    const u8 *l4 = (const u8 *)s->buf + s->l4;
    if (s->has & (SKB_TCP | SKB_UDP)) {
        const struct udp_hdr *h = (const struct udp_hdr *)l4;
        printf(" %s %u %u", s->has & SKB_TCP ? "tcp" : "udp", be16_get(h->sport), be16_get(h->dport));
    } else if (s->has & (SKB_ICMP | SKB_ICMP6)) {
        printf(" %s %u %u", s->has & SKB_ICMP ? "icmp" : "icmpv6", l4[0], l4[1]);
    } else {
        printf(" - - -");
    }
}

static void dump(struct skb *s)
{
    enum drop_reason why = skb_parse(s);
    u32 l4 = SKB_TCP | SKB_UDP | SKB_ICMP | SKB_ICMP6;
    bool l3 = s->has & (SKB_IP | SKB_ARP);
    printf("%u", (unsigned)why);
    print_place(s, l3, s->l3);
    print_place(s, s->has & l4, s->l4);
    printf(" %s", s->has & SKB_IP4 ? "ip" : s->has & SKB_IP6 ? "ipv6" : s->has & SKB_ARP ? "arp" : "-");
    print_l4(s);
    printf(" %u\n", !!(s->has & SKB_FRAGMENT));
}

int main(void)
{
    struct net *net = net_new();
    struct record r;
    static u8 bytes[65536];
    if (!net || fread(bytes, 24, 1, stdin) != 1)
        return 1;
    while (fread(&r, sizeof(r), 1, stdin) == 1) {
        if (r.len > SKB_ROOM || (r.len && fread(bytes, r.len, 1, stdin) != 1))
            return 1;
        struct skb *s = skb_alloc(skb_pool_of(net));
        memcpy(skb_put(s, r.len), bytes, r.len);
        dump(s);
        skb_free(s);
    }
    net_free(net);
    return 0;
}
