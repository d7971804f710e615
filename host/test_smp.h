/* Tests on several CPUs: a function on each of them at once.
 *
 *     static void count(void *arg) { for (...) atomic_add_relaxed(&n, 1); }
 *     TEST(smp_counter_loses_nothing) { smp_run(count, NULL); CHECK_EQ(n, 1000 * cpu_count()); }
 *
 * A name that begins with smp_ gives a test four CPUs in one thread, in turn, and in the ThreadSanitizer build a thread
 * for each. So a function that waits for another CPU must say smp_relax() in its loop: it lets the others on.
 */
#ifndef HOST_TEST_SMP_H
#define HOST_TEST_SMP_H

#include "lib/base.h"

void smp_run(void (*fn)(void *arg), void *arg); /* main: a task on each CPU; returns when all have ended */
void smp_barrier(void);                         /* in fn: until every CPU is here */
void smp_relax(void);                           /* in fn: a quiescent state, and the turn of others */

#endif
