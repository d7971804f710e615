/* Starting the other CPUs, one at a time, by INIT and SIPI, over a page below 1 MiB that is borrowed and put back.
 *
 * Both sides shake hands over `start.state`, so that a CPU which comes up after it was given up sleeps for ever instead
 * of taking part:
 *
 *     starter: EXPECTED, SIPI, sleeps ...                sees HERE -> compares TSCs -> counts it in
 *     other:              real mode ... EXPECTED -> HERE, wakes the starter -> compares TSCs -> idles
 *
 * Used once, by boot/main.c. The starter waits halted; only the comparison of the counters spins.
 */
#include "kernel/smp_start.h"

#include "kernel/acpi.h"
#include "kernel/apic.h"
#include "kernel/bring_up.h"
#include "kernel/cpu.h"
#include "kernel/rcu.h"
#include "kernel/smp.h"
#include "kernel/tsc.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"
#include "lib/string.h"

#define INIT_NS      (10 * NS_PER_MS)  /* a real CPU after INIT (Intel SDM 3A 8.4.4); */
#define INIT_HYPE_NS (100 * NS_PER_US) /* a hypervisor's, whose thread must take note */
#define AGAIN_NS     (200 * NS_PER_US) /* then a second SIPI, and further ones in twice the time each */
#define AGAIN_TIMES  12                /* 800 ms in all */
#define BEHIND_MAX                                                                                       \
    1000 /* cycles: as far may the counters of two CPUs be apart; a hypervisor that reads a clock of its \
            own for each is that exact */

enum start_state { EXPECTED, HERE, GIVEN_UP, IDLE };

extern const u8 ap_start[], ap_end[], ap_root[], ap_stack[], ap_block[], ap_entry[], ap_features[];

static struct {
    u32 state;
    struct task *starter;
} start = {.state = IDLE};

/* ---- the other CPU ---- */

static NORETURN void sleep_for_ever(void)
{
    for (;;) {
        cli();
        hlt();
    }
}

static NORETURN void ap_main(void)
{
    cpu_init();
    vm_init_cpu();
    apic_init_cpu();
    bring_up_time_cpu();
    if (!atomic_cas(&start.state, EXPECTED, HERE))
        sleep_for_ever();
    smp_count_in(cpu_id());
    task_wake(start.starter);
    tsc_compare(false);
    rcu_online(cpu_id());
    bring_up_idle();
}

/* ---- the starter ---- */

static void fill(u8 *page, const u8 *label, u64 v)
{
    memcpy(page + (label - ap_start), &v, label == ap_features ? 4 : 8);
}

static void fill_page(u8 *page, unsigned cpu)
{
    memcpy(page, ap_start, (size_t)(ap_end - ap_start));
    fill(page, ap_root, vm_root());
    fill(page, ap_stack, bring_up_idle_stack(cpu));
    fill(page, ap_block, (u64)cpu_table[cpu]);
    fill(page, ap_entry, (u64)ap_main);
    fill(page, ap_features, cpu_features.nx ? EFER_NXE : 0);
}

/* Sleeps until the other one is HERE. */
static bool wait_here(u64 until)
{
    while (load_acquire(&start.state) == EXPECTED && clock_ns() < until)
        task_park(until);
    return load_acquire(&start.state) == HERE;
}

/* A SIPI that comes too early is lost, one that comes to a running CPU does nothing: so it is sent again. */
static bool shake_hands(u32 apic_id, unsigned page)
{
    store_release(&start.state, EXPECTED);
    for (unsigned i = 0; i < AGAIN_TIMES; i++) {
        apic_start_sipi(apic_id, page);
        if (wait_here(clock_ns() + (AGAIN_NS << i)))
            return true;
    }
    return !atomic_cas(&start.state, EXPECTED, GIVEN_UP);
}

/* All at once, so that there is one wait for all. */
static void init_all(void)
{
    for (u32 i = 0; i < acpi.cpus; i++)
        if (acpi.cpu_apic_id[i] != cpu_table[0]->apic_id)
            apic_start_init(acpi.cpu_apic_id[i]);
    task_sleep(cpu_features.hypervisor ? INIT_HYPE_NS : INIT_NS);
}

static void compare(unsigned cpu)
{
    u64 flags = irq_save();
    u64 behind = tsc_compare(true);
    irq_restore(flags);
    if (behind > BEHIND_MAX)
        bring_up_distrust(cpu, behind);
}

/* Memory and tables of a CPU that is to be; what it got stays with it when it does not come. */
static int prepare(unsigned cpu, u32 apic_id)
{
    if (!cpu_table[cpu] && !cpu_new(cpu, apic_id))
        return -ENOMEM;
    cpu_table[cpu]->apic_id = apic_id;
    return bring_up_cpu(cpu);
}

static bool start_one(unsigned cpu, u32 apic_id, u64 phys)
{
    if (prepare(cpu, apic_id)) {
        log_write(LOG_ERR, "smp: no memory for CPU %u", cpu);
        return false;
    }
    fill_page(vm_phys(phys), cpu);
    if (!shake_hands(apic_id, (unsigned)(phys >> 12))) {
        log_write(LOG_ERR, "smp: CPU %u (APIC %u) does not start", cpu, apic_id);
        return false;
    }
    compare(cpu);
    store_release(&cpu_online, cpu + 1);
    return true;
}

void smp_start(void)
{
    static u8 borrowed[4096];
    bring_up_first();
    u64 phys = bring_up_low_page();
    u32 others = acpi.cpus > 1 ? acpi.cpus - 1 : 0, failed = 0;
    if (!others)
        return;
    if (!phys || vm_trampoline(phys, true)) {
        log_write(LOG_ERR, "smp: no page below 1 MiB: one CPU runs, %u stay off", others);
        return;
    }
    memcpy(borrowed, vm_phys(phys), sizeof(borrowed));
    vm_set_flush(smp_tlb_flush);
    start.starter = task_self();
    init_all();
    for (u32 i = 0; i < acpi.cpus && cpu_online < CPU_MAX; i++)
        if (acpi.cpu_apic_id[i] != cpu_table[0]->apic_id)
            failed += !start_one(cpu_online, acpi.cpu_apic_id[i], phys);
    memcpy(vm_phys(phys), borrowed, sizeof(borrowed));
    vm_trampoline(phys, false);
    log_write(failed ? LOG_ERR : LOG_DEBUG, "smp: %u CPUs run, %u do not", cpu_online, failed);
}
