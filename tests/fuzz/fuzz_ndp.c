/* Any messages of neighbour discovery, one after the other: solicitations, advertisements, those of routers. Nothing
 * crashes, no bound is passed, no packet is lost sight of.
 *
 * A byte of switches, then of each message a byte of addresses and time, one of its type and hop limit, one by how many
 * units of 4 bytes it is, and its bytes. 1500 inputs in make test. */
#include "lib/plat.h"
#include "tests/fuzz/lan.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (!n)
        return 0;
    lan_begin(*p++);
    for (n--; n > 3;) {
        u8 how = p[0], type = p[1], message[1020] = {0};
        u32 len = (u32)min(n - 3, (size_t)p[2] * 4);
        memcpy(message, p + 3, len);
        message[0] = 133 + type % 5;
        lan_icmp6(message, len, how, type & 0x80 ? 64 : 255);
        p += 3 + len;
        n -= 3 + len;
    }
    lan_end();
    return 0;
}
