/* Arithmetic on the bytes of a packet, and comparisons of it (pcap_arith.h).
 *
 *     proto [ index : size ]     len     numbers     names of bits and bytes     + - * / % & | ^ << >>     ( )
 *
 * A load of a protocol's bytes is guarded by the test that the packet has that protocol; the guard of a comparison is
 * that of the first load on either side, as in libpcap, and where it does not hold the comparison is false, be it `=`
 * or
 * `!=`.
 */
#include "net/bpf/pcap_arith.h"

#include "lib/string.h"

#define OFFSET_MOST 0x7fffffffu

void pcap_step(struct pcap_parser *p)
{
    pcap_next(&p->lex, &p->tok);
    p->place.col = p->tok.col;
    if (p->tok.kind == LEX_BAD)
        pcap_refuse(&p->place, "%s", p->tok.why);
}

NOINLINE struct pcap_token pcap_peek(const struct pcap_parser *p)
{
    struct pcap_lex copy = p->lex;
    struct pcap_token t;
    pcap_next(&copy, &t);
    return t;
}

/* Not inlined, so that the token does not stand in the frame of what calls itself. */
static NOINLINE bool indexes_next(const struct pcap_parser *p)
{
    struct pcap_token next = pcap_peek(p);
    return p->tok.kind == LEX_WORD && p->tok.word < WORD_PROTOCOLS && pcap_is_op(&next, '[');
}

bool pcap_is_op(const struct pcap_token *t, char op)
{
    return t->kind == LEX_OP && t->op == op;
}

bool pcap_deeper(struct pcap_parser *p)
{
    if (p->depth++ < PCAP_DEPTH)
        return true;
    pcap_refuse(&p->place, "more than %u levels within each other", PCAP_DEPTH);
    return false;
}

/* ---- is it arithmetic? ---- */

static bool joins_numbers(const struct pcap_token *t)
{
    return t->kind == LEX_OP && strchr("<>=GLREN+-*/%&|^", t->op);
}

/* Behind the parenthesis that closes this one: does arithmetic go on there? */
static NOINLINE bool paren_is_arith(const struct pcap_parser *p)
{
    struct pcap_lex copy = p->lex;
    struct pcap_token t;
    for (u32 depth = 1; depth;) {
        pcap_next(&copy, &t);
        if (t.kind == LEX_END || t.kind == LEX_BAD)
            return false;
        depth += pcap_is_op(&t, '(');
        depth -= pcap_is_op(&t, ')');
    }
    pcap_next(&copy, &t);
    return joins_numbers(&t);
}

static NOINLINE bool number_goes_on(const struct pcap_parser *p)
{
    struct pcap_token next = pcap_peek(p);
    return joins_numbers(&next);
}

bool pcap_is_arith(const struct pcap_parser *p)
{
    switch (p->tok.kind) {
    case LEX_OP: return p->tok.op == '-' || (p->tok.op == '(' && paren_is_arith(p));
    case LEX_NUMBER: return number_goes_on(p);
    case LEX_NAME: return pcap_constant(p->tok.p, p->tok.n) >= 0 && number_goes_on(p);
    case LEX_WORD: return p->tok.word == WORD_LEN || indexes_next(p);
    default: return false;
    }
}

/* ---- terms ---- */

static struct arith *arith(struct pcap_parser *p, u32 level);

static struct arith *number(struct pcap_parser *p, u32 k)
{
    struct arith *a = pcap_node(p->place.tree, sizeof(*a));
    if (a)
        a->k = k;
    return a;
}

/* What a load says of its packet, with what its index says. */
static struct test *guard_of(struct pcap_place *p, enum pcap_word w, struct test *index)
{
    struct test *is;
    switch (w) {
    case WORD_ETHER: return index;
    case WORD_IP:
    case WORD_IP6:
    case WORD_ARP:
    case WORD_RARP:
    case WORD_DECNET:
    case WORD_LAT: is = test_protocol(p, w); return index ? test_join(p, true, index, is) : is;
    case WORD_ICMP6:
        is = test_protocol(p, WORD_IP6);
        is = index ? test_join(p, true, index, is) : is;
        return test_join(p, true, is, test_field(p, CBPF_B, p->nl + 6, ~0u, CBPF_JEQ, 58));
    default:
        is = test_join(p, true, test_protocol(p, w), test_unfragmented(p));
        is = index ? test_join(p, true, index, is) : is;
        return test_join(p, true, test_protocol(p, WORD_IP), is);
    }
}

