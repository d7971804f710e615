/* Capture files in the form of libpcap: written to an out, read from a cmd_io. Of Ethernet, or cooked.
 *
 *     header 24 bytes: magic, version 2.4, zone, accuracy, snap length, link type
 *     a packet: seconds, microseconds (or nanoseconds, by the magic), bytes kept, bytes of the packet; then they
 *
 * Files of either byte order and of either resolution are read; pcapng is refused by name. */
#ifndef NET_DEV_TCPDUMP_PCAP_FILE_H
#define NET_DEV_TCPDUMP_PCAP_FILE_H

#include "lib/io.h"
#include "lib/out.h"

#define PCAP_SNAP_MOST 262144u
#define PCAP_ETHERNET  1u   /* link types */
#define PCAP_SLL2      276u /* net/dev/tcpdump/sll2.h */

void pcap_write_header(struct out *o, u32 snaplen, u32 link);
void pcap_write_packet(struct out *o, u64 wall_ns, const u8 *bytes, u32 kept, u32 len);

struct pcap_reader {
    struct cmd_io *io;
    bool swapped, nanoseconds;
    u32 link;
    u32 snaplen;
    u8 *bytes; /* of the packet read last, up to PCAP_SNAP_MOST */
    u32 kept, len;
    u64 wall_ns;
    const char *why; /* what is wrong with it */
};

int pcap_open(struct pcap_reader *r, struct cmd_io *io); /* 0, -EINVAL with why, -ENOMEM, -errno of the reading */
int pcap_next_packet(struct pcap_reader *r);             /* 1; 0 at the end; -EINVAL with why, -errno */
void pcap_close(struct pcap_reader *r);

#endif
