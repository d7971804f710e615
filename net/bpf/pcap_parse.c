/* The filter language: from its text to a tree of tests (pcap_filter.h, pcap_node.h).
 *
 *     expression := term { (and | or) term }                and, or: alike, from the left
 *     term       := not term | ( expression ) | value | qualifiers value | comparison | vlan [id] | less n | tcp ...
 *
 * A value alone ("port 80 or 443") takes the qualifiers of the primitive before it. Where the grammar would let a
 * sentence through that means nothing ("tcp or 443"), it is refused where it stops making sense.
 */
#include "lib/plat.h"
#include "lib/string.h"
#include "net/bpf/pcap_arith.h"

#define BLOCK       4000u
#define BLOCKS_MOST 512u

/* ---- nodes ---- */

struct pcap_block {
    struct pcap_block *next;
    u64 bytes[BLOCK / 8];
};

void *pcap_node(struct pcap_tree *t, size_t size)
{
    size = round_up(size, 8);
    if (t->full)
        return NULL;
    if (!t->blocks || t->used + size > BLOCK) {
        struct pcap_block *b = t->count < BLOCKS_MOST ? mem_zalloc(sizeof(*b)) : NULL;
        if (!b) {
            t->full = true;
            return NULL;
        }
        b->next = t->blocks;
        t->blocks = b;
        t->count++;
        t->used = 0;
    }
    void *p = (char *)t->blocks->bytes + t->used;
    t->used += (u32)size;
    return p;
}

void pcap_tree_free(struct pcap_tree *t)
{
    for (struct pcap_block *next; t->blocks; t->blocks = next) {
        next = t->blocks->next;
        mem_free(t->blocks);
    }
}

/* ---- values ---- */

static struct test *expression(struct pcap_parser *p);

static u32 mask_of(u32 bits)
{
    return bits ? ~0u << (32 - bits) : 0;
}

/* "/8" or "mask 255.0.0.0" behind an address, if either stands there. False: refused. */
static bool read_mask(struct pcap_parser *p, u32 bits, u32 *mask)
{
    *mask = mask_of(bits);
    bool slash = pcap_is_op(&p->tok, '/');
    if (!slash && !(p->tok.kind == LEX_WORD && p->tok.word == WORD_MASK))
        return true;
    pcap_step(p);
    if (slash && p->tok.kind == LEX_NUMBER && p->tok.number <= 32) {
        *mask = mask_of(p->tok.number);
    } else if (!slash && p->tok.kind == LEX_DOTTED) {
        *mask = p->tok.number << (32 - 8 * p->tok.parts);
    } else {
        pcap_refuse(&p->place,
                    slash ? "a mask length of 0..32 is wanted here" : "a mask as in 255.255.0.0 is wanted here");
        return false;
    }
    if (p->qual.kind != WORD_NET) {
        pcap_refuse(&p->place, "Mask syntax for networks only: \"net\" is wanted before the address");
        return false;
    }
    pcap_step(p);
    return true;
}

static struct test *address4(struct pcap_parser *p, u32 v, u32 bits)
{
    u32 mask, col = p->tok.col;
    u32 addr = v << (32 - bits);
    pcap_step(p);
    if (!read_mask(p, bits, &mask))
        return NULL;
    p->place.col = col;
    if (addr & ~mask)
        return pcap_refuse(&p->place, "non-network bits set: the mask does not cover the address");
    return test_host4(&p->place, &p->qual, addr, mask);
}

/* A number where an address is meant: "net 10" is 10/8, "host 10" the address 0.0.0.10. */
static struct test *short_address(struct pcap_parser *p)
{
    u32 v = p->tok.number, bits = 32;
    if (p->qual.kind == WORD_NET)
        for (; v && !(v & 0xff000000); v <<= 8)
            bits -= 8;
    return address4(p, bits == 32 ? v : v >> (32 - bits), bits);
}

static struct test *address6(struct pcap_parser *p)
{
    struct ipaddr a = p->tok.addr;
    u32 bits = 128, col = p->tok.col;
    pcap_step(p);
    if (pcap_is_op(&p->tok, '/')) {
        pcap_step(p);
        if (p->tok.kind != LEX_NUMBER || p->tok.number > 128)
            return pcap_refuse(&p->place, "a mask length of 0..128 is wanted here");
        bits = p->tok.number;
        if (bits < 128 && p->qual.kind != WORD_NET)
            return pcap_refuse(&p->place, "Mask syntax for networks only: \"net\" is wanted before the address");
        pcap_step(p);
    }
    p->place.col = col;
    return test_host6(&p->place, &p->qual, &a, bits);
}

