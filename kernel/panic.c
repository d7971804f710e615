/* What a panic prints, in this order, on every console: why, where, registers, backtrace, the last log lines; then the
 * machine halts or restarts as panic= says.
 *
 * The other CPUs are stopped first, so that they neither print nor change anything more. A panic inside a panic prints
 * one line by the shortest way and goes on with what follows; a third prints nothing and halts. Nothing here allocates,
 * waits for a lock, or trusts a pointer: frames are read by trap_read.
 */
#include "kernel/panic.h"

#include "kernel/backtrace.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/log.h"
#include "kernel/smp.h"
#include "kernel/symbol.h"
#include "kernel/trap_frame.h"
#include "kernel/x86.h"
#include "lib/fmt.h"
#include "lib/plat.h"

#define LINE        200
#define FRAMES_MOST 32
#define LOG_LINES   16

int panic_then = -1;

#define NOBODY ~0u

static u32 owner = NOBODY; /* the CPU that tells of its panic; others that panic meanwhile say nothing */
static u32 depth;          /* its panics so far: the second one is short, the third silent */

PRINTF(1, 2) static void say(const char *f, ...)
{
    char line[LINE];
    va_list ap;
    va_start(ap, f);
    size_t n = fmt_v(line, sizeof(line), f, ap);
    va_end(ap);
    console_panic_write(line, min(n, sizeof(line) - 1));
    console_panic_write("\n", 1);
}

static void say_line(void *arg, const char *line)
{
    say("  %s", line);
}

static void say_registers(const struct trap_frame *f)
{
    char where[96];
    symbol_text(where, sizeof(where), f->rip);
    say("RIP %016lx %s", f->rip, where);
    say("RSP %016lx RFLAGS %08lx error %lx vector %lu (%s)", f->rsp, f->rflags, f->error, f->vector,
        trap_name((unsigned)f->vector));
    say("RAX %016lx RBX %016lx RCX %016lx RDX %016lx", f->rax, f->rbx, f->rcx, f->rdx);
    say("RSI %016lx RDI %016lx RBP %016lx R8  %016lx", f->rsi, f->rdi, f->rbp, f->r8);
    say("R9  %016lx R10 %016lx R11 %016lx R12 %016lx", f->r9, f->r10, f->r11, f->r12);
    say("R13 %016lx R14 %016lx R15 %016lx", f->r13, f->r14, f->r15);
    say("CR0 %08lx CR2 %016lx CR3 %016lx CR4 %08lx", read_cr0(), read_cr2(), read_cr3(), read_cr4());
}

static void say_log(void)
{
    char text[LOG_TEXT_MAX];
    struct log_line l;

    say("last messages:");
    for (u64 at = log_tail(LOG_LINES); log_next(&at, &l);)
        console_panic_write(text, log_text(text, &l));
}

static NORETURN void halt_for_ever(void)
{
    for (;;) {
        cli();
        hlt();
    }
}

static NORETURN void what_follows(void)
{
    if (panic_then < 0) {
        say("halted");
        halt_for_ever();
    }
    if (panic_then > 0)
        say("reboot in %d s", panic_then);
    u64 start = rdtsc();
    while (clock_tsc_ns(rdtsc() - start) < (u64)panic_then * NS_PER_S && clock_tsc_hz())
        cpu_pause();
    plat_reboot();
    halt_for_ever();
}

/* One CPU gets through. When it panics again inside the report, it says so by the shortest way and does what follows.
 */
static void enter(const char *why)
{
    cli();
    if (!atomic_cas(&owner, NOBODY, cpu_id()) && owner != cpu_id())
        halt_for_ever();
    if (++depth > 2)
        halt_for_ever();
    if (depth == 2) {
        say("panic inside a panic: %s", why);
        what_follows();
    }
}

static NORETURN void report(const struct trap_frame *f, const char *why, u64 rip, u64 rbp)
{
    struct task *t = task_self();

    clock_panic();
    log_panic();
    smp_stop_others();
    say("\npanic: %s", why);
    say("on CPU %u, in %s, Weir %s", cpu_id(), t ? task_name(t) : "boot", WEIR_VERSION);
    if (f)
        say_registers(f);
    say("backtrace:");
    backtrace_walk(rip, rbp, FRAMES_MOST, say_line, NULL);
    say_log();
    what_follows();
}

void panic_frame(const struct trap_frame *f, const char *fmt_text, ...)
{
    char why[LINE];
    va_list ap;
    va_start(ap, fmt_text);
    fmt_v(why, sizeof(why), fmt_text, ap);
    va_end(ap);
    enter(why);
    report(f, why, f->rip, f->rbp);
}

void panic(const char *fmt_text, ...)
{
    char why[LINE];
    va_list ap;
    va_start(ap, fmt_text);
    fmt_v(why, sizeof(why), fmt_text, ap);
    va_end(ap);
    enter(why);
    report(NULL, why, (u64)__builtin_return_address(0) - 1, *(u64 *)__builtin_frame_address(0)); /* the call itself */
}

/* The compiler's call when a canary is gone. */
void __stack_chk_fail(void);

void __stack_chk_fail(void)
{
    panic("a function wrote past its own variables (stack protector)");
}