static bool has_bytes(enum pcap_word w)
{
    return w != WORD_AH && w != WORD_ESP && w != WORD_STP && w != WORD_ISO && w != WORD_NETBEUI;
}

/* proto [ index ] with the size read. */
static struct arith *make_load(struct pcap_parser *p, enum pcap_word w, struct arith *index, u8 size)
{
    struct pcap_place *at = &p->place;
    struct arith *a = index ? pcap_node(at->tree, sizeof(*a)) : NULL;
    if (!a)
        return NULL;
    a->kind = ARITH_LOAD;
    a->a = index;
    a->size = size;
    a->k = w == WORD_ETHER ? 0 : w == WORD_ICMP6 ? at->nl + 40 : at->nl;
    a->nl = at->nl;
    a->guard = guard_of(at, w, index->guard);
    if (w >= WORD_TCP && w <= WORD_VRRP && w != WORD_ICMP6)
        a->from = FROM_L4;
    if (index->kind == ARITH_NUMBER && index->k > OFFSET_MOST - a->k) {
        pcap_refuse(at, "no packet is so long");
        return NULL;
    }
    return a->guard || w == WORD_ETHER ? a : NULL;
}

static struct arith *load(struct pcap_parser *p)
{
    enum pcap_word w = p->tok.word;
    u8 size = CBPF_B;
    if (!has_bytes(w)) {
        pcap_refuse(&p->place, "bytes of %s cannot be asked for", pcap_word_text(w));
        return NULL;
    }
    pcap_step(p); /* to the bracket */
    pcap_step(p);
    struct arith *index = arith(p, 0);
    if (index && pcap_is_op(&p->tok, ':')) {
        pcap_step(p);
        bool good = p->tok.kind == LEX_NUMBER && (p->tok.number == 1 || p->tok.number == 2 || p->tok.number == 4);
        if (!good)
            pcap_refuse(&p->place, "data size must be 1, 2, or 4");
        size = p->tok.number == 4 ? CBPF_W : p->tok.number == 2 ? CBPF_H : CBPF_B;
        pcap_step(p);
    }
    if (!pcap_is_op(&p->tok, ']')) {
        pcap_refuse(&p->place, "\"]\" is wanted here");
        return NULL;
    }
    struct arith *a = make_load(p, w, index, size);
    pcap_step(p);
    return a;
}

static struct arith *negative(struct pcap_parser *p)
{
    pcap_step(p);
    struct arith *of = arith(p, 6);
    if (!of)
        return NULL;
    if (of->kind == ARITH_NUMBER)
        return number(p, -of->k);
    struct arith *a = pcap_node(p->place.tree, sizeof(*a));
    if (a) {
        a->kind = ARITH_NEG;
        a->a = of;
        a->guard = of->guard;
    }
    return a;
}

static struct arith *in_parens(struct pcap_parser *p)
{
    pcap_step(p);
    struct arith *a = arith(p, 0);
    if (a && !pcap_is_op(&p->tok, ')')) {
        pcap_refuse(&p->place, "\")\" is wanted here");
        return NULL;
    }
    if (a)
        pcap_step(p);
    return a;
}

static struct arith *plain_term(struct pcap_parser *p)
{
    struct arith *a = NULL;
    i32 k = p->tok.kind == LEX_NAME ? pcap_constant(p->tok.p, p->tok.n) : -1;
    if (p->tok.kind == LEX_NUMBER || k >= 0)
        a = number(p, k >= 0 ? (u32)k : p->tok.number);
    else if (p->tok.kind == LEX_WORD && p->tok.word == WORD_LEN)
        a = pcap_node(p->place.tree, sizeof(*a));
    else
        pcap_refuse(&p->place, "a number, len, or bytes as in ip[2:2] are wanted here");
    if (a && p->tok.kind == LEX_WORD)
        a->kind = ARITH_LEN;
    pcap_step(p);
    return a;
}

static struct arith *term(struct pcap_parser *p)
{
    struct arith *a = NULL;
    if (!pcap_deeper(p))
        return NULL;
    if (pcap_is_op(&p->tok, '('))
        a = in_parens(p);
    else if (pcap_is_op(&p->tok, '-'))
        a = negative(p);
    else if (indexes_next(p))
        a = load(p);
    else
        a = plain_term(p);
    p->depth--;
    return a;
}

/* ---- operators ---- */

static const struct {
    char op;
    u8 level, code;
} operators[] = {
    {'|', 1, CBPF_OR},  {'^', 1, CBPF_XOR}, {'&', 2, CBPF_AND}, {'L', 3, CBPF_LSH}, {'R', 3, CBPF_RSH},
    {'+', 4, CBPF_ADD}, {'-', 4, CBPF_SUB}, {'*', 5, CBPF_MUL}, {'/', 5, CBPF_DIV}, {'%', 5, CBPF_MOD},
};

