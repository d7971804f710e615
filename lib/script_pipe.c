/* Pipelines: every stage but the last is a task of its own, with a ring to the next.
 *
 *     task 1              task 2                 the caller
 *     dmesg  --ring-->    grep x   --ring-->     head -3
 *
 * So an endless producer works (`watch ... | grep x`), memory is bounded whatever is printed, and a reader that has
 * seen enough ends the ones before him: their next write fails. The caller runs the last stage itself, leaves the last
 * ring, and waits for the tasks; a Ctrl-C that meets it is handed on to them. All are on the caller's CPU: a pipe is
 * no reason to move to another. The status is that of the last stage.
 */
#include "lib/errno.h"
#include "lib/plat.h"
#include "lib/script_exec.h"
#include "lib/script_ring.h"

/* On the caller's stack. The lock makes a task's last words and the caller's look at them one thing each: while he
 * holds it, a task that is not done is there to be interrupted, and one that is done touches nothing any more. */
struct group {
    struct spinlock lock;
    struct task *caller;
};

struct runner {
    struct runner *next;
    struct group *group;
    const struct stage *stage;
    struct script_env *env;
    struct streams io;
    struct script_ring *from, *to; /* from NULL: the first stage */
    unsigned flags;
    struct task *task;
    bool done; /* under the group's lock */
};

static void run_stage(struct runner *r)
{
    script_run_stage(r->env, r->stage, &r->io, r->flags);
    if (r->from)
        script_ring_reader_leaves(r->from);
    if (r->to)
        script_ring_writer_leaves(r->to);
}

static void runner_task(void *arg)
{
    struct runner *r = arg;
    struct group *g = r->group;

    run_stage(r);
    spin_lock(&g->lock);
    r->done = true;
    task_wake(g->caller);
    spin_unlock(&g->lock);
}

static void free_runners(struct runner *r, struct script_env *env)
{
    while (r) {
        struct runner *next = r->next;
        if (r->env)
            script_sub_free(r->env, env);
        mem_free(r->to);
        mem_free(r);
        r = next;
    }
}

/* One runner with the ring behind it, if it is not the last; NULL: no memory. */
static struct runner *make_runner(struct script_env *env, const struct stage *st, const struct streams *io,
                                  unsigned flags, struct script_ring *from, struct group *g)
{
    struct runner *r = mem_zalloc(sizeof(*r));

    if (!r)
        return NULL;
    r->group = g;
    r->stage = st;
    r->io = *io;
    r->flags = st->next ? flags | RUN_QUIET : flags;
    r->from = from;
    r->env = script_sub_new(env);
    if (st->next)
        r->to = mem_alloc(sizeof(*r->to));
    if (!r->env || (st->next && !r->to)) {
        free_runners(r, NULL);
        return NULL;
    }
    if (from)
        r->io.in = &from->in;
    if (r->to) {
        script_ring_init(r->to);
        r->io.out = &r->to->out;
        r->io.piped = true;
    }
    return r;
}

static struct runner *make_all(struct script_env *env, const struct stage *stages, const struct streams *io,
                               unsigned flags, struct group *g)
{
    struct runner *first = NULL, **tail = &first;
    struct script_ring *from = NULL;

    for (const struct stage *st = stages; st; st = st->next) {
        struct runner *r = make_runner(env, st, io, flags, from, g);
        if (!r) {
            free_runners(first, NULL);
            return NULL;
        }
        *tail = r;
        tail = &r->next;
        from = r->to;
    }
    return first;
}

/* Starts all but the last, which is returned. A stage that cannot be started is one that printed nothing. */
static struct runner *start_all(struct script_env *env, struct runner *r, const struct streams *io)
{
    for (; r->next; r = r->next) {
        const char *name = r->stage->loop || !r->stage->words ? NULL : script_plain(r->stage->words);
        r->task = task_start(name ? name : "pipe", runner_task, r, TASK_NORMAL, (int)cpu_id());
        if (r->task)
            continue;
        script_say(env, io, r->stage->line, "a stage of the pipe could not be started: %s", errno_text(-ENOMEM));
        r->done = true;
        if (r->from)
            script_ring_reader_leaves(r->from);
        script_ring_writer_leaves(r->to);
    }
    return r;
}

static void interrupt_all_locked(struct runner *r)
{
    for (; r->next; r = r->next)
        if (!r->done)
            task_interrupt(r->task);
}

static void wait_for_all(struct group *g, struct runner *first)
{
    bool told = false;

    spin_lock(&g->lock);
    for (struct runner *r = first; r->next; r = r->next) {
        while (!r->done) {
            if (!told && task_interrupted()) {
                told = true;
                interrupt_all_locked(r);
            }
            spin_unlock(&g->lock);
            task_park(~0ull);
            spin_lock(&g->lock);
        }
    }
    spin_unlock(&g->lock);
}

int script_run_pipe(struct script_env *env, const struct stage *stages, const struct streams *io, unsigned flags)
{
    struct group g = {.caller = task_self()};
    struct runner *first = make_all(env, stages, io, flags, &g);

    if (!first) {
        script_say(env, io, stages->line, "%s", errno_text(-ENOMEM));
        return env->status = 2;
    }
    struct runner *last = start_all(env, first, io);
    run_stage(last);
    wait_for_all(&g, first);
    env->status = last->env->status;
    free_runners(first, env);
    return env->status;
}
