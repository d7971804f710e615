/* The machine's devices: found, and given to their drivers. */
#ifndef BOOT_DEVICES_H
#define BOOT_DEVICES_H

void devices_find(void); /* task; what the machine has; drivers that are early take theirs */
void devices_up(void);   /* task; each device is told on the console, with who took it */

#endif
