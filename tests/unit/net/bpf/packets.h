/* tests/tcpdump/packets.pcap, read for tests. */
#ifndef UNIT_NET_BPF_PACKETS_H
#define UNIT_NET_BPF_PACKETS_H

#include "net/bpf/cbpf.h"

#define PACKETS_MOST 600

struct packets {
    u8 *bytes; /* of the file */
    size_t size;
    u32 n;
    struct {
        const u8 *p;
        u32 kept, len;
    } packet[PACKETS_MOST];
};

bool packets_read(struct packets *all); /* false, told: it cannot be read */
bool packets_read_file(struct packets *all, const char *path);
void packets_free(struct packets *all);
void packets_view(const struct packets *all, u32 i, struct cbpf_view *v);

#endif
