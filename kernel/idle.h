/* What a CPU does that has nothing to do. */
#ifndef KERNEL_IDLE_H
#define KERNEL_IDLE_H

void idle_main(void *arg); /* the idle task's function: never returns */

#endif
