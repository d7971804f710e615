/* The filter language that people type behind tcpdump, made into a classic BPF program.
 *
 *     struct pcap_filter f;  struct pcap_err err;
 *     if (pcap_compile(&f, "tcp port 80 or 443", 262144, &err)) -> err.col, err.msg
 *     ... cbpf_run(f.insn, &view) ...
 *     pcap_filter_free(&f);
 *
 *     text --pcap_lex--> words --pcap_parse--> tests, joined by and, or, not --pcap_gen--> instructions
 *
 * Frames are Ethernet's, with their VLAN tags among the bytes. The language is that of pcap-filter(7): primitives for
 * host, net, port, portrange and proto with their qualifiers, lists of values ("port 80 or 443"), vlan, arithmetic on
 * bytes. Its rules hold: `and` and `or` bind alike, from the left; behind `vlan` all offsets are those of what the tag
 * encloses. Names of hosts and networks are not known here, those of usual services are. What the language has and
 * this has not (mpls, pppoes, wlan, gateway, protochain ...) is refused by name.
 */
#ifndef NET_BPF_PCAP_FILTER_H
#define NET_BPF_PCAP_FILTER_H

#include "net/bpf/cbpf.h"

#define PCAP_TEXT_MOST 8192u /* characters of an expression */

struct pcap_filter {
    struct cbpf_insn *insn;
    u32 n;
};

struct pcap_err {
    u32 col; /* from 0: where in the text */
    char msg[120];
};

/* 0, -EINVAL (told in err) or -ENOMEM. Packets that match give `snaplen`. "": all do. Live: what is known of a packet
 * besides its bytes can be asked for too (inbound, outbound). */
int pcap_compile(struct pcap_filter *f, const char *text, u32 snaplen, bool live, struct pcap_err *err);
void pcap_filter_free(struct pcap_filter *f);

#endif
