/* Random numbers that nobody can foretell: one ChaCha20 generator for each CPU, with fast key erasure.
 *
 *     struct hash_key key;  rand_bytes(&key, sizeof(key));
 *     u16 port = (u16)(lowest + rand_below(count));          no bias
 *
 * Who sees all that a generator gave out, and later its memory too, learns nothing of what it gave out before: each
 * refill replaces the key, and what was handed out is wiped. All may be called in any context.
 *
 * The platform calls rand_seed when it has 256 bits of entropy, and again from time to time: every generator takes a
 * new key with its next number. Before the first rand_seed asking for a number is a panic; who may come earlier looks
 * at rand_ready. The same seeds and calls give the same bytes (after rand_forget), which is what tests live on.
 */
#ifndef LIB_RAND_H
#define LIB_RAND_H

#include "lib/base.h"

void rand_bytes(void *p, size_t n);
u64 rand_u64(void);
u64 rand_below(u64 n); /* 0 .. n - 1, all alike; n at least 1 */
bool rand_ready(void);

void rand_seed(const void *p, size_t n); /* adds to what is known, never takes away; any n */
void rand_forget(void);                  /* unseeded again, on all CPUs; while nobody else asks */

/* The block function of RFC 8439 2.3: 64 bytes of the key stream. */
struct chacha_key {
    u32 word[8]; /* little-endian words of the 32 bytes */
};
void chacha20_block(const struct chacha_key *key, u32 counter, const u32 nonce[3], u8 out[64]);

#endif
