/* Classic BPF as text (contract: cbpf.h).
 *
 *     -d      (000) ldh      [12]                for persons: the place, what is done, where a jump goes
 *     -dd     { 0x28, 0, 0, 0x0000000c },       for a C program
 *     -ddd    40 0 0 12                         for other programs, behind a line that says how many there are
 *
 * The form is that of tcpdump, letter by letter, so that what compares programs can read both. */
#include "lib/fmt.h"
#include "net/bpf/cbpf.h"

static const char *load_name(u16 code)
{
    if ((code & 7) == CBPF_LDX)
        return (code & 0xe0) == CBPF_MSH ? "ldxb" : "ldx";
    return code & CBPF_B ? "ldb" : code & CBPF_H ? "ldh" : "ld";
}

static const char *name_of(u16 code)
{
    static const char *const alu[16] = {"add", "sub", "mul", "div", "or", "and", "lsh", "rsh", "neg", "mod", "xor"};
    static const char *const jump[16] = {"ja", "jeq", "jgt", "jge", "jset"};
    switch (code & 7) {
    case CBPF_LD:
    case CBPF_LDX: return load_name(code);
    case CBPF_ST: return "st";
    case CBPF_STX: return "stx";
    case CBPF_ALU: return alu[code >> 4];
    case CBPF_JMP: return jump[code >> 4];
    case CBPF_RET: return "ret";
    default: return code & CBPF_TXA ? "txa" : "tax";
    }
}

static const char *ad_name(u32 k)
{
    switch (k - CBPF_AD_OFF) {
    case CBPF_AD_PROTOCOL: return "proto";
    case CBPF_AD_PKTTYPE: return "type";
    case CBPF_AD_IFINDEX: return "ifidx";
    case CBPF_AD_HATYPE: return "hatype";
    case CBPF_AD_VLAN_TAG: return "vlan_tci";
    case CBPF_AD_VLAN_TAG_PRESENT: return "vlanp";
    default: return "vlan_tpid";
    }
}

static void load_operand(char *to, size_t size, const struct cbpf_insn *i)
{
    switch (i->code & 0xe0) {
    case CBPF_IMM: fmt(to, size, "#0x%x", i->k); break;
    case CBPF_ABS:
        if (i->k >= CBPF_AD_OFF)
            fmt(to, size, "%s", ad_name(i->k));
        else
            fmt(to, size, "[%u]", i->k);
        break;
    case CBPF_IND: fmt(to, size, "[x + %u]", i->k); break;
    case CBPF_MEM: fmt(to, size, "M[%u]", i->k); break;
    case CBPF_LEN: fmt(to, size, "#pktlen"); break;
    default: fmt(to, size, "4*([%u]&0xf)", i->k);
    }
}

static void constant(char *to, size_t size, const char *in, bool hex, u32 k)
{
    if (in)
        fmt(to, size, "%s", in);
    else if (hex)
        fmt(to, size, "#0x%x", k);
    else
        fmt(to, size, "#%u", k);
}

static void operand(char *to, size_t size, const struct cbpf_insn *i, u32 at)
{
    u8 op = i->code & 0xf0;
    bool bits = op == CBPF_AND || op == CBPF_OR || op == CBPF_XOR; /* the others are numbers to a reader */
    *to = '\0';
    switch (i->code & 7) {
    case CBPF_LD:
    case CBPF_LDX: load_operand(to, size, i); break;
    case CBPF_ST:
    case CBPF_STX: fmt(to, size, "M[%u]", i->k); break;
    case CBPF_ALU:
        if (op != CBPF_NEG)
            constant(to, size, i->code & CBPF_X ? "x" : NULL, bits, i->k);
        break;
    case CBPF_JMP:
        if (op == CBPF_JA)
            fmt(to, size, "%u", at + 1 + i->k);
        else
            constant(to, size, i->code & CBPF_X ? "x" : NULL, true, i->k);
        break;
    case CBPF_RET: constant(to, size, i->code & CBPF_A ? "a" : i->code & CBPF_X ? "x" : NULL, false, i->k); break;
    }
}

static void print_readable(struct out *o, const struct cbpf_insn *i, u32 at)
{
    char text[40];
    operand(text, sizeof(text), i, at);
    if ((i->code & 7) == CBPF_JMP && (i->code & 0xf0))
        out_text(o, "(%03u) %-8s %-16s jt %u\tjf %u\n", at, name_of(i->code), text, at + 1 + i->jt, at + 1 + i->jf);
    else
        out_text(o, "(%03u) %-8s %s\n", at, name_of(i->code), text);
}

void cbpf_print(struct out *o, const struct cbpf_insn *p, u32 n, enum cbpf_style style)
{
    if (style == CBPF_DECIMAL)
        out_text(o, "%u\n", n);
    for (u32 i = 0; i < n; i++) {
        if (style == CBPF_READABLE)
            print_readable(o, &p[i], i);
        else
            out_text(o, style == CBPF_C ? "{ 0x%x, %u, %u, 0x%08x },\n" : "%u %u %u %u\n", p[i].code, p[i].jt, p[i].jf,
                     p[i].k);
    }
}
