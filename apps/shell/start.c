/* What the shell does at boot: the configuration, then the console.
 *
 * When the configuration was refused or a command of it failed, the console says so, and how many; forwarding is then
 * left off by who asks shell_boot's answer. The console comes up in any case: somebody has to mend it.
 */
#include "apps/shell/boot_script.h"
#include "apps/shell/shell.h"
#include "lib/fmt.h"
#include "lib/plat.h"

static int write_console(struct out *o, const char *p, size_t n)
{
    console_write(p, n);
    return 0;
}

int shell_boot(struct shell *sh, const char *path)
{
    struct out out;
    char text[160];
    out_init(&out, write_console, NULL, false);
    int result = boot_script_run(shell_net(sh), path, &out, &out, sh, 0);
    if (result == -ENOENT)
        return 0;
    if (result < 0)
        fmt(text, sizeof(text), "weir: %s was refused as a whole: nothing is configured, forwarding stays off\n", path);
    else if (result)
        fmt(text, sizeof(text), "weir: %s: %d command%s failed: forwarding stays off\n", path, result,
            result == 1 ? "" : "s");
    if (result)
        out_text(&out, "%s", text);
    return result;
}

static void run_for_ever(void *arg)
{
    struct net *net = arg;
    struct shell *sh;
    while (!(sh = shell_new(net))) { /* memory may come back; without a console nobody can help */
        log_write(LOG_ERR, "shell: no memory for the console; trying again");
        task_sleep(NS_PER_S);
    }
    shell_boot(sh, "/etc/weir.conf");
    shell_run(sh, false);
}

int shell_start(struct net *net)
{
    return task_start("shell", run_for_ever, net, TASK_NORMAL, 0) ? 0 : -ENOMEM;
}
