/* Off and again: ACPI first, then what PCs have always had.
 *
 *     off      PM1 control (or the sleep control register of machines without it) with the DSDT's value for S5; in a
 *              virtual machine also the ports at which it would be, and the exit port for tests
 *     reboot   FADT's reset register, port CF9, the keyboard controller's pulse, a triple fault
 *
 * plat_poweroff and plat_reboot serve tasks, where they let the console empty its ring first, and a panic, where
 * interrupts are off and nothing is waited for but the hardware. The power button (the SCI, PM1 status bit 8) asks the
 * task "power" for an orderly end.
 */
#include "kernel/power.h"
#include "kernel/acpi.h"
#include "kernel/cpuid.h"
#include "kernel/irq.h"
#include "kernel/x86.h"
#include "lib/plat.h"

#define PM1_BUTTON    (1u << 8) /* status and enable */
#define PM1_EVENTS    0x8731u   /* status bits that are cleared by writing them */
#define PM1_ACPI_ON   1u        /* control: events come as SCI, not SMI */
#define PM1_TYPE_AT   10
#define PM1_TYPE      (7u << PM1_TYPE_AT)
#define PM1_SLEEP     (1u << 13)
#define SLEEP_TYPE_AT 2 /* of the sleep control register */
#define SLEEP_NOW     (1u << 5)

#define DEBUG_EXIT \
    0xf4 /* where QEMU's isa-debug-exit is put by convention; the status is what we write, twice, plus 1 */
#define RESET_PORT 0xcf9
#define I8042      0x64

static int (*flush)(u64 until_ns);
static u32 requested;
static const char *requested_why;
static struct task *power_task;

/* Also with interrupts off, and when no clock runs. */
static void wait_ms(unsigned ms)
{
    u64 start = clock_ns();

    for (u32 i = 0; clock_ns() - start < ms * NS_PER_MS && i < ms * 20000; i++)
        cpu_pause();
}

/* May this context wait for other tasks? */
static bool may_sleep(void)
{
    return !preempt_count() && rflags() & RFLAGS_IF;
}

void power_set_flush(int (*fn)(u64 until_ns))
{
    flush = fn;
}

static void let_go_out(void)
{
    if (flush && may_sleep())
        flush(clock_ns() + 3 * NS_PER_S);
}

/* ---- off ---- */

static void sleep_control(const struct acpi_gas *control, u8 type)
{
    if (!control->addr)
        return;
    u32 v = (u32)acpi_gas_read(control) & ~(PM1_TYPE | PM1_SLEEP);
    acpi_gas_write(control, v | (u32)type << PM1_TYPE_AT);
    acpi_gas_write(control, v | (u32)type << PM1_TYPE_AT | PM1_SLEEP);
}

static void off_by_acpi(void)
{
    if (!acpi.fadt || !acpi.s5)
        return;
    if (acpi.hw_reduced) {
        if (acpi.sleep_control.addr)
            acpi_gas_write(&acpi.sleep_control, (u64)acpi.s5_a << SLEEP_TYPE_AT | SLEEP_NOW);
    } else {
        sleep_control(&acpi.pm1a_control, acpi.s5_a);
        sleep_control(&acpi.pm1b_control, acpi.s5_b);
    }
    wait_ms(100);
}

void plat_poweroff(void)
{
    let_go_out();
    off_by_acpi();
    if (!cpu_features.hypervisor) /* on a real machine nobody knows what stands at these ports */
        return;
    outw(0x604, PM1_SLEEP);  /* QEMU, both chipsets, S5 being type 0 */
    outw(0xb004, PM1_SLEEP); /* older ones, Bochs */
    outb(DEBUG_EXIT, 0);
    wait_ms(10);
}

/* ---- again ---- */

static void reboot_by_acpi(void)
{
    if (!acpi.fadt || !acpi.reset.addr)
        return;
    acpi_gas_write(&acpi.reset, acpi.reset_value);
    wait_ms(50);
}

static void reboot_by_chipset(void)
{
    outb(RESET_PORT, 0x02); /* a hard reset, */
    outb(RESET_PORT, 0x06); /* now */
    wait_ms(50);
}

