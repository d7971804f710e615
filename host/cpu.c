/* The CPUs of a hosted Weir: threads, the idle loop that runs everything, and the moment when all are idle.
 *
 * A thread is one CPU, or all of them in turn. Each has an idle context from which tasks are entered and to which they
 * come back; main's thread gets a coroutine for it, the others idle on their own stacks.
 *
 * A thread without work goes to sleep under idle.lock. The last to do so moves virtual time (clock_jump), which gives
 * work to somebody. Who hands work to another thread's CPU calls cpu_kick, which takes idle.lock as well, so a kick
 * cannot fall between the last look and the sleep.
 *
 * Never preempts: a task runs until it waits.
 */
#define _GNU_SOURCE /* ppoll */
#include "host/ground.h"
#include "host/host.h"
#include "lib/timer.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

_Thread_local unsigned host_cpu;
_Thread_local unsigned host_rcu_depth, host_locks;
unsigned host_cpus = 1;
struct cpu host_cpu_block[CPU_MAX];
struct host_ground host_ground;

#define LOOK_NS (10 * NS_PER_MS)

struct thread {
    struct context idle;
    unsigned first, end; /* its CPUs */
    pthread_t id;
    int kick;    /* eventfd */
    bool asleep; /* idle.lock */
    bool stop;   /* atomic */
};

static struct thread threads[CPU_MAX];
static struct {
    pthread_mutex_t lock;
    unsigned asleep;
} idle = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct thread *thread_of(unsigned cpu)
{
    return &threads[host_ground.threads > 1 ? cpu : 0];
}

bool cpu_has_work(struct cpu *c)
{
    if (load_acquire(&c->pending) || clock_next(c) <= clock_ns())
        return true;
    spin_take(&c->lock);
    bool ready = false;
    for (int p = 0; p < TASK_PRIOS; p++)
        ready |= !list_empty(&c->ready[p]);
    spin_unlock(&c->lock);
    return ready;
}

void host_spin(unsigned *turns)
{
    cpu_pause();
    if (++*turns % 256 == 0 && host_ground.threads > 1)
        sched_yield();
    if (PLAT_DEBUG && host_ground.threads <= 1 && *turns > 1000000)
        panic("spin lock: taken twice by the only thread");
}

/* idle.lock held. */
static void wake_thread(struct thread *th)
{
    if (!th->asleep)
        return;
    th->asleep = false;
    idle.asleep--;
    u64 one = 1;
    if (th != thread_of(host_cpu) && write(th->kick, &one, sizeof(one)) != sizeof(one))
        panic("host: eventfd");
}

void cpu_kick(unsigned cpu)
{
    if (host_ground.threads == 1)
        return; /* all CPUs are looked at before this thread sleeps */
    pthread_mutex_lock(&idle.lock);
    wake_thread(thread_of(cpu));
    pthread_mutex_unlock(&idle.lock);
}

static void tell_task(const char *name, const char *state)
{
    log_write(LOG_ERR, "task %s: %s", name, state);
}

/* All are idle, idle.lock is held, time is virtual: goes to the next event and wakes those whose it is. */
static void clock_jump(void)
{
    u64 next = host_clock_next();
    if (next <= host_ground.advance_to && next != ~0ull) {
        if (next > host_ground.now)
            store_release(&host_ground.now, next);
        for (unsigned i = 0; i < host_ground.cpus; i++)
            if (clock_next(&host_cpu_block[i]) <= next)
                wake_thread(thread_of(i));
        return;
    }
    if (host_ground.advance_to == ~0ull) {
        host_tasks(tell_task);
        panic("host: main waits, and nothing is left that could wake it");
    }
    store_release(&host_ground.now, host_ground.advance_to);
    task_end_advance();
    wake_thread(&threads[0]);
}

