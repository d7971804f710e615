/* Any ARP messages, one after the other: nothing crashes, no bound is passed, no packet is lost sight of.
 *
 * A byte of switches, then of each message a byte (2 bits of time; to all or to us; a right header or what comes) and
 * 28 bytes. 1000 inputs in make test. */
#include "lib/plat.h"
#include "net/wire/arp.h"
#include "tests/fuzz/lan.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (!n)
        return 0;
    lan_begin(*p++);
    for (n--; n > 1;) {
        u8 how = *p++, frame[60] = {0};
        u32 len = (u32)min(n - 1, sizeof(struct arp_hdr));
        struct eth_hdr e = {.dst = dev->mac, .src = {{2, 0, 0, 0, 0, 2}}, .type = be16_of(ETH_ARP)};
        if (how & 4)
            memset(&e.dst, 0xff, sizeof(e.dst));
        memcpy(frame, &e, sizeof(e));
        memcpy(frame + sizeof(e), p, len);
        if (how & 8)
            memcpy(frame + sizeof(e), "\0\1\10\0\6\4\0", 7);
        lan_frame(frame, how & 16 ? ETH_HLEN + len : sizeof(frame), lan_ms(how));
        p += len;
        n -= 1 + len;
    }
    lan_end();
    return 0;
}
