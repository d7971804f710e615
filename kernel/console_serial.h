/* The console's serial port: where firmware says that it is, and how it is read when it has no interrupt. For
 * kernel/console.c alone.
 */
#ifndef KERNEL_CONSOLE_SERIAL_H
#define KERNEL_CONSOLE_SERIAL_H

#include "kernel/uart.h"

/* The port that ACPI's SPCR names; NULL: none, or nothing answers there. After acpi_init. */
struct uart *serial_of_firmware(u32 *baud);

/* u, started without an interrupt, is asked for what it has received from now on: POLL_IDLE_NS apart, and POLL_BUSY_NS
 * for a while after something came. */
void serial_poll(struct uart *u);

#endif
