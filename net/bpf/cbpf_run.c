/* Classic BPF: the checker and the interpreter (contract: cbpf.h). Linux: bpf_check_classic, net/core/filter.c.
 *
 * The checker lets through what cannot leave its bounds: codes that there are, jumps that end inside, scratch words
 * that exist and were written on every way to where they are read, constants that divide and shift. The interpreter
 * relies on that and looks only at what depends on the packet: how long it is, and a divisor in X.
 */
#include "net/bpf/cbpf.h"

#include "lib/byteorder.h"
#include "lib/plat.h"

/* ---- the checker ---- */

static bool known_ad(u32 k)
{
    switch (k - CBPF_AD_OFF) {
    case CBPF_AD_PROTOCOL:
    case CBPF_AD_PKTTYPE:
    case CBPF_AD_IFINDEX:
    case CBPF_AD_HATYPE:
    case CBPF_AD_VLAN_TAG:
    case CBPF_AD_VLAN_TAG_PRESENT:
    case CBPF_AD_VLAN_TPID: return true;
    default: return false;
    }
}

static const char *check_alu(const struct cbpf_insn *i)
{
    switch (i->code & 0xf0) {
    case CBPF_DIV:
    case CBPF_MOD: return !(i->code & CBPF_X) && !i->k ? "division by zero" : NULL;
    case CBPF_LSH:
    case CBPF_RSH: return !(i->code & CBPF_X) && i->k > 31 ? "shift by more than 31 bits" : NULL;
    case CBPF_NEG: return i->code & CBPF_X ? "unknown instruction" : NULL;
    case CBPF_ADD:
    case CBPF_SUB:
    case CBPF_MUL:
    case CBPF_OR:
    case CBPF_AND:
    case CBPF_XOR: return NULL;
    default: return "unknown instruction";
    }
}

static const char *check_jump(const struct cbpf_insn *i, u32 left)
{
    switch (i->code & 0xf0) {
    case CBPF_JA: return i->code & CBPF_X ? "unknown instruction" : i->k >= left ? "jump out of the program" : NULL;
    case CBPF_JEQ:
    case CBPF_JGT:
    case CBPF_JGE:
    case CBPF_JSET: return i->jt >= left || i->jf >= left ? "jump out of the program" : NULL;
    default: return "unknown instruction";
    }
}

static const char *check_load(const struct cbpf_insn *i)
{
    switch (i->code) {
    case CBPF_LD | CBPF_ABS | CBPF_W:
    case CBPF_LD | CBPF_ABS | CBPF_H:
    case CBPF_LD | CBPF_ABS | CBPF_B:
        return (i->k >> 31) && !known_ad(i->k) ? "load from a place that is not known" : NULL;
    case CBPF_LD | CBPF_MEM:
    case CBPF_LDX | CBPF_MEM: return i->k >= CBPF_WORDS ? "scratch memory has 16 words" : NULL;
    case CBPF_LD | CBPF_IND | CBPF_W:
    case CBPF_LD | CBPF_IND | CBPF_H:
    case CBPF_LD | CBPF_IND | CBPF_B:
    case CBPF_LD | CBPF_IMM:
    case CBPF_LD | CBPF_LEN:
    case CBPF_LDX | CBPF_IMM:
    case CBPF_LDX | CBPF_LEN:
    case CBPF_LDX | CBPF_MSH | CBPF_B: return NULL;
    default: return "unknown instruction";
    }
}

/* `left`: instructions behind this one. */
static const char *check_one(const struct cbpf_insn *i, u32 left)
{
    if (i->code > 0xff)
        return "unknown instruction";
    switch (i->code & 7) {
    case CBPF_LD:
    case CBPF_LDX: return check_load(i);
    case CBPF_ST:
    case CBPF_STX:
        return i->code > CBPF_STX ? "unknown instruction" : i->k >= CBPF_WORDS ? "scratch memory has 16 words" : NULL;
    case CBPF_ALU: return check_alu(i);
    case CBPF_JMP: return check_jump(i, left);
    case CBPF_RET: return i->code & ~(CBPF_RET | CBPF_A) ? "unknown instruction" : NULL;
    default: return i->code & ~(CBPF_MISC | CBPF_TXA) ? "unknown instruction" : NULL;
    }
}

/* Is each scratch word written on every way to where it is read? Jumps go forward, so one walk tells: known[i] are the
 * words that all ways to i have written. */
static const char *check_scratch(const struct cbpf_insn *p, u32 n)
{
    const char *why = NULL;
    u16 *known = mem_alloc(n * sizeof(*known));
    if (!known)
        return "no memory";
    for (u32 i = 0; i < n; i++)
        known[i] = i ? 0xffff : 0;
    for (u32 i = 0; i < n && !why; i++) {
        u16 words = known[i];
        u8 class = p[i].code & 7;
        if (class == CBPF_ST || class == CBPF_STX)
            words |= (u16)(1u << p[i].k);
        if (class <= CBPF_LDX && (p[i].code & 0xe0) == CBPF_MEM && !(words >> p[i].k & 1))
            why = "scratch memory is read that was not written";
        if (class == CBPF_JMP) {
            bool always = (p[i].code & 0xf0) == CBPF_JA;
            u32 a = i + 1 + (always ? p[i].k : p[i].jt), b = i + 1 + (always ? p[i].k : p[i].jf);
            known[a] &= words;
            known[b] &= words;
        } else if (class != CBPF_RET && i + 1 < n) {
            known[i + 1] &= words;
        }
    }
    mem_free(known);
    return why;
}

