/* Any text as a filter expression: refused with a reason at a place in it, or a program that is sound and ends. */
#include "lib/plat.h"
#include "lib/string.h"
#include "net/bpf/pcap_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static char text[1024];
    static const u8 packet[64] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45};
    struct cbpf_view v = {.p = packet, .linear = sizeof(packet), .there = sizeof(packet), .len = 100};
    struct pcap_filter f;
    struct pcap_err err;
    struct out none;
    if (n >= sizeof(text))
        return 0;
    memcpy(text, p, n);
    text[n] = '\0';
    int status = pcap_compile(&f, text, 77, n & 1, &err);
    if (status == -EINVAL && (!*err.msg || err.col > strlen(text)))
        panic("refused without a reason, or at no place");
    if (status)
        return 0;
    if (cbpf_check(f.insn, f.n))
        panic("an unsound program");
    u32 keep = cbpf_run(f.insn, &v);
    if (keep && keep != 77)
        panic("neither all nor nothing is kept");
    out_null_init(&none);
    cbpf_print(&none, f.insn, f.n, CBPF_READABLE);
    pcap_filter_free(&f);
    return 0;
}
