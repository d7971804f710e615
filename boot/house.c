/* The third list: from a running machine to the prompt. See boot/main.c.
 *
 * Each thing that was found is told on the console as it is found; the boot script runs, "weir: ready in N ms"
 * says that it has, and the shell asks for commands.
 */
#include "boot/house.h"

#include "apps/shell/shell.h"
#include "boot/banner.h"
#include "boot/devices.h"
#include "boot/files.h"
#include "boot/first_start.h"
#include "kernel/console.h"
#include "kernel/guest_test.h"
#include "kernel/load.h"
#include "kernel/power.h"
#include "lib/plat.h"
#include "net/net.h"

static bool conf_given;

static void configured(void)
{
    banner_ready();
    if (!conf_given)
        first_start();
}

void house_up(void)
{
    banner_machine(); /* memory, CPUs, clock */
    console_start();  /* the console by interrupts */
    power_init();     /* ACPI mode, the power button */
    load_start();     /* load averages */
    devices_find();   /* functions and windows; what gives entropy is taken at once, and waited for */
    banner_entropy(); /* what secrets are made of */
    net_first = net_bring_up();
    if (!net_first)
        panic("no memory for the network stack");
    first_start_quiet();       /* ip=off */
    devices_up();              /* who takes what */
    conf_given = boot_files(); /* /etc */
    if (guest_test_wanted()) { /* instead of a prompt */
        banner_ready();
        guest_test_start();
    } else if (shell_start(net_first, configured)) /* the configuration, "ready", and then for ever the console */
        panic("no memory for the shell");
    for (;;) /* our stack is the image's: it has no other use */
        task_park(~0ull);
}
