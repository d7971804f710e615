/* The end of a run: off, or again from the start. plat_poweroff and plat_reboot are lib/plat.h's; they try what the
 * machine offers, one way after the other, and return only when nothing helped. */
#ifndef KERNEL_POWER_H
#define KERNEL_POWER_H

#include "lib/base.h"

enum power_what { POWER_OFF = 1, POWER_REBOOT };

void power_init(void); /* task, after irq_init: ACPI mode, the power button */

/* How what was written gets out first: the console enters itself. 0 or -errno at until_ns; task. */
void power_set_flush(int (*fn)(u64 until_ns));

/* Asks for an orderly end, from any context but NMI: the task "power" tells why, lets what was written go out, and
 * does it. The first request counts. */
void power_request(enum power_what what, const char *why);

#endif
