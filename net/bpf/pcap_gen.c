/* From a tree of tests to instructions (pcap_filter.h). The last instruction is made first, so where a jump goes to is
 * always known:
 *
 *     made last                                                             made first
 *     [load a] [if] --true--> [load b] [if] --true--> ...   [ret snaplen]   [ret 0]
 *                `--false---------------------------------------------------^
 *
 * A place is counted from the program's end. A jump that is too far for its 8 bits goes by way of a `ja` behind it.
 * Where a jump leads to the very load that was just made, it goes past that; and where what it has found out decides
 * the comparison that stands there, on to where that leads. That is all the optimising there is.
 */
#include "lib/plat.h"
#include "lib/string.h"
#include "net/bpf/pcap_node.h"

#define FAR 250u /* of 255: some room for the instructions of the jump itself */

struct gen {
    struct cbpf_insn *r; /* [0] is the last instruction */
    u32 n;
    bool full, deep;
};

static void emit(struct gen *g, u32 code, u32 k)
{
    if (g->n == CBPF_MOST) {
        g->full = true;
        return;
    }
    g->r[g->n++] = (struct cbpf_insn){.code = (u16)code, .k = k};
}

/* ---- jumps ---- */

static bool same_load(const struct cbpf_insn *a, u32 code, u32 k)
{
    return a->code == code && a->k == k;
}

/* A holds what `load` gave, compared by JEQ with k: `is` or is not equal. Where does one go on from `to`? */
static u32 thread(const struct gen *g, u32 to, const struct cbpf_insn *load, u32 k, bool known, bool is)
{
    while (to && same_load(&g->r[to], load->code, load->k)) {
        const struct cbpf_insn *next = &g->r[to - 1];
        if (!known || next->code != (CBPF_JMP | CBPF_JEQ) || (!is && next->k != k))
            return to - 1;
        to = to - 2 - (is && next->k == k ? next->jt : next->jf);
    }
    return to;
}

/* The place `to` in reach of a jump that is made now. */
static u32 in_reach(struct gen *g, u32 to)
{
    if (g->n - to <= FAR)
        return to;
    emit(g, CBPF_JMP | CBPF_JA, g->n - to - 1);
    return g->n - 1;
}

/* if (A op k) jt else jf */
static void jump(struct gen *g, u32 op, u32 k, u32 jt, u32 jf)
{
    jt = in_reach(g, jt);
    jf = in_reach(g, jf);
    u32 at = g->n;
    emit(g, CBPF_JMP | op, k);
    if (g->full)
        return;
    g->r[at].jt = (u8)(at - jt - 1);
    g->r[at].jf = (u8)(at - jf - 1);
}

/* ---- fields ---- */

static void field(struct gen *g, const struct test *t, u32 jt, u32 jf)
{
    bool l4 = t->from == FROM_L4;
    struct cbpf_insn load = {.code = (u16)(CBPF_LD | (l4 ? CBPF_IND : CBPF_ABS) | t->size), .k = t->off};
    u32 op = t->op, k = t->k, mask = t->mask;
    if (!mask) /* of no bit: no packet is too short for it */
        load = (struct cbpf_insn){.code = CBPF_LD | CBPF_IMM};
    else if (t->len)
        load = (struct cbpf_insn){.code = CBPF_LD | CBPF_LEN};
    if (op == CBPF_JEQ && !k && mask != ~0u) { /* no bit of the mask: the other way round */
        u32 swap = jt;
        jt = jf;
        jf = swap;
        op = CBPF_JSET;
        k = mask;
        mask = ~0u;
    }
    if (!l4 && mask == ~0u) {
        jt = thread(g, jt, &load, k, op == CBPF_JEQ, true);
        jf = thread(g, jf, &load, k, op == CBPF_JEQ, false);
    }
    jump(g, op, k, jt, jf);
    if (mask != ~0u)
        emit(g, CBPF_ALU | CBPF_AND, mask);
    emit(g, load.code, load.k);
    if (l4 && t->mask)
        emit(g, CBPF_LDX | CBPF_MSH | CBPF_B, t->nl);
}

/* ---- arithmetic: its value comes into A; scratch words from `word` on are free ---- */

static void arith(struct gen *g, const struct arith *a, u32 word);

static void load(struct gen *g, const struct arith *a, u32 word)
{
    bool l4 = a->from == FROM_L4;
    if (a->a->kind == ARITH_NUMBER) {
        emit(g, CBPF_LD | (l4 ? CBPF_IND : CBPF_ABS) | a->size, a->k + a->a->k);
        if (l4)
            emit(g, CBPF_LDX | CBPF_MSH | CBPF_B, a->nl);
        return;
    }
    emit(g, CBPF_LD | CBPF_IND | a->size, a->k);
    emit(g, CBPF_MISC | CBPF_TAX, 0);
    if (l4) {
        emit(g, CBPF_ALU | CBPF_ADD | CBPF_X, 0);
        emit(g, CBPF_LDX | CBPF_MSH | CBPF_B, a->nl);
    }
    arith(g, a->a, word);
}

