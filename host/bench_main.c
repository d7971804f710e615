/* Runs the hosted benchmarks: every BENCH() linked in, in the order of names.
 *
 *     weir-bench [PATTERN]      PATTERN: a substring of the benchmark's name
 *
 * Prints one line for each figure: name, value, unit. The bare machine maps all memory by pages of 2 MiB or more; to
 * measure the same, the program starts itself again with the C library told to ask for such pages.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HUGE_PAGES "glibc.malloc.hugetlb=1"

volatile u64 bench_kept;
static u64 rand_state;

u64 bench_rand(void)
{
    u64 z = rand_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

u64 bench_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* others on the same machine cost less so */
    return (u64)t.tv_sec * NS_PER_S + (u64)t.tv_nsec;
}

void bench_value(const char *what, double value, const char *unit)
{
    printf("%-44s %10.2f %s\n", what, value, unit);
    fflush(stdout);
}

void bench_ns_fresh(const char *what, u64 ops, void (*prepare)(void *arg), void (*body)(void *arg), void *arg)
{
    u64 best = ~0ull;
    for (int run = -1; run < BENCH_RUNS; run++) {
        if (prepare)
            prepare(arg);
        u64 t = bench_clock();
        body(arg);
        t = bench_clock() - t;
        if (run >= 0)
            best = min(best, t);
    }
    bench_value(what, (double)best / (double)ops, "ns");
}

void bench_ns(const char *what, u64 ops, void (*body)(void *arg), void *arg)
{
    bench_ns_fresh(what, ops, NULL, body, arg);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct bench *const *)a)->name, (*(const struct bench *const *)b)->name);
}

static void ask_for_huge_pages(char **argv)
{
    const char *set = getenv("GLIBC_TUNABLES");
    if (set && strstr(set, HUGE_PAGES))
        return;
    setenv("GLIBC_TUNABLES", HUGE_PAGES, 1);
    execv("/proc/self/exe", argv); /* where that fails, pages stay small */
}

int main(int argc, char **argv)
{
    const char *pattern = argc > 1 ? argv[1] : "";
    unsigned n = 0, ran = 0;

    ask_for_huge_pages(argv);
    SET_FOREACH(bench, const struct bench, counted)
        (void)counted, n++;
    const struct bench **all = calloc(n + 1, sizeof(const struct bench *));
    n = 0;
    SET_FOREACH(bench, const struct bench, b)
        all[n++] = b;
    qsort(all, n, sizeof(const struct bench *), by_name);
    for (unsigned i = 0; i < n; i++) {
        if (!strstr(all[i]->name, pattern))
            continue;
        rand_state = 1;
        all[i]->fn();
        ran++;
    }
    free(all);
    if (!ran)
        fprintf(stderr, "weir-bench: no benchmark has \"%s\" in its name\n", pattern);
    return !ran;
}
