/* Tasks that work for a test: started together, awaited together. Each takes its number as it begins. */
#include "tests/guest/crew.h"

#include "lib/check.h"
#include "lib/plat.h"

static void crew_main(void *arg)
{
    struct crew *c = arg;
    c->fn(atomic_add(&c->next, 1) - 1);
    atomic_sub(&c->left, 1);
}

void crew_start(struct crew *c, unsigned n, int cpu, int prio, void (*fn)(unsigned i))
{
    *c = (struct crew){.fn = fn, .left = n};
    for (unsigned i = 0; i < n; i++) {
        int on = cpu >= 0 ? cpu : (int)(i % cpu_count());
        if (!task_start("crew", crew_main, c, (enum task_prio)prio, on)) {
            CHECK(!"no memory for a task");
            atomic_sub(&c->left, 1);
        }
    }
}

void crew_wait(struct crew *c)
{
    while (load_acquire(&c->left))
        task_sleep(NS_PER_MS);
}

void crew_run(unsigned n, void (*fn)(unsigned i))
{
    struct crew c;
    crew_start(&c, n, -1, TASK_NORMAL, fn);
    crew_wait(&c);
}
