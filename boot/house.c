/* The third list: from a running machine to the prompt. See boot/main.c.
 *
 * Each thing that was found is told on the console as it is found; the last line is "weir: ready in N ms", and then the
 * boot script runs and the shell asks for commands.
 */
#include "boot/house.h"

#include "apps/shell/shell.h"
#include "boot/banner.h"
#include "boot/devices.h"
#include "boot/files.h"
#include "kernel/console.h"
#include "kernel/guest_test.h"
#include "kernel/load.h"
#include "kernel/power.h"
#include "lib/net.h"
#include "lib/plat.h"

void house_up(void)
{
    banner_machine(); /* memory, CPUs, clock */
    console_start();  /* the console by interrupts */
    power_init();     /* ACPI mode, the power button */
    load_start();     /* load averages */
    devices_up();     /* functions and windows found, and who takes what */
    banner_entropy(); /* what secrets are made of */
    boot_files();     /* /etc */
    net_first = net_new();
    if (!net_first)
        panic("no memory for the network stack");
    banner_ready();
    if (!guest_test_start() && shell_start(net_first)) /* a prompt, or the tests that were asked for */
        panic("no memory for the shell");
    for (;;) /* our stack is the image's: it has no other use */
        task_park(~0ull);
}
