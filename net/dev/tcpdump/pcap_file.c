/* Capture files in the form of libpcap (contract: pcap_file.h).
 *
 * What is written is in the machine's byte order, with microseconds, as tcpdump writes. What is read comes from
 * anybody: a length is believed up to PCAP_SNAP_MOST and no further, and a file that ends in the middle of something is
 * told from one that ends.
 */
#include "net/dev/tcpdump/pcap_file.h"

#include "lib/byteorder.h"
#include "lib/plat.h"

#define MAGIC    0xa1b2c3d4u
#define MAGIC_NS 0xa1b23c4du
#define PCAPNG   0x0a0d0d0au

void pcap_write_header(struct out *o, u32 snaplen, u32 link)
{
    u8 h[24] = {0};
    store_le32(h, MAGIC);
    store_le16(h + 4, 2);
    store_le16(h + 6, 4);
    store_le32(h + 16, snaplen);
    store_le32(h + 20, link);
    out_raw(o, (const char *)h, sizeof(h));
}

void pcap_write_packet(struct out *o, u64 wall_ns, const u8 *bytes, u32 kept, u32 len)
{
    u8 h[16];
    store_le32(h, (u32)(wall_ns / NS_PER_S));
    store_le32(h + 4, (u32)(wall_ns % NS_PER_S / NS_PER_US));
    store_le32(h + 8, kept);
    store_le32(h + 12, len);
    out_raw(o, (const char *)h, sizeof(h));
    out_raw(o, (const char *)bytes, kept);
}

/* n bytes, or fewer where the file ends; -errno. */
static ssize read_whole(struct cmd_io *io, u8 *to, size_t n)
{
    size_t had = 0;
    while (had < n) {
        ssize some = io_read(io, to + had, n - had);
        if (some < 0)
            return some;
        if (!some)
            break;
        had += (size_t)some;
    }
    return (ssize)had;
}

static u32 word(const struct pcap_reader *r, const u8 *p)
{
    return r->swapped ? load_be32(p) : load_le32(p);
}

static int refuse(struct pcap_reader *r, const char *why)
{
    r->why = why;
    return -EINVAL;
}

static int read_header(struct pcap_reader *r)
{
    u8 h[24];
    ssize n = read_whole(r->io, h, sizeof(h));
    if (n < 0)
        return (int)n;
    if (n < (ssize)sizeof(h))
        return refuse(r, "truncated dump file: no whole file header");
    u32 magic = load_le32(h), other = load_be32(h);
    r->swapped = other == MAGIC || other == MAGIC_NS;
    r->nanoseconds = magic == MAGIC_NS || other == MAGIC_NS;
    if (magic == PCAPNG)
        return refuse(r, "a pcapng file: only pcap files are read here");
    if (magic != MAGIC && magic != MAGIC_NS && !r->swapped)
        return refuse(r, "unknown file format");
    r->link = word(r, h + 20) & 0xffff;
    if (r->link != PCAP_ETHERNET && r->link != PCAP_SLL2)
        return refuse(r, "its link type is neither Ethernet nor LINUX_SLL2");
    r->snaplen = word(r, h + 16);
    return 0;
}

int pcap_open(struct pcap_reader *r, struct cmd_io *io)
{
    *r = (struct pcap_reader){.io = io, .bytes = mem_alloc(PCAP_SNAP_MOST)};
    int err = r->bytes ? read_header(r) : -ENOMEM;
    if (err)
        pcap_close(r);
    return err;
}

int pcap_next_packet(struct pcap_reader *r)
{
    u8 h[16];
    ssize n = read_whole(r->io, h, sizeof(h));
    if (n <= 0)
        return (int)n;
    if (n < (ssize)sizeof(h))
        return refuse(r, "truncated dump file: no whole packet header");
    u32 part = word(r, h + 4);
    r->wall_ns = word(r, h) * NS_PER_S + (r->nanoseconds ? part : part * NS_PER_US);
    r->kept = word(r, h + 8);
    r->len = word(r, h + 12);
    if (r->kept > PCAP_SNAP_MOST)
        return refuse(r, "a packet has more bytes than a file may hold of one");
    n = read_whole(r->io, r->bytes, r->kept);
    if (n < 0)
        return (int)n;
    return (u32)n < r->kept ? refuse(r, "truncated dump file: no whole packet") : 1;
}

void pcap_close(struct pcap_reader *r)
{
    mem_free(r->bytes);
    r->bytes = NULL;
}