static void reboot_by_keyboard(void)
{
    for (unsigned i = 0; i < 10000 && inb(I8042) & 2; i++)
        cpu_pause();
    outb(I8042, 0xfe); /* a pulse on the CPU's reset line */
    wait_ms(50);
}

static void reboot_by_fault(void)
{
    static const struct descriptor_table none;

    lidt(&none);
    __builtin_trap(); /* no handler for it, nor for that: the CPU gives up, and the chipset resets it */
}

void plat_reboot(void)
{
    let_go_out();
    cli();
    reboot_by_acpi();
    reboot_by_chipset();
    reboot_by_keyboard();
    reboot_by_fault();
}

/* ---- orderly ---- */

static void power_main(void *arg)
{
    u32 what;

    while (!(what = load_acquire(&requested)))
        task_park(~0ull);
    log_write(LOG_NOTICE, "power: %s: %s", requested_why, what == POWER_OFF ? "power off" : "reboot");
    task_sleep(20 * NS_PER_MS); /* for the console's task to show it */
    if (what == POWER_OFF)
        plat_poweroff();
    else
        plat_reboot();
    log_write(LOG_ERR, "power: the machine does not let itself be switched off");
}

void power_request(enum power_what what, const char *why)
{
    if (!power_task)
        return;
    requested_why = why;
    if (atomic_cas(&requested, 0, what))
        task_wake(power_task);
}

/* ---- the button ---- */

/* An event block is two registers of half its length: status, then enable. The FADT describes the block as a whole, and
 * an access that wide would write both. */
static struct acpi_gas half_of(const struct acpi_gas *block, bool enable)
{
    struct acpi_gas half = *block;
    unsigned bytes = acpi.pm1_event_len / 2u;

    half.addr += enable ? bytes : 0;
    half.bits = (u8)(8 * bytes);
    half.access = bytes == 2 ? 2 : 3;
    return half;
}

static bool clear_events(const struct acpi_gas *block)
{
    if (!block->addr)
        return false;
    struct acpi_gas event = half_of(block, false);
    u32 status = (u32)acpi_gas_read(&event) & PM1_EVENTS;
    if (status)
        acpi_gas_write(&event, status);
    if (status & PM1_BUTTON)
        power_request(POWER_OFF, "power button");
    return status != 0;
}

static bool sci(void *arg)
{
    bool a = clear_events(&acpi.pm1a_event), b = clear_events(&acpi.pm1b_event);
    return a || b;
}

static bool acpi_mode(void)
{
    if (acpi_gas_read(&acpi.pm1a_control) & PM1_ACPI_ON)
        return true;
    if (!acpi.smi_port || !acpi.smi_acpi_on)
        return false;
    outb(acpi.smi_port, acpi.smi_acpi_on);
    for (unsigned ms = 0; ms < 300; ms++) {
        if (acpi_gas_read(&acpi.pm1a_control) & PM1_ACPI_ON)
            return true;
        wait_ms(1);
    }
    return false;
}

static void button_on(void)
{
    if (!acpi.fadt || acpi.hw_reduced || !acpi.pm1a_event.addr ||
        (acpi.pm1_event_len != 4 && acpi.pm1_event_len != 8) || !acpi.pm1a_control.addr)
        return;
    if (!acpi_mode()) {
        log_write(LOG_WARN, "power: the machine does not enter ACPI mode: its power button is not heard");
        return;
    }
    int irq = acpi.sci_irq < 16 ? irq_request_isa(acpi.sci_irq, "acpi", sci, NULL)
                                : irq_request_gsi(acpi.sci_irq, IRQ_LEVEL | IRQ_LOW | IRQ_SHARED, "acpi", sci, NULL);
    if (irq < 0) {
        log_write(LOG_WARN, "power: no interrupt for the power button (error %d)", -irq);
        return;
    }
    struct acpi_gas status = half_of(&acpi.pm1a_event, false), enable = half_of(&acpi.pm1a_event, true);
    acpi_gas_write(&status, PM1_EVENTS);
    acpi_gas_write(&enable, PM1_BUTTON);
}

void power_init(void)
{
    power_task = task_start("power", power_main, NULL, TASK_HIGH, 0);
    if (!power_task)
        log_write(LOG_ERR, "power: no memory for its task: the power button does nothing");
    button_on();
}