/* Into X what b is worth, into A what a is: b first, by way of a scratch word. */
static void operands(struct gen *g, const struct arith *a, const struct arith *b, u32 word)
{
    if (word == CBPF_WORDS) {
        g->deep = true;
        return;
    }
    emit(g, CBPF_LDX | CBPF_MEM, word);
    arith(g, a, word + 1);
    emit(g, CBPF_ST, word);
    arith(g, b, word);
}

static void arith(struct gen *g, const struct arith *a, u32 word)
{
    switch (a->kind) {
    case ARITH_NUMBER: emit(g, CBPF_LD | CBPF_IMM, a->k); break;
    case ARITH_LEN: emit(g, CBPF_LD | CBPF_LEN, 0); break;
    case ARITH_LOAD: load(g, a, word); break;
    case ARITH_NEG:
        emit(g, CBPF_ALU | CBPF_NEG, 0);
        arith(g, a->a, word);
        break;
    case ARITH_BINARY:
        if (a->b->kind == ARITH_NUMBER) {
            emit(g, CBPF_ALU | a->op, a->b->k);
            arith(g, a->a, word);
        } else {
            emit(g, CBPF_ALU | CBPF_X | a->op, 0);
            operands(g, a->a, a->b, word);
        }
        break;
    }
}

static void compare(struct gen *g, const struct test *t, u32 jt, u32 jf)
{
    if (t->right->kind == ARITH_NUMBER) {
        jump(g, t->op, t->right->k, jt, jf);
        arith(g, t->left, 0);
    } else {
        jump(g, CBPF_X | t->op, 0, jt, jf);
        operands(g, t->left, t->right, 0);
    }
}

/* ---- trees ---- */

/* Goes to jt when t holds, to jf else; the place where that begins. Chains lean to the left and are walked, not
 * called, so that a long one costs no stack. */
static u32 condition(struct gen *g, const struct test *t, u32 jt, u32 jf)
{
    while (t->kind <= TEST_NOT && !g->full) {
        if (t->kind == TEST_NOT) {
            u32 swap = jt;
            jt = jf;
            jf = swap;
        } else if (t->kind == TEST_AND) {
            jt = condition(g, t->b, jt, jf);
        } else {
            jf = condition(g, t->b, jt, jf);
        }
        t = t->a;
    }
    if (g->full)
        return 0;
    if (t->kind == TEST_FIELD)
        field(g, t, jt, jf);
    else
        compare(g, t, jt, jf);
    return g->n ? g->n - 1 : 0;
}

static void whole(struct gen *g, const struct test *root, u32 snaplen)
{
    emit(g, CBPF_RET, 0);
    emit(g, CBPF_RET, snaplen);
    if (root)
        condition(g, root, 1, 0);
}

/* Turned round, into memory of its size. */
static int finish(struct pcap_filter *f, const struct gen *g, bool all)
{
    u32 skip = all ? 1 : 0; /* nothing goes to `ret 0` where everything matches */
    f->n = g->n - skip;
    f->insn = mem_alloc(f->n * sizeof(*f->insn));
    if (!f->insn)
        return -ENOMEM;
    for (u32 i = 0; i < f->n; i++)
        f->insn[i] = g->r[g->n - 1 - i];
    const char *why = cbpf_check(f->insn, f->n);
    if (PLAT_DEBUG && why && !str_eq(why, "no memory"))
        panic("pcap_compile made a program that is refused: %s", why);
    if (!why)
        return 0;
    pcap_filter_free(f);
    return -ENOMEM;
}

static int generate(struct pcap_filter *f, const struct test *root, u32 snaplen, struct pcap_err *err)
{
    struct gen g = {.r = mem_alloc(CBPF_MOST * sizeof(*g.r))};
    int status = -EINVAL;
    if (!g.r)
        return -ENOMEM;
    whole(&g, root, snaplen);
    if (g.full || g.deep)
        str_copy(err->msg, sizeof(err->msg),
                 g.full ? "the expression makes more than 4096 instructions"
                        : "the arithmetic wants more than 16 words of memory");
    else
        status = finish(f, &g, !root);
    mem_free(g.r);
    return status;
}

int pcap_compile(struct pcap_filter *f, const char *text, u32 snaplen, bool live, struct pcap_err *err)
{
    struct pcap_tree tree = {0};
    struct test *root;
    int status = -EINVAL;
    *f = (struct pcap_filter){0};
    if (pcap_parse(&tree, text, live, &root, err))
        status = generate(f, root, snaplen, err);
    pcap_tree_free(&tree);
    return status;
}

void pcap_filter_free(struct pcap_filter *f)
{
    mem_free(f->insn);
    *f = (struct pcap_filter){0};
}
