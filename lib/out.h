/* What a command prints: text or JSON by the same calls.
 *
 *     out_object(o, NULL);
 *     out_str(o, "ifname", "%s: ", name);      text "eth0: "     JSON "ifname":"eth0"
 *     out_u64(o, "mtu", "mtu %llu ", mtu);      text "mtu 1500 "  JSON "mtu":1500
 *     out_text(o, "\n");                        text alone
 *     out_end(o);
 *
 * A key of NULL stands for an element of an array or for text without a place in JSON; a format of NULL is for JSON
 * alone. Who prints never knows who reads: the console, a pipe, a file, HTTP or a test is behind `write`. After a
 * write failed (a reader that left, Ctrl-C) everything further is swallowed and out_failed() is true, so a long walk
 * can stop early.
 */
#ifndef LIB_OUT_H
#define LIB_OUT_H

#include "lib/base.h"

#define OUT_DEPTH 16

struct out {
    int (*write)(struct out *o, const char *p, size_t n); /* 0 or -errno; takes all */
    void *arg;                                            /* the writer's own */
    bool json, pretty;
    bool failed;
    u16 columns; /* width of the terminal on which this appears at once; 0: a pipe, a file, a test */
    u8 depth;
    u8 count[OUT_DEPTH];   /* has this level a member already (a comma is due) */
    char close[OUT_DEPTH]; /* '}' or ']' */
};

void out_init(struct out *o, int (*write)(struct out *, const char *, size_t), void *arg, bool json);
void out_raw(struct out *o, const char *p, size_t n); /* bytes as they are, in both modes */
void out_text(struct out *o, const char *fmt, ...) PRINTF(2, 3);
void out_word(struct out *o, const char *s); /* as one word for sh: in quotes where it must be; text alone */
void out_object(struct out *o, const char *key);
void out_array(struct out *o, const char *key);
void out_end(struct out *o); /* closes the innermost object or array; the outermost with a newline */
void out_str(struct out *o, const char *key, const char *fmt, const char *v);
void out_u64(struct out *o, const char *key, const char *fmt, u64 v); /* fmt has one %llu or %llx */
void out_i64(struct out *o, const char *key, const char *fmt, i64 v);
void out_bool(struct out *o, const char *key, const char *text_if_true, bool v);
void out_null(struct out *o, const char *key);                                   /* JSON alone */
void out_fmt(struct out *o, const char *key, const char *fmt, ...) PRINTF(3, 4); /* JSON: the same text as a string */
bool out_failed(const struct out *o);

/* A writer into memory: keeps what fits of `size`, always NUL-terminated. */
struct out_mem {
    struct out out;
    char *buf;
    size_t size, len;
};
void out_mem_init(struct out_mem *m, char *buf, size_t size, bool json);
size_t out_mem_len(const struct out_mem *m); /* bytes that were written, kept or not: >= size says it was cut */

void out_null_init(struct out *o); /* takes everything, keeps nothing */

#endif
