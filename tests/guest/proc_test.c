/* What the machine tells about itself: every file can be read and begins as Linux's does; affinity can be written; the
 * profiler sees who works. */
#include "kernel/profile.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/net.h"
#include "lib/plat.h"
#include "lib/string.h"

TEST(proc_files_begin_as_they_should)
{
    static const struct {
        const char *path, *begin, *holds;
    } files[] = {
        {"/proc/interrupts", "           CPU0", "\nLOC:"},
        {"/proc/softirqs", "                    CPU0", "\n      NET_RX:"},
        {"/proc/meminfo", "MemTotal:  ", " kB\nMemFree:"},
        {"/proc/uptime", "", "."},
        {"/proc/version", "Weir version ", "\n"},
        {"/proc/cmdline", "", "test"},
        {"/proc/cpuinfo", "processor\t: 0\nvendor_id\t: ", "\nflags\t\t: fpu "},
        {"/proc/stat", "cpu  ", "\nbtime 1"},
        {"/proc/loadavg", "", "/"},
        {"/proc/buddyinfo", "Node 0, zone ", "\n"},
        {"/proc/slabinfo", "slabinfo - version: 2.1\n# name ", " : tunables "},
        {"/proc/iomem", "", " : System RAM\n"},
        {"/proc/modules", "", ""},
        {"/proc/tty/driver/serial", "serinfo:1.0 driver revision:\n", ""},
        {"/proc/sys/kernel/printk", "", "\t4\t1\t7\n"},
        {"/proc/sys/kernel/osrelease", WEIR_VERSION, "\n"},
    };
    char *p;
    size_t n;

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        int err = file_load(net_first, files[i].path, 64 * KIB, &p, &n);
        if (err) {
            test_failed(__FILE__, __LINE__, "%s: error %d", files[i].path, err);
            continue;
        }
        if (!str_starts(p, files[i].begin) || !strstr(p, files[i].holds))
            test_failed(__FILE__, __LINE__, "%s: %.60s", files[i].path, p);
        mem_free(p);
    }
}

static int write_text(const char *path, const char *text)
{
    return file_write(net_first, path, text, strlen(text), false);
}

TEST(proc_irq_affinity_is_written_and_read)
{
    char *p;
    size_t n;

    if (file_load(net_first, "/proc/irq/4/smp_affinity_list", 64, &p, &n)) {
        test_skip("no serial port with an interrupt");
        return;
    }
    CHECK_EQ(write_text("/proc/irq/4/smp_affinity_list", "0\n"), 0);
    CHECK_EQ(write_text("/proc/irq/4/smp_affinity", "1\n"), 0);
    CHECK_EQ(write_text("/proc/irq/4/smp_affinity_list", "0-63\n"), 0); /* those that are there are meant */
    CHECK_EQ(write_text("/proc/irq/4/smp_affinity_list", "63\n"), -EINVAL);
    CHECK_EQ(write_text("/proc/irq/4/smp_affinity", "zz\n"), -EINVAL);
    CHECK_EQ(write_text("/proc/irq/4/effective_affinity", "1\n"), -EACCES);
    CHECK_EQ(write_text("/proc/irq/767/smp_affinity", "1\n"), -ENOENT);
    CHECK_EQ(write_text("/proc/irq/4/smp_affinity_list", p), 0);
    mem_free(p);
}

static u64 work_sum;

NOINLINE static void work_hard(u64 until)
{
    while (clock_ns() < until)
        for (unsigned i = 0; i < 100000; i++)
            store_relaxed(&work_sum, load_relaxed(&work_sum) + i);
}

TEST(profile_sees_who_works)
{
    struct profile *p = profile_start(997);
    u64 mine = 0;

    if (!p) {
        test_failed(__FILE__, __LINE__, "it does not start");
        return;
    }
    CHECK(profile_start(997) == NULL); /* one at a time */
    CHECK(profile_busy());
    work_hard(clock_ns() + NS_PER_S / 2);
    profile_collect(p);
    for (unsigned i = 0; i < p->count; i++)
        mine += str_starts(p->row[i].name, "work_hard") ? p->row[i].samples : 0;
    CHECK_LT(20, p->samples);
    CHECK_LT(p->samples / 2, mine);
    CHECK_EQ(p->lost, 0);
    profile_stop(p);
    CHECK(!profile_busy());
}
