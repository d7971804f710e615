/* Any messages of group membership, of either family: nothing crashes, no packet is lost sight of.
 *
 * A byte of switches, then of each message a byte of addresses and time, one of what it is (the lowest bit: MLD), one
 * by how many units of 4 bytes it is, and its bytes. 1500 inputs in make test. */
#include "lib/plat.h"
#include "net/wire/igmp.h"
#include "tests/fuzz/lan.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void igmp(const u8 *p, u32 n, u8 how)
{
    u8 frame[ETH_HLEN + IP4_HLEN + 1020];
    struct eth_hdr e = {{{1, 0, 0x5e, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, be16_of(ETH_IP4)};
    struct ip4_hdr h = {.ver_ihl = 0x45,
                        .len = be16_of((u16)(IP4_HLEN + n)),
                        .ttl = 1,
                        .proto = IP_IGMP,
                        .src = {10, 0, 0, 2},
                        .dst = {224, 0, 0, 1}};
    h.check = csum_fold(csum_bytes(&h, sizeof(h)));
    memcpy(frame, &e, sizeof(e));
    memcpy(frame + ETH_HLEN, &h, sizeof(h));
    memcpy(frame + ETH_HLEN + IP4_HLEN, p, n);
    if (n >= 4) {
        store_be16(frame + ETH_HLEN + IP4_HLEN + 2, 0);
        be16 check = csum_fold(csum_bytes(frame + ETH_HLEN + IP4_HLEN, n));
        memcpy(frame + ETH_HLEN + IP4_HLEN + 2, &check, 2);
    }
    lan_frame(frame, ETH_HLEN + IP4_HLEN + n, lan_ms(how));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const u8 types[] = {MLD_QUERY, MLD1_REPORT, MLD1_DONE, MLD2_REPORT};
    if (!n)
        return 0;
    lan_begin(*p++);
    for (n--; n > 3;) {
        u8 how = p[0], what = p[1], message[1020] = {0};
        u32 len = (u32)min(n - 3, (size_t)p[2] * 4);
        memcpy(message, p + 3, len);
        if (what & 1) {
            message[0] = types[what >> 1 & 3];
            lan_icmp6(message, len, how, what & 0x80 ? 64 : 1);
        } else {
            if (what & 2)
                message[0] = IGMP_QUERY;
            igmp(message, len, how);
        }
        p += 3 + len;
        n -= 3 + len;
    }
    lan_end();
    return 0;
}