static struct test *mac(struct pcap_parser *p)
{
    if (p->qual.proto != WORD_ETHER || (p->qual.kind != WORD_HOST && p->qual.kind != WORD_NONE))
        return pcap_refuse(&p->place,
                           "ethernet address used in non-ether expression: \"ether host\" is wanted before it");
    struct test *t = test_mac(&p->place, p->qual.dir, &p->tok.mac);
    pcap_step(p);
    return t;
}

/* A port's number or name; `of`: which protocols have the name. -1: refused. */
static i32 read_port(struct pcap_parser *p, const char *s, u32 n, u8 *of)
{
    u32 v = 0, i = 0;
    *of = NAME_TCP | NAME_UDP;
    for (; i < n && char_is_digit(s[i]); i++)
        v = min(v * 10 + (u32)(s[i] - '0'), 65536u);
    if (i == n && n && v <= 65535)
        return (i32)v;
    i32 port = pcap_service(s, n, of);
    if (port < 0)
        pcap_refuse(&p->place, "unknown port '%.*s'", (int)min(n, 40u), s);
    return port;
}

/* The protocols that have the name, unless one was asked for. */
static struct test *named_ports(struct pcap_parser *p, u32 from, u32 to, u8 of)
{
    struct pcap_qual q = p->qual;
    if (q.proto == WORD_NONE && of == NAME_TCP)
        q.proto = WORD_TCP;
    if (q.proto == WORD_NONE && of == NAME_UDP)
        q.proto = WORD_UDP;
    if ((q.proto == WORD_UDP && of == NAME_TCP) || (q.proto == WORD_TCP && of == NAME_UDP))
        return pcap_refuse(&p->place, "port '%.*s' is %s", (int)min(p->tok.n, 40u), p->tok.p,
                           of == NAME_TCP ? "tcp" : "udp");
    return test_ports(&p->place, &q, from, to);
}

static struct test *port_name(struct pcap_parser *p)
{
    const struct pcap_token *t = &p->tok;
    u8 of = 0, of_to = 0;
    const char *dash = p->qual.kind == WORD_PORTRANGE ? memchr(t->p, '-', t->n) : NULL;
    u32 n = dash ? (u32)(dash - t->p) : t->n;
    i32 from = read_port(p, t->p, n, &of), to = from;
    of_to = of;
    if (dash && from >= 0)
        to = read_port(p, dash + 1, t->n - n - 1, &of_to);
    if (from < 0 || to < 0)
        return NULL;
    return named_ports(p, (u32)from, (u32)to, of == of_to ? of : NAME_TCP | NAME_UDP);
}

static struct test *name(struct pcap_parser *p)
{
    const struct pcap_token *t = &p->tok;
    i32 v = -1;
    switch (p->qual.kind) {
    case WORD_PORT:
    case WORD_PORTRANGE: return port_name(p);
    case WORD_PROTO:
        v = p->qual.proto == WORD_ETHER ? pcap_ethertype(t->p, t->n) : pcap_ip_proto(t->p, t->n);
        if (v >= 0)
            return test_proto(&p->place, &p->qual, (u32)v);
        return pcap_refuse(&p->place, "unknown %s proto '%.*s'", p->qual.proto == WORD_ETHER ? "ether" : "ip",
                           (int)min(t->n, 40u), t->p);
    default:
        return pcap_refuse(&p->place, "unknown host '%.*s': names are not resolved here, an address is wanted",
                           (int)min(t->n, 40u), t->p);
    }
}

static struct test *number(struct pcap_parser *p)
{
    u32 v = p->tok.number;
    struct test *t;
    switch (p->qual.kind) {
    case WORD_PORT:
    case WORD_PORTRANGE: t = test_ports(&p->place, &p->qual, v, v); break;
    case WORD_PROTO: t = test_proto(&p->place, &p->qual, v); break;
    default: return short_address(p);
    }
    pcap_step(p);
    return t;
}