const char *cbpf_check(const struct cbpf_insn *p, u32 n)
{
    if (!n || n > CBPF_MOST)
        return "a program has 1 to 4096 instructions";
    for (u32 i = 0; i < n; i++) {
        const char *why = check_one(&p[i], n - 1 - i);
        if (why)
            return why;
    }
    if ((p[n - 1].code & 7) != CBPF_RET)
        return "the last instruction does not end the program";
    return check_scratch(p, n);
}

/* ---- the interpreter ---- */

static u32 load_ad(const struct cbpf_view *v, u32 k)
{
    switch (k - CBPF_AD_OFF) {
    case CBPF_AD_PROTOCOL: return v->protocol;
    case CBPF_AD_PKTTYPE: return v->pkttype;
    case CBPF_AD_IFINDEX: return v->ifindex;
    case CBPF_AD_HATYPE: return v->hatype;
    case CBPF_AD_VLAN_TAG: return v->vlan ? v->vlan_tci : 0;
    case CBPF_AD_VLAN_TAG_PRESENT: return v->vlan;
    case CBPF_AD_VLAN_TPID: return v->vlan ? v->vlan_type : 0;
    default: return 0;
    }
}

static NOINLINE bool load_elsewhere(const struct cbpf_view *v, u64 off, u32 n, u8 *to)
{
    return off + n <= v->there && v->read && v->read(v, (u32)off, to, n);
}

/* n bytes, 1, 2 or 4, as a number. False: they are not there. */
static inline bool load(const struct cbpf_view *v, u64 off, u32 n, u32 *to)
{
    u8 bytes[4];
    const u8 *p = bytes;
    if (likely(off + n <= v->linear))
        p = v->p + off;
    else if (!load_elsewhere(v, off, n, bytes))
        return false;
    *to = n == 4 ? load_be32(p) : n == 2 ? load_be16(p) : *p;
    return true;
}

static inline bool alu(u8 op, u32 *a, u32 b)
{
    switch (op) {
    case CBPF_ADD: *a += b; break;
    case CBPF_SUB: *a -= b; break;
    case CBPF_MUL: *a *= b; break;
    case CBPF_OR: *a |= b; break;
    case CBPF_AND: *a &= b; break;
    case CBPF_XOR: *a ^= b; break;
    case CBPF_LSH: *a = b < 32 ? *a << b : 0; break;
    case CBPF_RSH: *a = b < 32 ? *a >> b : 0; break;
    case CBPF_NEG: *a = -*a; break;
    case CBPF_DIV:
        if (!b)
            return false;
        *a /= b;
        break;
    case CBPF_MOD:
        if (!b)
            return false;
        *a %= b;
        break;
    }
    return true;
}

static inline bool jumps(u8 op, u32 a, u32 b)
{
    switch (op) {
    case CBPF_JEQ: return a == b;
    case CBPF_JGT: return a > b;
    case CBPF_JGE: return a >= b;
    default: return a & b;
    }
}

struct machine {
    u32 a, x, m[CBPF_WORDS];
};

/* A load or a store. False: the program ends. */
static inline bool move(struct machine *s, const struct cbpf_insn *i, const struct cbpf_view *v)
{
    u32 size = i->code & CBPF_B ? 1 : i->code & CBPF_H ? 2 : 4, byte;
    switch (i->code) {
    case CBPF_LD | CBPF_ABS | CBPF_W:
    case CBPF_LD | CBPF_ABS | CBPF_H:
    case CBPF_LD | CBPF_ABS | CBPF_B:
        if (likely(i->k < CBPF_AD_OFF))
            return load(v, i->k, size, &s->a);
        s->a = load_ad(v, i->k);
        return true;
    case CBPF_LD | CBPF_IND | CBPF_W:
    case CBPF_LD | CBPF_IND | CBPF_H:
    case CBPF_LD | CBPF_IND | CBPF_B: return load(v, (u64)s->x + i->k, size, &s->a);
    case CBPF_LD | CBPF_IMM: s->a = i->k; return true;
    case CBPF_LD | CBPF_LEN: s->a = v->len; return true;
    case CBPF_LD | CBPF_MEM: s->a = s->m[i->k]; return true;
    case CBPF_LDX | CBPF_IMM: s->x = i->k; return true;
    case CBPF_LDX | CBPF_LEN: s->x = v->len; return true;
    case CBPF_LDX | CBPF_MEM: s->x = s->m[i->k]; return true;
    case CBPF_LDX | CBPF_MSH | CBPF_B:
        if (!load(v, i->k, 1, &byte))
            return false;
        s->x = (byte & 15) * 4;
        return true;
    case CBPF_ST: s->m[i->k] = s->a; return true;
    default: s->m[i->k] = s->x; return true; /* CBPF_STX */
    }
}

u32 cbpf_run(const struct cbpf_insn *i, const struct cbpf_view *v)
{
    struct machine s;
    s.a = s.x = 0; /* m: the checker has seen that what is read was written */

    for (;; i++) {
        u8 op = i->code & 0xf0;
        u32 operand = i->code & CBPF_X ? s.x : i->k;
        switch (i->code & 7) {
        case CBPF_ALU:
            if (!alu(op, &s.a, operand))
                return 0;
            break;
        case CBPF_JMP: i += op == CBPF_JA ? i->k : jumps(op, s.a, operand) ? i->jt : i->jf; break;
        case CBPF_RET: return i->code & CBPF_A ? s.a : i->code & CBPF_X ? s.x : i->k;
        case CBPF_MISC: *(i->code & CBPF_TXA ? &s.a : &s.x) = i->code & CBPF_TXA ? s.x : s.a; break;
        default:
            if (!move(&s, i, v))
                return 0;
        }
    }
}
