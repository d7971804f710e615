/* The console: what is written goes to every device that serves as one, what is typed comes from any of them.
 *
 * Devices: a serial port and the screen with its keyboard. Both, unless `console=` names some: console=ttyS1,9600
 * console=tty0. Unless it names one, the serial port is the one that firmware names (ACPI's SPCR), else COM1. A port
 * without an interrupt is polled. console_read and console_write are lib/plat.h's.
 *
 *     console_early     -> polled serial port: no memory, no interrupts; log lines appear as they are written
 *     console_screen    -> the screen too, with the log so far
 *     console_firmware  -> the serial port that firmware names, if it is another
 *     console_start     -> by interrupts; log lines are shown by a task of its own
 *     console_panic_write -> polled again, no locks
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include "lib/base.h"
#include "lib/plat.h"

void console_early(void);    /* the first CPU, as early as it likes; after it log_write shows something */
void console_screen(void);   /* after slab_init and vm_init */
void console_firmware(void); /* after acpi_init, before console_start */
void console_start(void);    /* task, after irq_init and softirq_init */

/* For a panic: from the first call on every byte goes out at once, whatever other CPUs hold. Any context; other CPUs
 * are stopped. */
void console_panic_write(const char *p, size_t n);

/* Waits until what was written has left the machine; 0 or -ETIMEDOUT. Task. */
int console_flush(u64 until_ns);

void console_summary(char *p, size_t n); /* "ttyS0 115200, VGA text, 80x25 characters" */

#endif
