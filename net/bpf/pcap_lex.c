/* The filter language's text as tokens (pcap_lex.h).
 *
 * As in pcap-filter(7) a word is letters and digits with `-`, `_` and `.` within: so "icmp-echo", "1-1024" and
 * "10.1.2.3" are one word each, and "len-10" is no subtraction. An address with colons is one where it can be one:
 * "ip[2:2]" has none.
 */
#include "net/bpf/pcap_lex.h"

#include "lib/parse.h"
#include "lib/string.h"

static bool is_inner(char c)
{
    return char_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

static u32 word_length(const char *p)
{
    u32 n = 0;
    if (!char_is_alnum(*p) && *p != '_')
        return 0;
    while (is_inner(p[n]))
        n++;
    while (n > 1 && p[n - 1] == '-') /* the last is no dash: "1-" is 1, and a minus */
        n--;
    return n;
}

/* "02:00:5e:10:00:01", or with dashes: six groups of one or two hexadecimal digits. */
static bool read_mac(struct pcap_token *t, char between)
{
    const char *p = t->p, *end = t->p + t->n;
    for (int i = 0; i < 6; i++) {
        int digits = 0, v = 0;
        for (; p < end && digits < 3 && char_hex(*p) >= 0; p++, digits++)
            v = v * 16 + char_hex(*p);
        if (!digits || digits > 2 || (i < 5 ? p == end || *p++ != between : p != end))
            return false;
        t->mac.b[i] = (u8)v;
    }
    t->kind = LEX_MAC;
    return true;
}

static bool read_ip6(struct pcap_token *t)
{
    char copy[48];
    if (t->n >= sizeof(copy) || !memchr(t->p, ':', t->n))
        return false;
    str_copy_n(copy, sizeof(copy), t->p, t->n);
    if (parse_addr(copy, &t->addr, NULL))
        return false;
    t->kind = LEX_IP6;
    return true;
}

/* Something with at least two colons, and nothing but what an address has. */
static bool read_address(struct pcap_token *t)
{
    u32 n = 0, colons = 0;
    for (; char_hex(t->p[n]) >= 0 || t->p[n] == ':' || t->p[n] == '.'; n++)
        colons += t->p[n] == ':';
    if (colons < 2 || is_inner(t->p[n]))
        return false;
    t->n = n;
    return read_mac(t, ':') || read_ip6(t);
}

/* Decimal, 0x hexadecimal, 0 octal. */
static bool read_number(struct pcap_token *t)
{
    u64 v = 0;
    u32 base = 10, i = 0;
    if (t->n > 1 && t->p[0] == '0') {
        base = t->p[1] == 'x' || t->p[1] == 'X' ? 16 : 8;
        i = base == 16 ? 2 : 1;
    }
    if (i == t->n)
        return false;
    for (; i < t->n; i++) {
        int digit = char_hex(t->p[i]);
        if (digit < 0 || digit >= (int)base)
            return false;
        v = v * base + (u32)digit;
        if (v > 0xffffffff) {
            t->kind = LEX_BAD;
            t->why = "a number has 32 bits at most";
            return true;
        }
    }
    t->kind = LEX_NUMBER;
    t->number = (u32)v;
    return true;
}

/* "10.1", "10.1.2", "10.1.2.3" */
static bool read_dotted(struct pcap_token *t)
{
    const char *p = t->p, *end = p + t->n;
    u32 v = 0;
    u8 parts = 0;
    bool fits = true;
    if (!memchr(p, '.', t->n))
        return false;
    for (;; p++) {
        u32 part = 0, digits = 0;
        for (; p < end && char_is_digit(*p); p++, digits++)
            part = min(part * 10 + (u32)(*p - '0'), 1000u);
        if (!digits || (p < end && *p != '.'))
            return false;
        fits = fits && part < 256 && parts < 4;
        v = v << 8 | (part & 255);
        parts++;
        if (p == end)
            break;
    }
    t->kind = fits ? LEX_DOTTED : LEX_BAD;
    t->why = "an IPv4 address has 4 numbers at most, each 0..255";
    t->number = v;
    t->parts = parts;
    return true;
}

static void read_word(struct pcap_token *t)
{
    if (read_number(t) || read_dotted(t) || read_mac(t, '-'))
        return;
    t->word = pcap_word_of(t->p, t->n);
    t->kind = t->word ? LEX_WORD : LEX_NAME;
}

static void read_operator(struct pcap_token *t)
{
    static const struct {
        char text[3], op;
    } two[] = {{"<<", 'L'}, {">>", 'R'}, {">=", 'G'}, {"<=", 'E'}, {"!=", 'N'}, {"&&", 'A'}, {"||", 'O'}, {"==", '='}};
    t->kind = LEX_OP;
    for (size_t i = 0; i < ARRAY_LEN(two); i++)
        if (t->p[0] == two[i].text[0] && t->p[1] == two[i].text[1]) {
            t->op = two[i].op;
            t->n = 2;
            return;
        }
    t->n = 1;
    t->op = *t->p;
    if (!strchr("()[]:<>=&|^+-*/%!", t->op)) {
        t->kind = LEX_BAD;
        t->why = "this character means nothing here";
    }
}

/* "\tcp": the name, where the word alone would be the keyword. */
static void read_escaped(struct pcap_token *t)
{
    u32 n = (u32)strcspn(t->p + 1, " !()\t\r\n");
    t->kind = n ? LEX_NAME : LEX_BAD;
    t->why = "a name is wanted behind the backslash";
    t->p++;
    t->n = n;
}

void pcap_next(struct pcap_lex *l, struct pcap_token *t)
{
    while (char_is_space(l->text[l->at]))
        l->at++;
    *t = (struct pcap_token){.col = l->at, .p = l->text + l->at};
    if (!*t->p)
        return;
    if (*t->p == '\\') {
        read_escaped(t);
        l->at++;
    } else if (!read_address(t)) {
        t->n = word_length(t->p);
        if (t->n)
            read_word(t);
        else
            read_operator(t);
    }
    l->at += t->n;
}
