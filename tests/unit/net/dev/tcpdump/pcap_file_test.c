/* Capture files: what is written is read again, in either byte order and resolution; what is wrong is told. */
#include "net/dev/tcpdump/pcap_file.h"

#include "lib/byteorder.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"

static char file[600];
static const u8 bytes[] = {1, 2, 3, 4, 5, 6, 7};

static size_t write_one(u64 wall_ns)
{
    struct out_mem m;
    out_mem_init(&m, file, sizeof(file), false);
    pcap_write_header(&m.out, 96, PCAP_ETHERNET);
    pcap_write_packet(&m.out, wall_ns, bytes, sizeof(bytes), 1500);
    return out_mem_len(&m);
}

static int open_file(struct pcap_reader *r, struct io_mem *io, size_t n)
{
    io_mem_init(io, file, n);
    return pcap_open(r, &io->io);
}

TEST(pcap_file_round)
{
    struct pcap_reader r;
    struct io_mem io;
    size_t n = write_one(1700000001ull * NS_PER_S + 2003004);
    CHECK_EQ(n, 24 + 16 + sizeof(bytes));
    CHECK_MEM(file, "\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\x60\0\0\0\1\0\0\0", 24);
    CHECK_EQ(open_file(&r, &io, n), 0);
    CHECK_EQ(r.snaplen, 96);
    CHECK_EQ(pcap_next_packet(&r), 1);
    CHECK_EQ(r.kept, sizeof(bytes));
    CHECK_EQ(r.len, 1500);
    CHECK_MEM(r.bytes, bytes, sizeof(bytes));
    CHECK_EQ(r.wall_ns, 1700000001ull * NS_PER_S + 2003000);
    CHECK_EQ(pcap_next_packet(&r), 0);
    pcap_close(&r);
}

/* The other byte order, and nanoseconds. */
TEST(pcap_file_of_others)
{
    struct pcap_reader r;
    struct io_mem io;
    size_t n = write_one(5 * NS_PER_S + 7000);
    store_le32(file, 0xa1b23c4d);
    CHECK_EQ(open_file(&r, &io, n), 0);
    CHECK_EQ(pcap_next_packet(&r), 1);
    CHECK_EQ(r.wall_ns, 5 * NS_PER_S + 7);
    pcap_close(&r);
    write_one(5 * NS_PER_S + 7000);
    for (u32 at = 0; at < 40; at += 4)
        if (at != 4)
            store_be32(file + at, load_le32(file + at));
    CHECK_EQ(open_file(&r, &io, n), 0);
    CHECK_EQ(r.snaplen, 96);
    CHECK_EQ(pcap_next_packet(&r), 1);
    CHECK_EQ(r.kept, sizeof(bytes));
    CHECK_EQ(r.wall_ns, 5 * NS_PER_S + 7000);
    pcap_close(&r);
}

static void refused_at_open(size_t n, const char *why)
{
    struct pcap_reader r;
    struct io_mem io;
    CHECK_EQ(open_file(&r, &io, n), -EINVAL);
    CHECK_STR(r.why, why);
}

TEST(pcap_file_refused)
{
    struct pcap_reader r;
    struct io_mem io;
    size_t n = write_one(0);
    refused_at_open(23, "truncated dump file: no whole file header");
    store_le32(file, 0x0a0d0d0a);
    refused_at_open(n, "a pcapng file: only pcap files are read here");
    store_le32(file, 0x12345678);
    refused_at_open(n, "unknown file format");
    write_one(0);
    store_le32(file + 20, 113);
    refused_at_open(n, "its link type is neither Ethernet nor LINUX_SLL2");
    write_one(0);
    for (size_t cut = 25; cut < n; cut++) {
        CHECK_EQ(open_file(&r, &io, cut), 0);
        CHECK_EQ(pcap_next_packet(&r), -EINVAL);
        CHECK(str_starts(r.why, "truncated dump file: no whole packet"));
        pcap_close(&r);
    }
    store_le32(file + 24 + 8, PCAP_SNAP_MOST + 1);
    CHECK_EQ(open_file(&r, &io, n), 0);
    CHECK_EQ(pcap_next_packet(&r), -EINVAL);
    CHECK_STR(r.why, "a packet has more bytes than a file may hold of one");
    pcap_close(&r);
}
