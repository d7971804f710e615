/* tests/tcpdump/packets.pcap, read for tests (packets.h). */
#include "tests/unit/net/bpf/packets.h"

#include "lib/byteorder.h"
#include "lib/check.h"

#include <stdio.h>
#include <stdlib.h>

#define SIZE_MOST (1 << 20)

bool packets_read(struct packets *all)
{
    return packets_read_file(all, "tests/tcpdump/packets.pcap");
}

bool packets_read_file(struct packets *all, const char *path)
{
    FILE *f = fopen(path, "rb");
    *all = (struct packets){.bytes = malloc(SIZE_MOST)};
    if (f && all->bytes)
        all->size = fread(all->bytes, 1, SIZE_MOST, f);
    if (f)
        fclose(f);
    if (all->size < 24 || load_le32(all->bytes) != 0xa1b2c3d4) {
        test_failed(__FILE__, __LINE__, "%s cannot be read", path);
        packets_free(all);
        return false;
    }
    for (size_t at = 24; at + 16 <= all->size && all->n < PACKETS_MOST; all->n++) {
        all->packet[all->n].p = all->bytes + at + 16;
        all->packet[all->n].kept = load_le32(all->bytes + at + 8);
        all->packet[all->n].len = load_le32(all->bytes + at + 12);
        at += 16 + all->packet[all->n].kept;
    }
    return true;
}

void packets_free(struct packets *all)
{
    free(all->bytes);
    *all = (struct packets){0};
}

void packets_view(const struct packets *all, u32 i, struct cbpf_view *v)
{
    u32 kept = all->packet[i].kept;
    *v = (struct cbpf_view){.p = all->packet[i].p, .linear = kept, .there = kept, .len = all->packet[i].len};
}