/* A value, behind qualifiers or with those of the one before. */
static struct test *value(struct pcap_parser *p)
{
    struct test *t;
    bool address = p->qual.kind == WORD_HOST || p->qual.kind == WORD_NET || p->qual.kind == WORD_NONE;
    switch (p->tok.kind) {
    case LEX_NUMBER: return number(p);
    case LEX_MAC: return mac(p);
    case LEX_DOTTED:
        return address ? address4(p, p->tok.number, 8 * p->tok.parts)
                       : pcap_refuse(&p->place, "%s is no address: a number or a name is wanted here",
                                     pcap_word_text(p->qual.kind));
    case LEX_IP6:
        return address ? address6(p)
                       : pcap_refuse(&p->place, "%s is no address: a number or a name is wanted here",
                                     pcap_word_text(p->qual.kind));
    case LEX_NAME: break;
    case LEX_WORD:
        if (p->qual.kind == WORD_PROTO)
            break;
        return pcap_refuse(&p->place, "a value is wanted here, and \"%.*s\" is a keyword", (int)p->tok.n, p->tok.p);
    default: return pcap_refuse(&p->place, "an address, a number or a name is wanted here");
    }
    t = name(p);
    pcap_step(p);
    return t;
}

/* ---- primitives ---- */

static bool is_word(const struct pcap_token *t, enum pcap_word w)
{
    return t->kind == LEX_WORD && t->word == w;
}

static bool is_joint(const struct pcap_token *t, bool *both)
{
    *both = is_word(t, WORD_AND) || pcap_is_op(t, 'A');
    return *both || is_word(t, WORD_OR) || pcap_is_op(t, 'O');
}

static bool is_not(const struct pcap_token *t)
{
    return is_word(t, WORD_NOT) || pcap_is_op(t, '!');
}

static NOINLINE bool next_is(const struct pcap_parser *p, enum pcap_word w)
{
    struct pcap_token next = pcap_peek(p);
    return is_word(&next, w);
}

/* "src", "dst", "src or dst", "src and dst" */
static enum pcap_dir direction(struct pcap_parser *p)
{
    bool src = is_word(&p->tok, WORD_SRC), both;
    if (!src && !is_word(&p->tok, WORD_DST))
        return DIR_ANY;
    pcap_step(p);
    if (!is_joint(&p->tok, &both) || !next_is(p, src ? WORD_DST : WORD_SRC))
        return src ? DIR_SRC : DIR_DST;
    pcap_step(p);
    pcap_step(p);
    return both ? DIR_AND : DIR_OR;
}

/* What the qualifiers are of: one value, or several in parentheses. */
static struct test *values(struct pcap_parser *p)
{
    struct test *t = NULL;
    if (!pcap_deeper(p))
        return NULL;
    if (is_not(&p->tok)) {
        pcap_step(p);
        t = test_not(&p->place, values(p));
    } else if (pcap_is_op(&p->tok, '(')) {
        pcap_step(p);
        t = expression(p);
        if (t && !pcap_is_op(&p->tok, ')'))
            t = pcap_refuse(&p->place, "\")\" is wanted here");
        if (t)
            pcap_step(p);
    } else {
        t = value(p);
    }
    p->depth--;
    return t;
}

static bool begins_value(const struct pcap_parser *p)
{
    return p->tok.kind != LEX_END && p->tok.kind != LEX_WORD && (p->tok.kind != LEX_OP || p->tok.op == '(');
}

/* [protocol] [direction] [kind] value; or the protocol alone. */
static struct test *qualified(struct pcap_parser *p)
{
    struct pcap_qual q = {0};
    if (p->tok.word < WORD_PROTOCOLS) {
        q.proto = p->tok.word;
        pcap_step(p);
    }
    q.dir = direction(p);
    if (p->tok.kind == LEX_WORD && p->tok.word >= WORD_HOST && p->tok.word <= WORD_PROTO && p->tok.word != WORD_MASK) {
        q.kind = p->tok.word;
        pcap_step(p);
    } else if ((is_word(&p->tok, WORD_BROADCAST) || is_word(&p->tok, WORD_MULTICAST)) && q.dir == DIR_ANY) {
        bool multicast = is_word(&p->tok, WORD_MULTICAST);
        pcap_step(p);
        return multicast ? test_multicast(&p->place, q.proto) : test_broadcast(&p->place, q.proto);
    } else if (q.dir == DIR_ANY) {
        if (begins_value(p))
            return pcap_refuse(&p->place, "what is it of %s: host, net, port, portrange or proto?",
                               pcap_word_text(q.proto));
        p->place.col = p->tok.col;
        return test_protocol(&p->place, q.proto);
    }
    p->qual = q;
    p->inherits = true;
    return values(p);
}

