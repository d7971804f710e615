/* Any bytes typed at the whole shell: its editor, history, completion, scripts and every command that is linked in.
 *
 * However it is left (half a line, half a loop, a pager, a search), Ctrl-C and "exit" end it; and then nothing is left
 * of it: no task, no memory. Who types has patience for so much output, and for some waiting.
 * 2000 inputs in make test. */
#include "apps/shell/shell.h"
#include "host/host.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/net.h"
#include "lib/plat.h"

#define PATIENCE (256 * KIB)
#define TRIES    100

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct net *net;

static void run_shell(void *arg)
{
    struct shell *sh = shell_new(net);
    if (!sh)
        panic("no memory");
    shell_run(sh, true);
    shell_free(sh);
}

static void left_block(const void *p, size_t size, const void *who)
{
    log_write(LOG_ERR, "%zu bytes at %p, from %p", size, p, who);
}

static void remove_file(void *arg, const char *name, const struct file_stat *st)
{
    char path[FILE_PATH_MAX];
    fmt(path, sizeof(path), "/tmp/%s", name);
    file_remove(net, path);
}

static void type(const void *p, size_t n)
{
    static const char leave[] = "\3\3q\r\3exit\r";
    char said[4096];
    if (!task_start("shell", run_shell, NULL, TASK_NORMAL, -1))
        panic("no memory");
    host_console_patience(PATIENCE);
    host_console_type(p, n);
    for (unsigned i = 0; host_tasks(NULL); i++) {
        host_clock_advance(100 * NS_PER_S);
        host_console_type(leave, sizeof(leave) - 1);
        if (i == TRIES)
            panic("the shell does not end");
    }
    (void)console_read(said, sizeof(said), 0);
    while (host_console_take(said, sizeof(said)))
        ;
    file_list(net, "/tmp", remove_file, NULL);
    host_run();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (!net) {
        net = net_new();
        type("exit\r", 5); /* what is kept for good is made now */
    }
    size_t live = host_mem_live();
    u64 since = host_mem_count();
    type(p, n);
    if (host_mem_live() != live) {
        host_mem_walk(since, 5, left_block);
        panic("%zd blocks of memory are left", (ssize)(host_mem_live() - live));
    }
    return 0;
}
