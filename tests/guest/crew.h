/* A crew: one task on each of some CPUs, all doing the same at once, awaited together. */
#ifndef TESTS_GUEST_CREW_H
#define TESTS_GUEST_CREW_H

#include "lib/base.h"

/* fn(i) for i = 0 .. n-1, each in a task of its own on CPU i % cpu_count(); returns when all have returned. */
void crew_run(unsigned n, void (*fn)(unsigned i));

/* The same in two halves: what runs beside the test. */
struct crew {
    void (*fn)(unsigned i);
    unsigned next, left;
};
void crew_start(struct crew *c, unsigned n, int cpu, int prio, void (*fn)(unsigned i)); /* cpu -1: spread */
void crew_wait(struct crew *c);

#endif
