/* A machine without a configuration: see first_start.c. */
#ifndef BOOT_FIRST_START_H
#define BOOT_FIRST_START_H

void first_start_quiet(void); /* task; before there are devices: ip=off */
void first_start(void);       /* task; behind the configuration: waits for nothing */

#endif
