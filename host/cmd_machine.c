/* The machine's commands, where there is no machine: kernel/cmd_*.c as far as a Linux program can answer for them.
 *
 * They are known, so that a configuration which names one is judged as on the machine; `poweroff` and `reboot` end the
 * program, and the rest say what they would need. A test compares the names with those in kernel/.
 *
 * Never pretends to have hardware.
 */
#include "lib/cmd.h"
#include "lib/plat.h"

static int cmd_absent(struct cmd_ctx *c)
{
    return cmd_error(c, "this program has no machine of its own: boot Weir for that");
}

#define OF_MACHINE(id, words, text) CMD(id, .name = words, .help = text, .usage = "...", .run = cmd_absent)

OF_MACHINE(dmesg, "dmesg", "the machine's messages");
OF_MACHINE(free, "free", "how much memory there is");
OF_MACHINE(lspci, "lspci", "PCI functions");
OF_MACHINE(mpstat, "mpstat", "how busy each CPU is");
OF_MACHINE(panic, "panic", "crash on purpose");
OF_MACHINE(perf_top, "perf top", "where time goes, by symbol");
OF_MACHINE(ps, "ps", "tasks");
OF_MACHINE(sar, "sar", "how busy CPUs and devices are");
OF_MACHINE(softirqs, "softirqs", "softirqs, and how long they wait");
OF_MACHINE(top, "top", "the busiest tasks");

static int cmd_poweroff(struct cmd_ctx *c)
{
    plat_poweroff();
    return 0;
}

static int cmd_reboot(struct cmd_ctx *c)
{
    plat_reboot();
    return 0;
}

CMD(halt, .name = "halt", .help = "end this program", .usage = "[-f] [-p]", .run = cmd_poweroff);
CMD(poweroff, .name = "poweroff", .help = "end this program", .usage = "[-f]", .run = cmd_poweroff);
CMD(reboot, .name = "reboot", .help = "end this program", .usage = "[-f]", .run = cmd_reboot);
CMD(shutdown, .name = "shutdown", .help = "end this program", .usage = "[-h|-r] [now]", .run = cmd_poweroff);
