/* Any bytes as a number, a measure, an address, a range, or a text of tokens: what is read can be printed and read
 * again.
 *
 * First byte: which reader. */
#include "lib/cpulist.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/plat.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void check_bad(int err, const struct parse_bad *bad, size_t len)
{
    if (err && (!bad->why || bad->at > len))
        panic("no reason, or a place outside of the word");
}

static void try_number(u8 kind, const char *s)
{
    struct parse_bad bad = {0, NULL};
    char again[32];
    u64 v = 0, w;
    i64 i = 0, j;
    int err;

    switch (kind) {
    case 0:
        err = parse_i64(s, INT64_MIN, INT64_MAX, &i, &bad);
        fmt(again, sizeof(again), "%lld", (long long)i);
        if (!err && (parse_i64(again, INT64_MIN, INT64_MAX, &j, NULL) || i != j))
            panic("%s is not %s", s, again);
        break;
    case 1: err = parse_rate(s, &v, &bad); break;
    case 2: err = parse_size(s, &v, &bad); break;
    case 3: err = parse_time(s, NS_PER_S, &v, &bad); break;
    case 4: err = parse_hex(s, &v, &bad); break;
    default:
        w = 1;
        err = parse_range(s, 1, 1000, &v, &w, &bad);
        if (v > w || w > 1000)
            panic("a range that is none");
    }
    check_bad(err, &bad, strlen(s));
}

/* What is read is written and read again as the same. */
static void try_cpus(const char *s)
{
    char text[256];
    u64 cpus, again;

    if (!cpulist_parse(s, strlen(s), &cpus)) {
        cpulist_text(text, sizeof(text), cpus);
        if (cpulist_parse(text, strlen(text), &again) || again != cpus)
            panic("%s is not %s", s, text);
    }
    if (!cpumask_parse(s, strlen(s), &cpus)) {
        cpumask_text(text, sizeof(text), cpus, 64);
        if (cpumask_parse(text, strlen(text), &again) || again != cpus)
            panic("%s is not %s", s, text);
    }
}

static void try_address(const char *s)
{
    struct parse_bad bad = {0, NULL};
    struct ipprefix a, b;
    struct macaddr m, k;
    char again[64];
    int err = parse_prefix(s, &a, &bad);

    check_bad(err, &bad, strlen(s));
    if (!err) {
        fmt(again, sizeof(again), "%pI/%u", &a.addr, a.bits);
        if (parse_prefix(again, &b, NULL) || memcmp(&a.addr, &b.addr, 16) != 0 || a.bits != b.bits)
            panic("%s is not %s", s, again);
    }
    err = parse_mac(s, &m, &bad);
    check_bad(err, &bad, strlen(s));
    if (!err) {
        fmt(again, sizeof(again), "%pM", &m);
        if (parse_mac(again, &k, NULL) || memcmp(&m, &k, 6) != 0)
            panic("%s is not %s", s, again);
    }
}

static void try_tokens(const char *text, size_t n)
{
    const char *at = text;
    struct parse ps;
    struct token t;

    parse_init(&ps, text, n, "{};,=", '#');
    while (parse_next(&ps, &t)) {
        if (t.p < at || t.p + t.n > text + n || ps.p <= at || !t.line || !t.col)
            panic("a token outside of the text, or no progress");
        at = ps.p;
    }
    if (t.kind != TOKEN_END || ps.p != ps.end)
        panic("the end is not the end");
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char word[256];

    if (n < 1)
        return 0;
    try_tokens((const char *)p + 1, n - 1);
    str_copy_n(word, sizeof(word), (const char *)p + 1, min(n - 1, sizeof(word) - 1));
    if (p[0] % 8 == 7) {
        try_address(word);
        try_cpus(word);
    } else {
        try_number(p[0] % 8, word);
    }
    return 0;
}
