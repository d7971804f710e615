/* What the console tells at boot, and `dmesg` later. */
#ifndef BOOT_BANNER_H
#define BOOT_BANNER_H

#include "drivers/bus.h"

void banner_hello(void);   /* version, build, who loaded us */
void banner_machine(void); /* memory map in short, CPUs, clock source, console */
void banner_device(const struct bus_dev *dev);
void banner_entropy(void);
void banner_ready(void); /* "weir: ready in N ms" */

#endif
