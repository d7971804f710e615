/* Coroutines: stacks with a guard below, and the switch between them (host/switch.S).
 *
 * The sanitizers follow a program's stacks, so each switch is announced to the one that is linked in; the functions are
 * weak, and absent in a plain build. Stacks of the dead are kept for the next, a few at most.
 *
 * Never decides who runs: that is host/cpu.c.
 */
#include "host/context.h"
#include "lib/plat.h"

#include <pthread.h>
#include <sys/mman.h>

#define STACKS_KEPT 32

void host_switch(void **from, void *to);
void host_context_start(void);

void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t size) __attribute__((weak));
void __sanitizer_finish_switch_fiber(void *fake, const void **bottom, size_t *size) __attribute__((weak));
void __asan_unpoison_memory_region(void const volatile *p, size_t n) __attribute__((weak));
void *__tsan_get_current_fiber(void) __attribute__((weak));
void *__tsan_create_fiber(unsigned flags) __attribute__((weak));
void __tsan_destroy_fiber(void *fiber) __attribute__((weak));
void __tsan_switch_to_fiber(void *fiber, unsigned flags) __attribute__((weak));

static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static void *kept[STACKS_KEPT];
static unsigned kept_count;

static _Thread_local struct context *left; /* who was left at this thread's last switch, */
static _Thread_local struct context *now;  /* and who was entered */

static void *stack_get(void)
{
    void *map = NULL;
    pthread_mutex_lock(&kept_lock);
    if (kept_count)
        map = kept[--kept_count];
    pthread_mutex_unlock(&kept_lock);
    if (map)
        return map;
    map = mmap(NULL, CONTEXT_GUARD + CONTEXT_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
               -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    if (mprotect(map, CONTEXT_GUARD, PROT_NONE)) {
        munmap(map, CONTEXT_GUARD + CONTEXT_STACK);
        return NULL;
    }
    return map;
}

static void stack_put(void *map)
{
    pthread_mutex_lock(&kept_lock);
    bool keep = kept_count < STACKS_KEPT;
    if (keep)
        kept[kept_count++] = map;
    pthread_mutex_unlock(&kept_lock);
    if (!keep)
        munmap(map, CONTEXT_GUARD + CONTEXT_STACK);
}

int context_make(struct context *c, void (*fn)(void *), void *arg)
{
    u8 *map = stack_get();
    if (!map)
        return -ENOMEM;
    *c = (struct context){.map = map, .bottom = map + CONTEXT_GUARD, .size = CONTEXT_STACK};
    if (__tsan_create_fiber)
        c->race = __tsan_create_fiber(0);

    /* What host_switch pops: r15 r14 r13 r12 rbx rbp, then where it returns to. Above it a zero, the end of the
     * chain of frames; the stack is aligned to 16 where host_context_start begins. */
    u64 *top = (u64 *)(map + CONTEXT_GUARD + CONTEXT_STACK) - 2;
    top[0] = top[1] = 0;
    u64 *sp = top - 7;
    sp[0] = sp[1] = 0;
    sp[2] = (u64)(uintptr_t)arg;
    sp[3] = (u64)(uintptr_t)fn;
    sp[4] = sp[5] = 0;
    sp[6] = (u64)(uintptr_t)host_context_start;
    c->sp = sp;
    return 0;
}

void context_free(struct context *c)
{
    if (!c->map)
        return;
    if (__tsan_destroy_fiber)
        __tsan_destroy_fiber(c->race);
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(c->bottom, c->size);
    stack_put(c->map);
    *c = (struct context){0};
}

/* The first words after every switch. A thread's own stack is measured when it is left for the first time. */
void context_enter(void)
{
    const void *bottom;
    size_t size;
    if (!__sanitizer_finish_switch_fiber)
        return;
    __sanitizer_finish_switch_fiber(now->fake, &bottom, &size);
    if (!left->bottom) {
        left->bottom = bottom;
        left->size = size;
    }
}

void context_switch(struct context *from, struct context *to, bool last)
{
    left = from;
    now = to;
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(last ? NULL : &from->fake, to->bottom, to->size);
    if (__tsan_switch_to_fiber) {
        if (!from->race)
            from->race = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(to->race, 0);
    }
    host_switch(&from->sp, to->sp);
    context_enter();
}

bool context_guards(const struct context *c, const void *address)
{
    const u8 *p = address, *map = c->map;
    return map && p >= map && p < map + CONTEXT_GUARD;
}
