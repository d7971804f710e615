/* Classic BPF: the programs that decide which packets a capture or a socket sees (Linux: sk_filter, pcap's filters).
 *
 *     const char *why = cbpf_check(prog, n);             NULL: sound, and may be run on anything
 *     u32 keep = cbpf_run(prog, &view);                  bytes of the packet that are wanted; 0: it is not
 *
 * Two registers, A and X, both 0 at the start, and 16 words of scratch memory. Jumps go forward alone, so a program
 * ends after as many steps as it has instructions. A load beyond the packet ends the program with 0.
 *
 * The packet is a view: `linear` bytes in one piece, which loads take inline, and `read` for what lies elsewhere
 * (fragments, a tag that the device took out). What is known of it besides stands in the other fields and is reached
 * by loads at CBPF_AD_OFF + CBPF_AD_..., Linux's numbers.
 */
#ifndef NET_BPF_CBPF_H
#define NET_BPF_CBPF_H

#include "lib/base.h"
#include "lib/out.h"

#define CBPF_MOST  4096u /* instructions of a program */
#define CBPF_WORDS 16u   /* of scratch memory */

struct cbpf_insn {
    u16 code;
    u8 jt, jf; /* conditional jumps: so many instructions further on */
    u32 k;
};

/* code: a class, and what it makes of the other bits */
enum {
    CBPF_LD = 0x00,
    CBPF_LDX = 0x01,
    CBPF_ST = 0x02,
    CBPF_STX = 0x03,
    CBPF_ALU = 0x04,
    CBPF_JMP = 0x05,
    CBPF_RET = 0x06,
    CBPF_MISC = 0x07,
    /* loads: size, and from where */
    CBPF_W = 0x00,
    CBPF_H = 0x08,
    CBPF_B = 0x10,
    CBPF_IMM = 0x00,
    CBPF_ABS = 0x20,
    CBPF_IND = 0x40, /* at X + k */
    CBPF_MEM = 0x60,
    CBPF_LEN = 0x80,
    CBPF_MSH = 0xa0, /* 4 * (byte & 15): the length of an IPv4 header */
    /* arithmetic */
    CBPF_ADD = 0x00,
    CBPF_SUB = 0x10,
    CBPF_MUL = 0x20,
    CBPF_DIV = 0x30,
    CBPF_OR = 0x40,
    CBPF_AND = 0x50,
    CBPF_LSH = 0x60,
    CBPF_RSH = 0x70,
    CBPF_NEG = 0x80,
    CBPF_MOD = 0x90,
    CBPF_XOR = 0xa0,
    /* jumps */
    CBPF_JA = 0x00,
    CBPF_JEQ = 0x10,
    CBPF_JGT = 0x20,
    CBPF_JGE = 0x30,
    CBPF_JSET = 0x40,
    /* the second operand: k, or */
    CBPF_X = 0x08,
    CBPF_A = 0x10, /* of CBPF_RET */
    CBPF_TAX = 0x00,
    CBPF_TXA = 0x80,
};

#define CBPF_AD_OFF 0xfffff000u

enum cbpf_ad {
    CBPF_AD_PROTOCOL = 0,
    CBPF_AD_PKTTYPE = 4,
    CBPF_AD_IFINDEX = 8,
    CBPF_AD_HATYPE = 28,
    CBPF_AD_VLAN_TAG = 44,
    CBPF_AD_VLAN_TAG_PRESENT = 48,
    CBPF_AD_VLAN_TPID = 60,
};

/* view.pkttype */
enum { CBPF_HOST = 0, CBPF_BROADCAST = 1, CBPF_MULTICAST = 2, CBPF_OTHERHOST = 3, CBPF_OUTGOING = 4 };

struct cbpf_view {
    const u8 *p;
    u32 linear; /* bytes at p */
    u32 there;  /* bytes that can be loaded: linear, or more by read */
    u32 len;    /* of the packet: what CBPF_LEN gives */
    /* n <= 4 bytes from off on, off + n <= there; false: they could not be had. NULL where linear == there */
    bool (*read)(const struct cbpf_view *v, u32 off, void *to, u32 n);
    const void *arg;
    /* ---- known besides ---- */
    u32 ifindex;
    u16 protocol, pkttype, hatype;
    bool vlan; /* a tag that is not among the bytes: */
    u16 vlan_tci, vlan_type;
};

const char *cbpf_check(const struct cbpf_insn *p, u32 n); /* NULL, or why it must not be run */
u32 cbpf_run(const struct cbpf_insn *p, const struct cbpf_view *v);

/* As tcpdump prints programs: -d, -dd, -ddd. */
enum cbpf_style { CBPF_READABLE = 1, CBPF_C, CBPF_DECIMAL };
void cbpf_print(struct out *o, const struct cbpf_insn *p, u32 n, enum cbpf_style style);

#endif
