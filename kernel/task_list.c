/* All tasks at one moment. Memory is taken for as many as there are, and some more that may be started meanwhile; what
 * comes beyond that is left out. */
#include "kernel/task_list.h"
#include "lib/plat.h"
#include "lib/string.h"

#define MORE 8

struct taking {
    struct task_list *l;
    unsigned room, seen;
};

static void count_one(const struct task_info *info, void *arg)
{
    ((struct taking *)arg)->seen++;
}

static void take_one(const struct task_info *info, void *arg)
{
    struct taking *t = arg;

    if (t->l->count == t->room)
        return;
    struct task_entry *e = &t->l->task[t->l->count++];
    e->info = *info;
    e->recent_ns = 0;
    str_copy(e->name, sizeof(e->name), info->name);
    e->info.name = e->name;
}

int task_list_take(struct task_list *l)
{
    struct taking t = {.l = l};

    *l = (struct task_list){0};
    task_walk(count_one, &t);
    t.room = t.seen + MORE;
    l->task = mem_alloc(t.room * sizeof(*l->task));
    if (!l->task)
        return -ENOMEM;
    task_walk(take_one, &t);
    return 0;
}

void task_list_free(struct task_list *l)
{
    mem_free(l->task);
    *l = (struct task_list){0};
}

static u64 used_before(const struct task_list *before, u32 id)
{
    for (unsigned i = 0; i < before->count; i++)
        if (before->task[i].info.id == id)
            return before->task[i].info.cpu_ns;
    return 0;
}

void task_list_compare(struct task_list *now, const struct task_list *before)
{
    for (unsigned i = 0; i < now->count; i++) {
        u64 used = now->task[i].info.cpu_ns, was = used_before(before, now->task[i].info.id);
        now->task[i].recent_ns = used > was ? used - was : 0;
    }
    for (unsigned i = 1; i < now->count; i++) { /* a handful: insertion */
        struct task_entry e = now->task[i];
        unsigned at = i;
        for (; at && now->task[at - 1].recent_ns < e.recent_ns; at--)
            now->task[at] = now->task[at - 1];
        now->task[at] = e;
    }
    for (unsigned i = 0; i < now->count; i++)
        now->task[i].info.name = now->task[i].name;
}
