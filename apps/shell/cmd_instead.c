/* Commands of Linux whose object cannot exist in Weir: each says why, and what to use instead.
 *
 * One line of data each; the text stands in .help, where completion and `help modprobe` find it too. A boot
 * script that names one is refused; elsewhere the status is 1, for a script to notice. Never does anything else.
 */
#include "lib/cmd.h"

static int cmd_instead(struct cmd_ctx *c)
{
    return cmd_error(c, "%s", c->cmd->help);
}

#define INSTEAD(id, word, text) \
    CMD(id, .name = word, .group = CMD_ELSEWHERE, .help = text, .usage = "", .run = cmd_instead)

INSTEAD(modprobe, "modprobe",
        "Weir has no modules: everything is linked in. `help` lists what there is; "
        "`sysctl net.ipv4.tcp_available_congestion_control` what TCP can use");
INSTEAD(insmod, "insmod", "Weir has no modules: everything is linked in");
INSTEAD(rmmod, "rmmod", "Weir has no modules: nothing can be taken out");
INSTEAD(lsmod, "lsmod", "Weir has no modules: everything is linked in. `lspci -k` shows which driver took what");
INSTEAD(strace, "strace",
        "Weir has no processes and no system calls to trace: `ps` shows tasks, `perf top` where time goes, "
        "`dmesg` what happened");
INSTEAD(nsenter, "nsenter",
        "Weir has no processes whose namespaces could be entered: type the command itself, "
        "such as `ip -s link`");
INSTEAD(perf_record, "perf record", "nothing is recorded to a file: `perf top` samples and shows at once");
INSTEAD(perf_report, "perf report", "nothing is recorded to a file: `perf top` samples and shows at once");
INSTEAD(perf_stat, "perf stat", "use `perf top` for where time goes, `mpstat -P ALL 1 3` for how busy each CPU is");
INSTEAD(perf_trace, "perf trace", "Weir has no system calls to trace: `perf top` shows where time goes");
INSTEAD(systemctl, "systemctl", "Weir has no services: /etc/weir.conf is the whole start, `ps` shows what runs");
INSTEAD(service, "service", "Weir has no services: /etc/weir.conf is the whole start, `ps` shows what runs");
INSTEAD(journalctl, "journalctl", "use `dmesg`, and `dmesg -w` to follow");
INSTEAD(kill, "kill", "Weir's tasks are its parts and are not killed: Ctrl-C ends what runs at the console");
INSTEAD(killall, "killall", "Weir's tasks are its parts and are not killed: Ctrl-C ends what runs at the console");
INSTEAD(apt, "apt", "Weir is one image: boot a newer one to update it");
INSTEAD(apt_get, "apt-get", "Weir is one image: boot a newer one to update it");
INSTEAD(vi, "vi", "files are edited where the boot files are made; here: cat > /tmp/FILE, ended by Ctrl-D");
INSTEAD(vim, "vim", "files are edited where the boot files are made; here: cat > /tmp/FILE, ended by Ctrl-D");
INSTEAD(nano, "nano", "files are edited where the boot files are made; here: cat > /tmp/FILE, ended by Ctrl-D");
INSTEAD(mount, "mount", "there is one tree of names: /proc, /sys, /etc (boot files), /tmp (in RAM)");
INSTEAD(df, "df", "there are no disks: `free` shows memory, `ls -l /tmp` the files in it");
INSTEAD(htop, "htop", "use `top`, `mpstat -P ALL 1` or `perf top`");
INSTEAD(cd, "cd", "there is no current directory: paths are absolute, and Tab completes them");
INSTEAD(pwd, "pwd", "there is no current directory: paths are absolute, and Tab completes them");

/* Who is root already needs no sudo; what stands behind it is run. */
static int cmd_sudo(struct cmd_ctx *c)
{
    if (c->argc < 2)
        return cmd_usage(c, "which command? (you are root already)");
    return cmd_run_within(c, c->argc - 1, c->argv + 1, c->in);
}

CMD(sudo, .name = "sudo", .group = "shell", .help = "runs the command: you are root already", .usage = "COMMAND",
    .run = cmd_sudo);
