/* The second list: from memory to a machine whose CPUs all run tasks. See boot/main.c.
 *
 * Up to task_init nothing may wait; from there on the caller is the task "main", and after interrupts_on it may sleep.
 */
#include "boot/machine.h"

#include "kernel/acpi.h"
#include "kernel/console.h"
#include "kernel/entropy.h"
#include "kernel/idle.h"
#include "kernel/irq.h"
#include "kernel/rcu.h"
#include "kernel/smp.h"
#include "kernel/softirq.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/x86.h"

extern u8 boot_stack[], boot_stack_top[];

void machine_up(void)
{
    acpi_init();                                                               /* who and what is there */
    console_firmware();                                                        /* the serial port that ACPI names */
    irq_init();                                                                /* this CPU's APIC, lines and messages */
    time_init();                                                               /* clocks, measured and chosen */
    task_init((u64)boot_stack, (u64)(boot_stack_top - boot_stack), idle_main); /* this flow is "main" */
    softirq_init();                                                            /* this CPU's stack and ksoftirqd */
    rcu_init();                                                                /* later work */
    sti();          /* from here on the machine may interrupt us */
    entropy_init(); /* secrets: from the CPU and from jitter */
    smp_start();    /* the other CPUs */
}
