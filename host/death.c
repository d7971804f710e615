/* How a hosted Weir ends: panic, crashes told with their place, and tests that want an end to happen.
 *
 * A fault within the guard of a task's stack is "stack overflow in TASK"; other faults go to who had the signal before
 * (AddressSanitizer, which reports them better, or the default). What was going on at the time (the name of a test) is
 * said after all of it.
 *
 * Never unwinds: a panic ends the process. host_die lets it happen in a child.
 */
#include "host/ground.h"
#include "host/host.h"
#include "lib/fmt.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PANIC_STATUS 86 /* exit status of a child that panicked in host_die */

void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));
void __sanitizer_print_stack_trace(void) __attribute__((weak));

static const char *crash_context;
static void (*at_death)(void);
static struct host_death *wanted; /* in a child of host_die: shared with its parent */
static struct sigaction before[NSIG];
static enum host_power power_asked;

void host_crash_context(const char *what)
{
    crash_context = what;
}

void host_at_death(void (*fn)(void))
{
    at_death = fn;
}

static void last_act(void)
{
    if (at_death)
        at_death();
}

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(PANIC_STATUS);
}

static void say_context(void)
{
    if (!crash_context)
        return;
    say(crash_context);
    say("\n");
}

static NORETURN void die(const char *words)
{
    if (wanted) {
        fmt(wanted->words, sizeof(wanted->words), "%s", words);
        _exit(PANIC_STATUS);
    }
    last_act();
    if (!host_ground.real)
        say(host_log());
    say("panic: ");
    say(words);
    say("\n");
    if (__sanitizer_print_stack_trace)
        __sanitizer_print_stack_trace();
    say_context();
    abort();
}

void panic(const char *f, ...)
{
    char words[256];
    va_list ap;
    va_start(ap, f);
    fmt_v(words, sizeof(words), f, ap);
    va_end(ap);
    die(words);
}

static void on_fault(int sig, siginfo_t *info, void *frame)
{
    const char *task = task_overflown(info->si_addr);
    if (task) {
        char words[128];
        fmt(words, sizeof(words), "stack overflow in %s", task);
        die(words);
    }
    if (!wanted && (before[sig].sa_flags & SA_SIGINFO)) {
        before[sig].sa_sigaction(sig, info, frame);
        return;
    }
    if (!wanted) {
        last_act();
        say("crash: ");
        say(strsignal(sig));
        say("\n");
        say_context();
    }
    signal(sig, SIG_DFL); /* and it happens again on return */
}

void host_catch_faults(void)
{
    static u8 stack[64 * KIB]; /* of main's thread: the task's own may be the trouble */
    stack_t alt;
    if (!sigaltstack(NULL, &alt) && (alt.ss_flags & SS_DISABLE))
        sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof(stack)}, NULL);
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
        sigaction(signals[i], &act, &before[signals[i]]);
    }
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(say_context);
}

void host_die(void (*fn)(void *arg), void *arg, struct host_death *death)
{
    if (host_ground.threads > 1)
        panic("host_die: a copy of this process would have one of its threads alone");
    void *shared = mmap(NULL, sizeof(*death), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        panic("host_die: no memory");
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        panic("host_die: no process");
    if (!child) {
        wanted = shared;
        fn(arg);
        _exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) != child)
        ;
    memcpy(death, shared, sizeof(*death));
    munmap(shared, sizeof(*death));
    if (WIFSIGNALED(status)) {
        death->how = DEATH_SIGNAL;
        death->code = WTERMSIG(status);
    } else {
        death->code = WEXITSTATUS(status);
        death->how = !death->code ? DEATH_NONE : death->code == PANIC_STATUS ? DEATH_PANIC : DEATH_EXIT;
    }
}

static void power(enum host_power what)
{
    if (host_ground.real)
        exit(0);
    power_asked = what;
}

void plat_poweroff(void)
{
    power(HOST_POWER_OFF);
}

void plat_reboot(void)
{
    power(HOST_POWER_REBOOT);
}

enum host_power host_power_asked(void)
{
    return power_asked;
}
