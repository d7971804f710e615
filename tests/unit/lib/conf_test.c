/* conf_lock: two tasks that change configuration do it one after the other, whichever way they come. */
#include "lib/conf.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/sysctl.h"

static unsigned inside, most, stores;

/* A change in two steps, with all other tasks let run between the two. */
static int change(void)
{
    conf_assert();
    inside++;
    most = max(most, inside);
    for (int i = 0; i < 3; i++)
        task_yield();
    inside--;
    stores++;
    return 0;
}

static int show_none(struct net *net, const char *star, struct out *o)
{
    return 0;
}

static int store_tunable(struct net *net, const char *star, const char *text)
{
    return change();
}

static int store_view(struct file_req *r)
{
    return sysctl_set(r->net, "zzconf.tunable", "1"); /* an act that sets a tunable */
}

SYSCTL(zz_conf, .name = "zzconf.tunable", .type = SYSCTL_CALL, .show = show_none, .store = store_tunable);
FILE_VIEW(zz_conf, .path = "/proc/zzconf", .store = store_view);

static void by_view(void *arg)
{
    for (int i = 0; i < 5; i++)
        CHECK_EQ(file_write(NULL, "/proc/zzconf", "1", 1, false), 0);
}

static void by_tunable(void *arg)
{
    for (int i = 0; i < 5; i++)
        CHECK_EQ(file_write(NULL, "/proc/sys/zzconf/tunable", "1", 1, false), 0);
}

static void by_call(void *arg)
{
    for (int i = 0; i < 5; i++)
        CHECK_EQ(sysctl_set(NULL, "zzconf.tunable", "1"), 0);
}

static void by_command(void *arg)
{
    for (int i = 0; i < 5; i++) {
        conf_enter();
        CHECK(conf_held());
        change();
        conf_leave();
    }
}

TEST(conf_is_changed_by_one_task_at_a_time)
{
    inside = most = stores = 0;
    task_start("view", by_view, NULL, TASK_NORMAL, -1);
    task_start("tunable", by_tunable, NULL, TASK_NORMAL, -1);
    task_start("call", by_call, NULL, TASK_NORMAL, -1);
    task_start("command", by_command, NULL, TASK_NORMAL, -1);
    host_run();
    CHECK_EQ(stores, 20);
    CHECK_EQ(most, 1);
    CHECK(!conf_held());
}