/* vlan [id] */
static struct test *vlan(struct pcap_parser *p)
{
    i32 vid = -1;
    pcap_step(p);
    if (p->tok.kind == LEX_NUMBER) {
        if (p->tok.number > 4095)
            return pcap_refuse(&p->place, "VLAN tag %u greater than maximum 4095", p->tok.number);
        vid = (i32)p->tok.number;
        pcap_step(p);
    }
    return test_vlan(&p->place, vid);
}

/* less n, greater n: both with n itself. */
static struct test *length(struct pcap_parser *p)
{
    bool less = p->tok.word == WORD_LESS;
    pcap_step(p);
    if (p->tok.kind != LEX_NUMBER)
        return pcap_refuse(&p->place, "a length in bytes is wanted here");
    u32 n = p->tok.number;
    pcap_step(p);
    return less ? test_not(&p->place, test_length(&p->place, CBPF_JGT, n)) : test_length(&p->place, CBPF_JGE, n);
}

static struct test *way(struct pcap_parser *p)
{
    bool in = p->tok.word == WORD_INBOUND;
    if (!p->live)
        return pcap_refuse(&p->place, "inbound/outbound not supported on Ethernet when reading savefiles");
    pcap_step(p);
    struct test *out = test_ad(&p->place, CBPF_AD_PKTTYPE, CBPF_OUTGOING);
    return in ? test_not(&p->place, out) : out;
}

static struct test *primitive(struct pcap_parser *p)
{
    enum pcap_word w = p->tok.word;
    if (w >= WORD_SRC && w <= WORD_PROTO && w != WORD_MASK)
        return qualified(p);
    p->inherits = false;
    switch (w) {
    case WORD_VLAN: return vlan(p);
    case WORD_LESS:
    case WORD_GREATER: return length(p);
    case WORD_BROADCAST:
    case WORD_MULTICAST:
        pcap_step(p);
        return w == WORD_MULTICAST ? test_multicast(&p->place, WORD_NONE) : test_broadcast(&p->place, WORD_NONE);
    case WORD_INBOUND:
    case WORD_OUTBOUND: return way(p);
    case WORD_REFUSED:
        return pcap_refuse(&p->place, "\"%.*s\" is of the filter language, but not of Weir's", (int)p->tok.n, p->tok.p);
    default:
        if (w < WORD_PROTOCOLS)
            return qualified(p);
        return pcap_refuse(&p->place, "a primitive is wanted here, as in \"host 10.0.0.1\" or \"tcp port 80\"");
    }
}

/* ---- sentences ---- */

static struct test *term(struct pcap_parser *p)
{
    if (pcap_is_arith(p)) {
        p->inherits = false;
        return pcap_compare(p);
    }
    if (is_not(&p->tok)) {
        if (!pcap_deeper(p))
            return NULL;
        pcap_step(p);
        struct test *t = test_not(&p->place, term(p));
        p->depth--;
        return t;
    }
    if (p->tok.kind == LEX_WORD)
        return primitive(p);
    if (!begins_value(p))
        return pcap_refuse(&p->place, p->tok.kind == LEX_END ? "the expression ends here too early"
                                                             : "a primitive is wanted here, as in \"host 10.0.0.1\"");
    if (!pcap_is_op(&p->tok, '(') && !p->inherits)
        return pcap_refuse(&p->place, "what is it: host, net, port, portrange or proto?");
    return values(p);
}

static struct test *expression(struct pcap_parser *p)
{
    struct test *t = term(p);
    for (bool both; t && is_joint(&p->tok, &both);) {
        pcap_step(p);
        t = test_join(&p->place, both, t, term(p));
    }
    return t;
}

bool pcap_parse(struct pcap_tree *tree, const char *text, bool live, struct test **root, struct pcap_err *err)
{
    struct pcap_parser p = {.lex = {.text = text}, .live = live};
    p.place = (struct pcap_place){.tree = tree, .err = err, .type = 12, .nl = 14};
    *err = (struct pcap_err){0};
    *root = NULL;
    if (strlen(text) > PCAP_TEXT_MOST) {
        pcap_refuse(&p.place, "more than %u characters", PCAP_TEXT_MOST);
        return false;
    }
    pcap_step(&p);
    if (p.tok.kind == LEX_END)
        return true;
    *root = expression(&p);
    if (*root && p.tok.kind != LEX_END)
        pcap_refuse(&p.place, "\"and\" or \"or\" is wanted here, or the end");
    if (!*root && tree->full)
        pcap_refuse(&p.place, "the expression is too large");
    return !*err->msg;
}