/* Another thread's kick, the console; if it may wait, until then or until the real clock says so. */
static void look_outside(struct thread *th, bool wait)
{
    struct pollfd fds[2] = {{.fd = th->kick, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    u64 next = wait ? ~0ull : 0, now = clock_ns();
    if (th == &threads[0])
        fds[1].fd = console_fd();
    for (unsigned i = th->first; i < th->end; i++) {
        u64 at = clock_next(&host_cpu_block[i]);
        next = min(next, at);
    }
    struct timespec span, *timeout = NULL;
    if (host_ground.real && next != ~0ull) {
        u64 ns = next > now ? min(next - now, 3600 * NS_PER_S) : 0;
        span = (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
        timeout = &span;
    }
    ppoll(fds, 2, timeout, NULL);
    if (fds[0].revents) {
        u64 count;
        if (read(th->kick, &count, sizeof(count)) != sizeof(count))
            panic("host: eventfd");
    }
    if (fds[1].revents)
        console_ready();
}

static bool thread_has_work(struct thread *th)
{
    bool work = load_acquire(&th->stop);
    for (unsigned i = th->first; i < th->end; i++)
        work |= cpu_has_work(&host_cpu_block[i]);
    return work;
}

static void thread_sleep(struct thread *th)
{
    for (unsigned i = th->first; i < th->end; i++)
        if (rcu_waiting(&host_cpu_block[i])) {
            if (host_ground.threads > 1)
                sched_yield(); /* for another thread to pass its quiescent state */
            return;
        }
    pthread_mutex_lock(&idle.lock);
    if (thread_has_work(th)) {
        pthread_mutex_unlock(&idle.lock);
        return;
    }
    for (unsigned i = th->first; i < th->end; i++)
        rcu_idle(&host_cpu_block[i], true);
    th->asleep = true;
    idle.asleep++;
    if (!host_ground.real && idle.asleep == host_ground.threads)
        clock_jump();
    while (th->asleep) {
        pthread_mutex_unlock(&idle.lock);
        look_outside(th, true);
        pthread_mutex_lock(&idle.lock);
        if (th->asleep && thread_has_work(th)) {
            th->asleep = false;
            idle.asleep--;
        }
    }
    pthread_mutex_unlock(&idle.lock);
    for (unsigned i = th->first; i < th->end; i++)
        rcu_idle(&host_cpu_block[i], false);
}

/* One step of one CPU; false: there was nothing to do. */
static bool cpu_step(struct cpu *c)
{
    host_cpu = (unsigned)(c - host_cpu_block);
    clock_due(c);
    bool did = softirq_run(c);
    if (task_run_next(c)) {
        did = true;
        softirq_run(c);
    }
    rcu_quiet(c);
    return rcu_step(c) || did;
}

static void idle_loop(struct thread *th)
{
    u64 looked = clock_ns();
    while (!load_acquire(&th->stop)) {
        bool did = false;
        if (host_ground.real && clock_ns() - looked > LOOK_NS) { /* a busy program hears Ctrl-C too */
            look_outside(th, false);
            looked = clock_ns();
        }
        for (unsigned i = th->first; i < th->end; i++)
            did |= cpu_step(&host_cpu_block[i]);
        if (!did)
            thread_sleep(th);
    }
}

static void main_idle(void *arg)
{
    context_enter();
    idle_loop(arg);
    panic("host: the idle loop of main's thread ended");
}

static void *thread_main(void *arg)
{
    struct thread *th = arg;
    host_cpu = th->first;
    idle_loop(th);
    return NULL;
}

void cpu_leave(struct task *t, bool last)
{
    struct thread *th = thread_of(t->cpu);
    if (!th->idle.map && th == &threads[0] && context_make(&th->idle, main_idle, th))
        panic("host: no memory for the idle loop");
    context_switch(&t->ctx, &th->idle, last);
}

void cpu_enter(struct task *t)
{
    context_switch(&thread_of(t->cpu)->idle, &t->ctx, false);
}

static void cpu_init(struct cpu *c)
{
    *c = (struct cpu){.timer_at = ~0ull};
    for (int p = 0; p < TASK_PRIOS; p++)
        list_init(&c->ready[p]);
    list_init(&c->sleepers);
    list_init(&c->tasks);
    rcu_init(c);
}

void host_start(const struct host_config *config)
{
    unsigned cpus = config->cpus ? config->cpus : 1;
    if (cpus > CPU_MAX)
        panic("host: %u CPUs, at most %u", cpus, CPU_MAX);
    host_cpus = cpus;
    host_cpu = 0;
    host_ground = (struct host_ground){
        .cpus = cpus,
        .threads = config->threads ? cpus : 1,
        .real = config->real,
        .seed = config->seed,
        .advance_to = ~0ull,
    };
    for (unsigned i = 0; i < cpus; i++)
        cpu_init(&host_cpu_block[i]);
    clock_start();
    entropy_start();
    console_start();
    task_init();
    softirq_start();
    for (unsigned i = 0; i < cpus; i++)
        if (timer_cpu_start(i))
            panic("host: no memory for the timers of CPU %u", i);
    softirq_set(SOFTIRQ_TIMER, timer_softirq);
    idle.asleep = 0;
    for (unsigned i = 0; i < host_ground.threads; i++) {
        threads[i] = (struct thread){.first = i, .end = host_ground.threads > 1 ? i + 1 : cpus, .kick = eventfd(0, 0)};
        if (threads[i].kick < 0 || (i && pthread_create(&threads[i].id, NULL, thread_main, &threads[i])))
            panic("host: no thread for CPU %u", i);
    }
}

void host_stop(void)
{
    if (task_self() != &task_main)
        panic("host_stop: not in main");
    pthread_mutex_lock(&idle.lock);
    for (unsigned i = 1; i < host_ground.threads; i++) {
        store_release(&threads[i].stop, true);
        wake_thread(&threads[i]);
    }
    pthread_mutex_unlock(&idle.lock);
    for (unsigned i = 0; i < host_ground.threads; i++) {
        if (i)
            pthread_join(threads[i].id, NULL);
        close(threads[i].kick);
    }
    for (unsigned i = 0; i < host_ground.cpus; i++)
        task_end_all(&host_cpu_block[i]);
    for (unsigned i = 1; i < host_ground.cpus; i++)
        timer_cpu_stop(i);
    context_free(&threads[0].idle);
    host_ground.threads = 0;
}

/* The ground stands before main(), so that a fuzz target or a benchmark needs no word about it. */
static __attribute__((constructor)) void start_first_ground(void)
{
    host_start(&(struct host_config){.seed = 1});
}
