/* The sampling profiler: where the CPUs are, looked at many times a second, by function.
 *
 *     struct profile *p = profile_start(997);              NULL: no memory; -EBUSY is told by profile_busy()
 *     ... some time ...
 *     profile_collect(p);
 *     for (i = 0; i < p->count; i++) p->row[i].name, p->row[i].samples   most samples first
 *     profile_stop(p);
 *
 * Idle CPUs are not sampled: the shares are of the time that CPUs work. What a handler with interrupts off does is
 * seen at the moment when it lets them on again. One at a time; tasks alone.
 */
#ifndef KERNEL_PROFILE_H
#define KERNEL_PROFILE_H

#include "lib/base.h"

#define PROFILE_ROWS 256 /* functions that are told apart; the rest is counted in `others` */

struct profile_row {
    const char *name;
    u64 start; /* address of the function */
    u64 samples;
};

struct profile {
    unsigned count;
    struct profile_row row[PROFILE_ROWS];
    u64 samples, others, lost; /* all that were taken; without a row; for which a CPU's buffer had no room */
};

struct profile *profile_start(unsigned hz);
void profile_collect(struct profile *p); /* adds what was sampled since, and sorts */
void profile_clear(struct profile *p);   /* counts from nothing again */
void profile_stop(struct profile *p);
bool profile_busy(void); /* somebody profiles */

#endif
