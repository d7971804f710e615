/* Any bytes as a program: refused, or run over a packet within its bounds, whole and in pieces with the same end.
 *
 * First byte: how many instructions; then they, 8 bytes each; the rest is the packet. */
#include "lib/plat.h"
#include "lib/string.h"
#include "net/bpf/cbpf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static bool read_rest(const struct cbpf_view *v, u32 off, void *to, u32 n)
{
    if (n > 4 || off + n > v->there)
        panic("a load out of bounds");
    memcpy(to, (const u8 *)v->arg + off, n);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct cbpf_insn insn[256];
    struct out none;
    if (!n || n < 1 + p[0] * 8u)
        return 0;
    u32 count = p[0];
    for (u32 i = 0; i < count; i++) {
        const u8 *at = p + 1 + i * 8;
        insn[i] = (struct cbpf_insn){load_le16(at), at[2], at[3], load_le32(at + 4)};
    }
    if (cbpf_check(insn, count))
        return 0;
    u32 len = (u32)n - 1 - count * 8;
    u8 *packet = malloc(len + !len); /* of its size: a load beyond it is seen */
    memcpy(packet, p + n - len, len);
    struct cbpf_view whole = {.p = packet, .linear = len, .there = len, .len = len + 10, .vlan = true, .vlan_tci = 5};
    struct cbpf_view pieces = whole;
    pieces.linear = len / 2;
    pieces.read = read_rest;
    pieces.arg = packet;
    if (cbpf_run(insn, &whole) != cbpf_run(insn, &pieces))
        panic("pieces end elsewhere than the whole");
    out_null_init(&none);
    cbpf_print(&none, insn, count, CBPF_READABLE);
    free(packet);
    return 0;
}
