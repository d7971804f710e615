/* No memory, at every place in turn: each allocation of a work load fails once, and nothing crashes or leaks. */
#include "apps/shell/shell.h"
#include "host/host.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/net.h"
#include "lib/out.h"
#include "lib/plat.h"
#include "lib/script.h"

#include <stdio.h>
#include <string.h>

#define MOST 20000 /* allocations of one work load */

static void left(const char *name, const char *state)
{
    test_failed(__FILE__, __LINE__, "task %s is left, %s", name, state);
}

/* Runs it with the n-th allocation failing, for n from 1 until none does; `least`: so many it makes surely. */
static void fail_each(const char *what, unsigned least, void (*work)(void *arg), void *arg)
{
    work(arg); /* what is kept for good is allocated now */
    host_run();
    size_t live = host_mem_live();
    unsigned n = 1;
    for (; n < MOST; n++) {
        host_mem_fail_at(n);
        work(arg);
        host_run();
        bool failed = host_mem_failed();
        host_mem_fail_at(0);
        host_tasks(left);
        if (host_mem_live() != live) {
            test_failed(__FILE__, __LINE__, "%s: allocation %u failed, %zd blocks are left", what, n,
                        (ssize)(host_mem_live() - live));
            return;
        }
        if (!failed)
            break;
    }
    CHECK_LT(n, MOST);
    CHECK_LT(least, n);
}

static void make_net(void *arg)
{
    net_free(net_new());
}

TEST(nomem_net)
{
    for (int i = 0; i < 3; i++) /* lay out what is laid out once */
        make_net(NULL);
    u64 n = host_mem_count();
    make_net(NULL);
    n = host_mem_count() - n;
    for (u64 i = 1; i <= n; i++) {
        host_mem_fail_at(i);
        struct net *net = net_new();
        CHECK(!host_mem_failed() || !net);
        net_free(net);
    }
    host_mem_fail_at(0);
}

/* ---- scripts ---- */

static const char script[] = "A=one; B=$A$(echo two)\n"
                             "for i in 3 1 2 \"$B\"; do echo $i; done | sort -r | head -n 2 >/tmp/out\n"
                             "cat /tmp/out | grep -v one | wc -l\n"
                             "cat <<EOF | tr a-z A-Z | cut -c 1-5\n"
                             "text with $A\n"
                             "EOF\n"
                             "echo more >>/tmp/out && rm /tmp/out || echo \"no file\"\n"
                             "seq 1 20 | xargs echo | uniq\n"
                             "ls /proc/* | tail -n 3; test -e /tmp/out; printf '%s\\n' $?\n"
                             "frob 2>/dev/null; help ls >/dev/null\n";

static void run_script(void *arg)
{
    struct out out, err;
    struct script_env env;
    out_null_init(&out);
    out_null_init(&err);
    script_env_init(&env, arg, &out, &err, NULL);
    script_text(&env, script, sizeof(script) - 1);
    script_env_free(&env);
    file_remove(arg, "/tmp/out");
}

TEST(nomem_script)
{
    struct net *net = net_new();
    fail_each("script", 200, run_script, net);
    net_free(net);
}

/* ---- the shell at a console ---- */

static void shell_task(void *arg)
{
    struct shell *sh = shell_new(arg);
    if (!sh)
        return;
    shell_run(sh, true);
    shell_free(sh);
}

/* What does not fit into memory is not run; so the end is typed until it is heard. */
static void run_shell(void *arg)
{
    static const char typed[] = "echo a | cat\rsort </tmp/no\rhel\t\t ls\rec\x1b[A\x1b[A\r\x12"
                                "sort\r\x03for i in 1 2; do\recho $i\rdone\r";
    char drain[4096];
    task_start("shell", shell_task, arg, TASK_NORMAL, -1);
    host_console_type(typed, sizeof(typed) - 1);
    for (unsigned i = 0; i < 50 && host_tasks(NULL); i++) {
        host_clock_advance(NS_PER_S);
        host_console_type("\3\rexit\r", 7);
    }
    host_tasks(left);
    console_read(drain, sizeof(drain), 0);
    while (host_console_take(drain, sizeof(drain)))
        ;
}

TEST(nomem_shell)
{
    struct net *net = net_new();
    fail_each("shell", 80, run_shell, net);
    net_free(net);
}