static u32 fold(u8 op, u32 a, u32 b)
{
    switch (op) {
    case CBPF_ADD: return a + b;
    case CBPF_SUB: return a - b;
    case CBPF_MUL: return a * b;
    case CBPF_DIV: return a / b;
    case CBPF_MOD: return a % b;
    case CBPF_AND: return a & b;
    case CBPF_OR: return a | b;
    case CBPF_XOR: return a ^ b;
    case CBPF_LSH: return a << b;
    default: return a >> b;
    }
}

static struct arith *binary(struct pcap_parser *p, u8 op, struct arith *a, struct arith *b)
{
    struct pcap_place *at = &p->place;
    if (!a || !b)
        return NULL;
    bool constant = b->kind == ARITH_NUMBER;
    if (constant && !b->k && (op == CBPF_DIV || op == CBPF_MOD))
        pcap_refuse(at, "division by zero");
    if (constant && b->k > 31 && (op == CBPF_LSH || op == CBPF_RSH))
        pcap_refuse(at, "shift by more than 31 bits");
    if (*at->err->msg)
        return NULL;
    if (constant && a->kind == ARITH_NUMBER)
        return number(p, fold(op, a->k, b->k));
    struct arith *t = pcap_node(at->tree, sizeof(*t));
    if (!t)
        return NULL;
    *t = (struct arith){.kind = ARITH_BINARY, .op = op, .a = a, .b = b};
    t->guard = a->guard;
    return t;
}

/* Operators of more than this level. */
static struct arith *arith(struct pcap_parser *p, u32 level)
{
    struct arith *a = term(p);
    for (size_t i = 0; a && i < ARRAY_LEN(operators); i++) {
        if (operators[i].level <= level || !pcap_is_op(&p->tok, operators[i].op))
            continue;
        pcap_step(p);
        a = binary(p, operators[i].code, a, arith(p, operators[i].level));
        i = (size_t)-1; /* from the start: what follows may be any of them */
    }
    return a;
}

/* ---- comparisons ---- */

/* A load at a known place, perhaps masked, against a number: one field. */
static struct test *as_field(struct pcap_place *at, const struct arith *l, u8 op, u32 k)
{
    u32 mask = ~0u;
    if (l->kind == ARITH_BINARY && l->op == CBPF_AND && l->b->kind == ARITH_NUMBER) {
        mask = l->b->k;
        l = l->a;
    }
    if (l->kind == ARITH_LEN) {
        struct test *t = test_length(at, op, k);
        if (t)
            t->mask = mask;
        return t;
    }
    if (l->kind != ARITH_LOAD || l->a->kind != ARITH_NUMBER)
        return NULL;
    struct test *t = test_field(at, l->size, l->k + l->a->k, mask, op, k);
    if (t) {
        t->from = l->from;
        t->nl = l->nl;
    }
    return t;
}

static struct test *compare(struct pcap_place *at, struct arith *l, struct arith *r, u8 op)
{
    struct test *t = r->kind == ARITH_NUMBER ? as_field(at, l, op, r->k) : NULL;
    if (!t && (t = pcap_node(at->tree, sizeof(*t))))
        *t = (struct test){.kind = TEST_COMPARE, .op = op, .left = l, .right = r};
    return t;
}

struct test *pcap_compare(struct pcap_parser *p)
{
    static const struct {
        char op;
        u8 code;
        bool not ;
    } relations[] = {{'=', CBPF_JEQ, false}, {'>', CBPF_JGT, false}, {'G', CBPF_JGE, false},
                     {'N', CBPF_JEQ, true},  {'E', CBPF_JGT, true},  {'<', CBPF_JGE, true}};
    struct arith *left = arith(p, 0), *right;
    u32 i = 0;
    if (!left)
        return NULL;
    while (i < ARRAY_LEN(relations) && !pcap_is_op(&p->tok, relations[i].op))
        i++;
    if (i == ARRAY_LEN(relations))
        return pcap_refuse(&p->place, "a comparison is wanted here: = != < <= > >=");
    pcap_step(p);
    right = arith(p, 0);
    if (!right)
        return NULL;
    struct test *t = compare(&p->place, left, right, relations[i].code);
    if (relations[i].not )
        t = test_not(&p->place, t);
    if (right->guard)
        t = test_join(&p->place, true, right->guard, t);
    return left->guard ? test_join(&p->place, true, left->guard, t) : t;
}
