/* The console and the log of the hosted ground, and RCU within one CPU. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/plat.h"

#include <string.h>

static struct {
    char text[64];
    ssize last;
} heard;

static void listen(void *arg)
{
    const u64 *until = arg;
    for (;;) {
        char buf[4];
        heard.last = console_read(buf, sizeof(buf), *until);
        if (heard.last <= 0)
            return;
        strncat(heard.text, buf, (size_t)heard.last);
    }
}

TEST(console_read_waits_for_typing_and_ends_in_time)
{
    u64 until = 1000;
    memset(&heard, 0, sizeof(heard));
    task_start("listener", listen, &until, TASK_NORMAL, -1);
    host_run();
    CHECK_STR(heard.text, "");
    host_console_type("hello w", 7);
    host_console_type("orld", 4);
    host_run();
    CHECK_STR(heard.text, "hello world");
    host_clock_advance(999);
    CHECK_EQ(host_tasks(NULL), 1);
    host_clock_advance(1);
    CHECK_EQ(host_tasks(NULL), 0);
    CHECK_EQ(heard.last, 0);
}

TEST(console_read_ends_at_an_interrupt)
{
    u64 until = ~0ull;
    memset(&heard, 0, sizeof(heard));
    struct task *t = task_start("listener", listen, &until, TASK_NORMAL, -1);
    host_run();
    task_wake(t); /* a stray wake is none */
    host_run();
    CHECK_EQ(host_tasks(NULL), 1);
    task_interrupt(t);
    host_run();
    CHECK_EQ(heard.last, -EINTR);
    CHECK_EQ(host_tasks(NULL), 0);
}

static void read_then_work(void *arg)
{
    char *got = arg;
    ssize n = console_read(got, 8, ~0ull);
    got[n] = 0;
    console_owner(task_self());
    while (!task_interrupted()) /* a command at work */
        task_park(~0ull);
    task_interrupt_clear();
    n = console_read(got, 8, ~0ull);
    got[n] = 0;
}

TEST(console_ctrl_c_is_for_who_reads_or_interrupts_the_owner)
{
    char got[9] = "";
    task_start("shell", read_then_work, got, TASK_NORMAL, -1);
    host_console_type("\3", 1); /* nobody owns it yet: it is a byte */
    host_run();
    CHECK_STR(got, "\3");
    host_console_type("typed ahead", 11);
    host_run();
    CHECK_EQ(host_tasks(NULL), 1);
    host_console_type("x\3\3y", 4);
    host_run();
    CHECK_STR(got, "y");
    CHECK_EQ(host_tasks(NULL), 0);
    host_console_type("\3", 1); /* to nobody: that task has ended */
    host_run();
}

TEST(console_write_keeps_all_for_the_test)
{
    char got[8];
    CHECK_EQ(host_console_take(got, sizeof(got)), 0);
    CHECK_STR(got, "");
    console_write("0123456", 7);
    console_write("789", 3);
    CHECK_EQ(host_console_take(got, sizeof(got)), 7);
    CHECK_STR(got, "0123456");
    CHECK_EQ(host_console_take(got, sizeof(got)), 3);
    CHECK_STR(got, "789");
    for (unsigned i = 0; i < 5000; i++)
        console_write("abcdefgh", 8);
    size_t n = 0, part;
    while ((part = host_console_take(got, sizeof(got))))
        n += part;
    CHECK_EQ(n, 40000);
}

TEST(log_keeps_its_last_lines)
{
    CHECK_STR(host_log(), "");
    log_write(LOG_WARN, "eth%u: %s", 0, "link down");
    log_write(LOG_INFO, "%s", "link up");
    CHECK_STR(host_log(), "<4>eth0: link down\n<6>link up\n");
    for (unsigned i = 0; i < 10000; i++)
        log_write(LOG_DEBUG, "line %u", i);
    CHECK(strncmp(host_log(), "<7>line ", 8) == 0);
    CHECK_STR(strstr(host_log(), "<7>line 9999"), "<7>line 9999\n");
    char wide[2000];
    memset(wide, 'w', sizeof(wide) - 1);
    wide[sizeof(wide) - 1] = 0;
    log_write(LOG_ERR, "%s", wide); /* one line, cut */
    const char *last = strstr(host_log(), "<3>");
    CHECK(last && strlen(last) < 600 && last[strlen(last) - 1] == '\n');
}

TEST(power_is_asked_for)
{
    CHECK_EQ(host_power_asked(), HOST_POWER_ON);
    plat_poweroff();
    CHECK_EQ(host_power_asked(), HOST_POWER_OFF);
    plat_reboot();
    CHECK_EQ(host_power_asked(), HOST_POWER_REBOOT);
}
