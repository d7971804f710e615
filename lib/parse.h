/* Text to values: the one tokenizer, and the readers of numbers, units, addresses, ranges and lists.
 *
 * Words of a command:      int err = parse_u64(argv[2], 0, 65535, &port, &bad);
 *                          if (err) return cmd_error(c, "port \"%s\": %s", argv[2], bad.why);
 * A file or a long text:   struct parse ps; parse_init(&ps, text, len, "{},;=", '#');
 *                          while (parse_next(&ps, &t)) ...
 *
 * Every reader takes the whole word or refuses it: 0, or -EINVAL / -ERANGE with `bad` telling where (an offset into
 * the word) and why, in words that can stand behind a colon. `bad` may be NULL. No reader changes *v when it refuses.
 * No state, no memory, any context. There is no floating point: fractions are decimal to six digits.
 */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include "lib/base.h"
#include "lib/ipaddr.h"
#include "lib/parse_bad.h"

/* Decimal, 0x hexadecimal, 0 octal, as strtoul with base 0: ip, tc and sysctl read numbers so. */
int parse_u64(const char *s, u64 low, u64 high, u64 *v, struct parse_bad *bad);
int parse_i64(const char *s, i64 low, i64 high, i64 *v, struct parse_bad *bad);
int parse_u32(const char *s, u32 low, u32 high, u32 *v, struct parse_bad *bad);
int parse_bool(const char *s, bool *v, struct parse_bad *bad); /* 1 0 on off yes no true false */
int parse_hex(const char *s, u64 *v, struct parse_bad *bad);   /* with or without 0x, up to 16 digits */

/* With units, tc's words and meanings, fractions allowed ("1.5mbit"); letters of either case. */
int parse_rate(const char *s, u64 *bits_per_s, struct parse_bad *bad); /* bit kbit mbit gbit tbit (1000), kibit..., bps
                                                                          kbps ... (bytes), none: bit */
int parse_size(const char *s, u64 *bytes, struct parse_bad *bad);      /* b k kb m mb g gb (1024), kbit mbit gbit */
int parse_time(const char *s, u64 unit_ns, u64 *ns, struct parse_bad *bad); /* ns us ms s (sec secs msec ...) m h d;
                                                                               without a unit: times unit_ns */

int parse_addr(const char *s, struct ipaddr *a, struct parse_bad *bad); /* as inet_pton, either family */
/* "10.1.0.0/16", "2001:db8::/32", "10.1.0.1" (all bits), "default" and "any" (0 bits of IPv4). Host bits stay. */
int parse_prefix(const char *s, struct ipprefix *p, struct parse_bad *bad);
int parse_mac(const char *s, struct macaddr *m, struct parse_bad *bad); /* 02:00:5e:10:00:01, - for : allowed */

int parse_range(const char *s, u64 low, u64 high, u64 *from, u64 *to, struct parse_bad *bad); /* "80", "1024-65535" */

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,    /* everything up to a blank, a punctuation mark, a quote or a comment */
    TOKEN_STRING,  /* "..." without its quotes; \" and \\ stand in p as they are written */
    TOKEN_PUNCT,   /* one character of `punct` */
    TOKEN_NEWLINE, /* \n, or the end of a comment */
    TOKEN_BAD,     /* why says what: no closing quote, a control character */
};

struct token {
    enum token_kind kind;
    const char *p;
    size_t n;
    unsigned line, col; /* from 1; columns count characters */
    const char *why;
};

struct parse {
    const char *p, *end, *punct;
    char comment; /* begins one that goes to the end of the line; '\0': there are none */
    unsigned line, col;
};

void parse_init(struct parse *ps, const char *text, size_t len, const char *punct, char comment);
bool parse_next(struct parse *ps, struct token *t); /* false at the end (t->kind is TOKEN_END) */
bool token_is(const struct token *t, const char *word);

/* The words of a line in place: cuts at blanks, returns how many (at most `size` - 1), words[n] NULL. For views such as
 * "4096 131072 6291456" that a user writes; no quotes. */
unsigned parse_words(char *line, char **words, unsigned size);

#endif
