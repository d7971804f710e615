/* Any packets of IPv4 and IPv6 to this machine and others: their headers, options, extension headers and fragments.
 * Nothing crashes, no bound is passed, no packet is lost sight of.
 *
 * A byte of switches, then of each packet a byte that says its family, whether it is for this machine, and how time
 * goes on, one by how many units of 4 bytes it is, and its bytes behind the addresses' place: of IPv4 the checksum, and
 * of both the version and length are put right. 1500 inputs in make test. */
#include "lib/plat.h"
#include "net/ip/header.h"
#include "tests/fuzz/lan.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void finish4(u8 *h, u32 n, bool to_us)
{
    u32 hlen = max((h[0] & 15) * 4u, IP4_HLEN);
    h[0] = (u8)(0x40 | hlen / 4);
    store_be16(h + 2, (u16)n);
    memcpy(h + 12, "\x0a\0\0\2", 4);
    memcpy(h + 16, to_us ? "\x0a\0\0\1" : "\x0a\0\0\3", 4);
    store_be16(h + 10, 0);
    be16 sum = csum_fold(csum_bytes(h, min(hlen, n)));
    memcpy(h + 10, &sum, 2);
}

static void finish6(u8 *h, u32 n, bool to_us)
{
    h[0] = (u8)(0x60 | (h[0] & 15));
    store_be16(h + 4, (u16)(n - IP6_HLEN));
    memcpy(h + 8, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
    memcpy(h + 24, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    h[39] = to_us ? 1 : 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (!n)
        return 0;
    lan_begin(*p++);
    for (n--; n > 2;) {
        u8 how = p[0], frame[ETH_HLEN + 1024] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
        bool v6 = how & 4, to_us = !(how & 8);
        u32 len = (u32)min(n - 2, (size_t)p[1] * 4), whole = max(len, IP6_HLEN);
        memcpy(frame + ETH_HLEN, p + 2, len);
        store_be16(frame + 12, v6 ? ETH_IP6 : ETH_IP4);
        if (v6)
            finish6(frame + ETH_HLEN, whole, to_us);
        else
            finish4(frame + ETH_HLEN, whole, to_us);
        lan_frame(frame, ETH_HLEN + whole, lan_ms(how));
        p += 2 + len;
        n -= 2 + len;
    }
    lan_end();
    return 0;
}
