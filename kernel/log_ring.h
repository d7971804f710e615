/* The ring of messages: written from any context without a lock, read by any number of readers.
 *
 * A line takes one slot or several in a row. A writer draws numbers from one counter, claims each slot by one
 * compare-and-swap, fills it and publishes it; old lines are overwritten. A reader has its own place (a number), copies
 * a slot and looks whether it was still the same afterwards.
 *
 *     state of a slot     2 * number        published
 *                         2 * number + 1    being written
 *
 * A writer that finds its slot still being written (it interrupted, by NMI say, a writer and went once around) gives
 * that slot up: the loss is counted and noted in `given_up`, so that no reader waits for it.
 * Never waits, never allocates, never calls out.
 */
#ifndef KERNEL_LOG_RING_H
#define KERNEL_LOG_RING_H

#include "lib/base.h"

#define LOG_SLOT_TEXT 88  /* a slot is 128 bytes */
#define LOG_LINE_MAX  480 /* bytes of one line; what is longer is cut and ends in "..." */

struct log_slot {
    u64 state, given_up;
    u64 when_ns;
    u32 level, cpu, len; /* of the part in this slot */
    u16 part, parts;
    u64 text[LOG_SLOT_TEXT / 8];
} CACHE_ALIGNED;

struct log_ring {
    struct log_slot *slots; /* zeroed at the start */
    u64 count;              /* a power of two, at least 16 */
    u64 lost;               /* lines that were given up, whole or in part */
    u64 next CACHE_ALIGNED; /* numbers drawn; begins at `count`, so that a zeroed slot is nobody's */
};

struct log_line {
    u64 when_ns;
    u64 missed; /* slots before this line that were overwritten before they were read, or given up */
    u32 level, cpu, len;
    char text[LOG_LINE_MAX + 1]; /* without a newline, NUL-terminated */
};

void log_ring_init(struct log_ring *r, struct log_slot *slots, u64 count);

/* Any context. Control bytes other than tab become \xNN, since strangers' bytes may be in the text; bytes from 0x80 up
 * pass, for UTF-8. */
void log_ring_put(struct log_ring *r, u32 level, u64 when_ns, u32 cpu, const char *text, size_t n);

u64 log_ring_first(const struct log_ring *r); /* place of the oldest line that may still be there */
u64 log_ring_end(const struct log_ring *r);   /* place behind the newest */

/* The next line at or behind *at, which moves behind it. False when there is none, or when it is still being written;
 * with `skip` such a line is passed over (in a panic its writer may never finish). */
bool log_ring_get(const struct log_ring *r, u64 *at, struct log_line *line, bool skip);

#endif
