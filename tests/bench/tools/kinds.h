/* Kinds of frames that floods are made of, and the pings beside them: for frames.c. */
#ifndef TOOLS_KINDS_H
#define TOOLS_KINDS_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>

#define FRAME_MOST 1514

struct ends { /* whom frames are to and from; an IPv4 address is the first four bytes */
    uint8_t to[6], from[6], src[16], dst[16];
    bool v6;
};

/* Builds the seq-th frame at f; its length. */
typedef unsigned kind_fill(uint8_t *f, const struct ends *e, uint64_t seq);

kind_fill *kind_named(const char *name); /* NULL: there is none of that name */

unsigned ping_fill(uint8_t *f, const struct ends *e, uint16_t id, uint16_t seq);
/* Is it an answer to a ping of ours? Its family and seq. */
bool ping_answers(const uint8_t *f, unsigned n, uint16_t id, bool *v6, uint16_t *seq);

#endif
