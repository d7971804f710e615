/* Entropy: what the machine gives is gathered in one pool, and the generators of lib/rand are seeded from it.
 *
 * Sources enter bytes by entropy_add (lib/plat.h) with what a stranger cannot know of them, in bits; or a puller, which
 * is asked when bits are wanted (virtio-rng, RDRAND). Ready at ENTROPY_READY_BITS; before that entropy_read panics and
 * who needs secrets waits by entropy_wait.
 */
#ifndef KERNEL_ENTROPY_H
#define KERNEL_ENTROPY_H

#include "lib/base.h"

#define ENTROPY_READY_BITS 256

void entropy_init(void);                       /* after time_init: RDSEED, RDRAND, jitter */
void entropy_interrupt(u64 tsc, unsigned irq); /* interrupt context: when a device spoke */
bool entropy_ready(void);
void entropy_wait(void);                 /* task: until ready; says on the console after 1 s what is waited for */
void entropy_summary(char *p, size_t n); /* "512 bits from rdrand, jitter" */
bool entropy_hardware(u64 *v);           /* 64 bits from RDSEED or RDRAND, if the CPU has one that is sane */

#endif
