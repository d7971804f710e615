/* Any bytes as a packet, printed in every form; and any bytes as a capture file.
 *
 * First byte: the form; second: how many bytes of the rest were cut off when it was captured; 254: it is cooked, and
 * seen as a frame, too; 255: it is a file. */
#include "lib/plat.h"
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/dev/tcpdump/pcap_file.h"
#include "net/dev/tcpdump/sll2.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void read_file(const u8 *p, size_t n)
{
    struct io_mem mem;
    struct pcap_reader r;
    io_mem_init(&mem, (const char *)p, n);
    int err = pcap_open(&r, &mem.io);
    if (err == -EINVAL && !r.why)
        panic("refused without a reason");
    if (err)
        return;
    while ((err = pcap_next_packet(&r)) > 0)
        if (r.kept > PCAP_SNAP_MOST)
            panic("more than there is room for");
    if (err == -EINVAL && !r.why)
        panic("refused without a reason");
    pcap_close(&r);
}

/* What a cooked packet is as a frame, cooked again, is what it was, but for what it says of itself. */
static void cooked_and_back(u8 *p, u32 kept)
{
    u8 was[SLL2_HLEN], again[600 + SLL2_MORE];
    if (kept < SLL2_HLEN || kept > 600)
        return;
    sll2_as_ether(p, was);
    sll2_build(again, &(struct sll2_from){.ifindex = sll2_ifindex(was)}, p + SLL2_MORE, kept - SLL2_MORE);
    if (memcmp(again + 12, was + 12, 6) || memcmp(again + SLL2_HLEN, p + SLL2_HLEN, kept - SLL2_HLEN))
        panic("not what it was");
    memcpy(p, was, SLL2_HLEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct dump d;
    struct out none;
    if (n < 2)
        return 0;
    if (p[1] == 255) {
        read_file(p + 2, n - 2);
        return 0;
    }
    struct dump_form form = {.verbose = p[0] & 3,
                             .time = p[0] >> 2 & 3,
                             .link = p[0] & 16,
                             .quiet = p[0] & 32,
                             .hex = p[0] >> 6 & 1,
                             .text = p[0] >> 7};
    u32 kept = (u32)n - 2;
    u8 *bytes = malloc(kept + !kept); /* of its size: a look beyond it is seen */
    memcpy(bytes, p + 2, kept);
    struct dump_packet packet = {.bytes = bytes, .kept = kept, .len = kept + p[1], .wall_ns = 1700000000ull * NS_PER_S};
    if (p[1] == 254) {
        packet.cooked = "eth0";
        cooked_and_back(bytes, kept);
    }
    out_null_init(&none);
    dump_init(&d, &none, &form);
    dump_packet(&d, &packet);
    packet.wall_ns += NS_PER_S;
    dump_packet(&d, &packet); /* its numbers are relative now */
    dump_exit(&d);
    free(bytes);
    return 0;
}
