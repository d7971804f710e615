/* The machine beyond memory: interrupts, time, tasks, the other CPUs. */
#ifndef BOOT_MACHINE_H
#define BOOT_MACHINE_H

void machine_up(void); /* interrupts off before, on after; who called is a task from then on */

#endif
