/* The words of iproute2's commands (ip, later tc and bridge): options before the object, then words one by one; what
 * is said of a wrong one is what iproute2 says.
 *
 *     struct ip_words w;
 *     if ((status = ip_begin(&w, c)) != 0)  return status;          -s -d -br -j -p -o -4 -6 are read
 *     switch (ip_verb(&w, verbs, ARRAY_LEN(verbs), SHOW)) ...       "show", or "sh"; no word: SHOW
 *     while ((word = ip_word(&w)))
 *         if (str_eq(word, "mtu"))  err = ip_i64(&w, "mtu", ...);   its value is the next word
 *     if (w.status)  return w.status;
 *
 * The first thing that is wrong sets w.status, which ends the words; what follows is not read.
 */
#ifndef LIB_IPROUTE_H
#define LIB_IPROUTE_H

#include "lib/cmd.h"
#include "lib/ipaddr.h"

#define IP_WRONG   255 /* exit status: the words make no sense */
#define IP_REFUSED 2   /* they did, and the stack said no */

struct ip_words {
    struct cmd_ctx *c;
    int at; /* of the next word in argv */
    int status;
    u8 family; /* 4, 6; 0: any */
    u8 stats, details;
    bool brief, oneline;
    const char *newline; /* what parts the lines of one entry: "\n", or "\\" with -o */
};

int ip_begin(struct ip_words *w, struct cmd_ctx *c);                   /* 0, or the exit status */
const char *ip_word(struct ip_words *w);                               /* NULL: that was the last, or status is set */
bool ip_is(const char *word, const char *name);                        /* is it, or an abbreviation of it */
bool ip_among(const char *word, const char *const *names, unsigned n); /* is it one of them, whole */
/* The word as one of `names`, the first that it abbreviates; no word at all: `none`. Below 0: status is set. */
int ip_verb(struct ip_words *w, const char *const *names, unsigned n, int none);
const char *ip_value(struct ip_words *w); /* the word behind a keyword; NULL: there is none, and status is set */
void ip_i64(struct ip_words *w, const char *keyword, i64 low, i64 high, i64 *v);
void ip_on_off(struct ip_words *w, const char *keyword, bool *v);
void ip_lladdr(struct ip_words *w, struct macaddr *m);
/* The word as an address or a prefix of a family (4, 6; 0: either), also as iproute2 shortens IPv4: "10/8", "10.1",
 * "10.0.0.0/255.0.0.0". "default", "any" and "all" are no bits of it; of IPv4, where either will do. */
bool ip_addr(struct ip_words *w, const char *word, u8 family, struct ipaddr *a);
bool ip_prefix(struct ip_words *w, const char *word, u8 family, struct ipprefix *p);
bool ip_is_default(const char *word);
/* A number that the stack takes as 32 bits, of any base; wrong: "argument ... is wrong: WHY". */
void ip_u32(struct ip_words *w, const char *why, u32 low, u32 high, u32 *v);

/* ---- what is said; each sets and returns the status ---- */
int ip_duplicate(struct ip_words *w, const char *keyword, const char *value);
int ip_invalid(struct ip_words *w, const char *value, const char *why);
int ip_fail(struct ip_words *w, int status, const char *fmt, ...) PRINTF(3, 4); /* the text as it stands, and \n */
int ip_answer(struct ip_words *w, int err);                                     /* "RTNETLINK answers: ..."; 0 for 0 */

#endif
