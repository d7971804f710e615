/* The table of contents: brings the house up, floor by floor, one line each.
 *
 * boot/entry.S comes here on the first CPU with the early map, interrupts off. The three lists are in the order in
 * which they run: boot_main up to memory, machine_up (boot/machine.c) up to tasks and CPUs, house_up (boot/house.c) the
 * rest. What a line needs stands above it.
 */
#include "boot/banner.h"
#include "boot/house.h"
#include "boot/loader.h"
#include "boot/machine.h"
#include "kernel/bootinfo.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/slab.h"
#include "kernel/trap.h"
#include "kernel/vm.h"

NORETURN void boot_main(u32 magic, u64 info);

void boot_main(u32 magic, u64 info)
{
    cpu_detect();                  /* features; the canary: nothing protected has been entered yet that will return */
    loader_read(magic, info);      /* memory map, modules, command line */
    console_early();               /* a polled serial port: from here on one sees something */
    banner_hello();                /* who we are */
    cmdline_run(bootinfo.cmdline); /* options may change what follows */
    trap_init();                   /* the gates: from here on a fault is a report */
    cpu_init();                    /* GDT, TSS, emergency stacks, control bits */
    page_init();                   /* RAM below 4 GiB */
    vm_init();                     /* the final page tables */
    page_init_high();              /* RAM above */
    slab_init();                   /* mem_alloc */
    cpu_init_stacks();             /* emergency stacks above guard pages */
    console_screen();              /* the screen, with the log so far */
    machine_up();                  /* interrupts, time, tasks, CPUs; we are the task "main" afterwards */
    house_up();                    /* devices, files, the stack, the shell; never returns */
}
