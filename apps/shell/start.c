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

struct start {
    struct net *net;
    void (*ready)(void);
};

static void run_for_ever(void *arg)
{
    struct start start = *(struct start *)arg;
    struct shell *sh;

    mem_free(arg);
    while (!(sh = shell_new(start.net))) { /* memory may come back; without a console nobody can help */
        log_write(LOG_ERR, "shell: no memory for the console; trying again");
        task_sleep(NS_PER_S);
    }
    shell_boot(sh, "/etc/weir.conf");
    if (start.ready)
        start.ready();
    shell_run(sh, false);
}

int shell_start(struct net *net, void (*ready)(void))
{
    struct start *start = mem_alloc(sizeof(*start));
    if (!start)
        return -ENOMEM;
    *start = (struct start){net, ready};
    if (task_start("shell", run_for_ever, start, TASK_NORMAL, 0))
        return 0;
    mem_free(start);
    return -ENOMEM;
}
