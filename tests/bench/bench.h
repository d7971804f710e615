/* The words of hosted benchmarks: how long a thing takes, on this machine, as an ordinary program.
 *
 *     static void sum_1500(void *arg) { for (int i = 0; i < 1000; i++) bench_keep(csum_bytes(arg, 1500)); }
 *     static void measure_csum(void) { bench_ns("csum 1500 B", 1000, sum_1500, packet); }
 *     BENCH(csum);
 *
 * A body does `ops` operations; it is run once to warm up and then BENCH_RUNS times, and the fastest run counts: what
 * disturbs a run only ever makes it slower. One line each: name, value, unit. Nothing here passes or fails.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "lib/base.h"
#include "lib/set.h"

#define BENCH_RUNS 15

struct bench {
    const char *name;
    void (*fn)(void);
};

#define BENCH(n)                                                 \
    static const struct bench benchmark_##n = {#n, measure_##n}; \
    SET_ADD(bench, benchmark_##n)

void bench_ns(const char *what, u64 ops, void (*body)(void *arg), void *arg);
/* The same for a body that cannot be run again as it is: `prepare` goes before each run and is not counted. */
void bench_ns_fresh(const char *what, u64 ops, void (*prepare)(void *arg), void (*body)(void *arg), void *arg);
void bench_value(const char *what, double value, const char *unit);
u64 bench_rand(void);  /* the same numbers in each run of the program; starts afresh for each BENCH */
u64 bench_clock(void); /* ns of this thread on a processor */

/* The compiler must compute v. */
static inline void bench_keep(u64 v)
{
    extern volatile u64 bench_kept;
    bench_kept = v;
}

#endif
