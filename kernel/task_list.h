/* All tasks at one moment, for who prints them: task_walk's caller may not sleep, and out_text may. */
#ifndef KERNEL_TASK_LIST_H
#define KERNEL_TASK_LIST_H

#include "kernel/task.h"

struct task_list {
    unsigned count;
    struct task_entry {
        struct task_info info; /* .name points at `name` */
        char name[TASK_NAME];
        u64 recent_ns; /* task_list_compare: time used since the list before */
    } * task;
};

int task_list_take(struct task_list *l); /* 0 or -ENOMEM (the list is empty then) */
void task_list_free(struct task_list *l);

/* Fills recent_ns, and sorts: who used most comes first. */
void task_list_compare(struct task_list *now, const struct task_list *before);

#endif
