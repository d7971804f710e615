/* What the machine and this Weir are, as files in Linux's layout.
 *
 *     /proc/version   /proc/cmdline   /proc/uptime   /proc/loadavg   /proc/cpuinfo
 *     /proc/modules   always empty: a driver is linked in or is not there
 *
 * The load averages are stepped by a timer on the first CPU, once in five seconds: load_start arms it.
 */
#include "kernel/bootinfo.h"
#include "kernel/build_id.h"
#include "kernel/cpuid.h"
#include "kernel/load.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/timer.h"

typedef unsigned long long ull;

static struct load load; /* written by the timer alone */
static struct timer load_timer;

/* ---- /proc/loadavg ---- */

static u32 ready_tasks(void)
{
    u32 ready = 0;

    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        ready += task_ready_count(cpu);
    return ready;
}

static void load_fires(struct timer *t)
{
    load_step(&load, ready_tasks());
    timer_arm(t, t->when + LOAD_PERIOD_NS);
}

void load_start(void)
{
    timer_init(&load_timer, load_fires);
    timer_arm(&load_timer, clock_ns() + LOAD_PERIOD_NS);
}

struct counts {
    u32 tasks, running, last;
};

static void count_task(const struct task_info *info, void *arg)
{
    struct counts *c = arg;

    if (info->idle)
        return;
    c->tasks++;
    c->running += info->state <= TASK_RUNNING;
    c->last = max(c->last, info->id);
}

static int loadavg_show(struct file_req *r)
{
    struct counts c = {0};
    char avg[3][16];

    for (int i = 0; i < 3; i++)
        load_text(avg[i], sizeof(avg[i]), load_relaxed(&load.avg[i]));
    task_walk(count_task, &c);
    out_text(r->out, "%s %s %s %u/%u %u\n", avg[0], avg[1], avg[2], c.running, c.tasks, c.last);
    return 0;
}
FILE_VIEW(loadavg, .path = "/proc/loadavg", .show = loadavg_show);

/* ---- /proc/uptime: seconds since boot, and seconds that CPUs were idle, together ---- */

static int uptime_show(struct file_req *r)
{
    u64 up = clock_ns() / (10 * NS_PER_MS), idle = 0, ns[TIME_USES];

    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        time_used(cpu, ns);
        idle += ns[TIME_USE_IDLE];
    }
    idle /= 10 * NS_PER_MS;
    out_text(r->out, "%llu.%02llu %llu.%02llu\n", (ull)(up / 100), (ull)(up % 100), (ull)(idle / 100),
             (ull)(idle % 100));
    return 0;
}
FILE_VIEW(uptime, .path = "/proc/uptime", .show = uptime_show);

/* ---- what is running ---- */

static int version_show(struct file_req *r)
{
    out_text(r->out, "Weir version %s (%s) #%.16s SMP PREEMPT x86_64\n", WEIR_VERSION,
             __VERSION__[0] >= '0' && __VERSION__[0] <= '9' ? "gcc " __VERSION__ : __VERSION__, build_id());
    return 0;
}
FILE_VIEW(version, .path = "/proc/version", .show = version_show);

static int cmdline_show(struct file_req *r)
{
    out_text(r->out, "%s\n", bootinfo.cmdline);
    return 0;
}
FILE_VIEW(cmdline, .path = "/proc/cmdline", .show = cmdline_show);

static int modules_show(struct file_req *r)
{
    return 0;
}
FILE_VIEW(modules, .path = "/proc/modules", .show = modules_show);

/* ---- /proc/cpuinfo ---- */

static void show_flags(struct out *o)
{
    const struct cpu_features *f = &cpu_features;
    const struct {
        bool has;
        const char *name;
    } flags[] = {
        {true, "fpu"},
        {true, "tsc"},
        {true, "msr"},
        {true, "apic"},
        {f->pge, "pge"},
        {f->pat, "pat"},
        {f->nx, "nx"},
        {f->pages_1g, "pdpe1gb"},
        {f->rdtscp, "rdtscp"},
        {true, "lm"},
        {f->x2apic, "x2apic"},
        {f->popcnt, "popcnt"},
        {f->tsc_deadline, "tsc_deadline_timer"},
        {f->rdrand, "rdrand"},
        {f->hypervisor, "hypervisor"},
        {f->tsc_invariant, "constant_tsc nonstop_tsc"},
        {f->arat, "arat"},
        {f->fsgsbase, "fsgsbase"},
        {f->bmi2, "bmi2"},
        {f->smep, "smep"},
        {f->erms, "erms"},
        {f->rdseed, "rdseed"},
        {f->smap, "smap"},
        {f->umip, "umip"},
    };

    out_text(o, "flags\t\t:");
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].has)
            out_text(o, " %s", flags[i].name);
    out_text(o, "\n");
}

static int cpuinfo_show(struct file_req *r)
{
    const struct cpu_features *f = &cpu_features;
    u64 khz = clock_tsc_hz() / 1000;

    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        out_text(r->out, "processor\t: %u\n", cpu);
        out_text(r->out, "vendor_id\t: %s\n", f->vendor);
        out_text(r->out, "cpu family\t: %u\n", f->family);
        out_text(r->out, "model\t\t: %u\n", f->model_nr);
        out_text(r->out, "model name\t: %s\n", f->model);
        out_text(r->out, "stepping\t: %u\n", f->stepping);
        out_text(r->out, "cpu MHz\t\t: %llu.%03llu\n", (ull)(khz / 1000), (ull)(khz % 1000));
        out_text(r->out, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n", cpu_count(), cpu,
                 cpu_count());
        out_text(r->out, "apicid\t\t: %llu\n", (ull)cpu_table[cpu]->apic_id);
        out_text(r->out, "cpuid level\t: %u\n", f->max_leaf);
        show_flags(r->out);
        out_text(r->out, "address sizes\t: %u bits physical, 48 bits virtual\n\n", f->phys_bits);
    }
    return 0;
}
FILE_VIEW(cpuinfo, .path = "/proc/cpuinfo", .show = cpuinfo_show);
