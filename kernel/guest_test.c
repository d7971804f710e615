/* Runs the guest tests (lib/check.h, tests/guest/) and tells the results on the console as KTAP:
 *
 *     KTAP version 1
 *     1..2
 *     ok 1 vm_leaves_are_w_xor_x
 *     # kernel/task.c:41: CHECK(woken)
 *     not ok 2 task_wake_is_remembered
 *     # end of tests
 *
 * Tests run one after another in the order of their names, in one task; they may start others and use all CPUs. A test
 * that does not return is not ended from here: whoever reads the console sees that the end did not come.
 * Names that begin with `selftest_` are wrong on purpose and run only when asked for by name: with them the
 * reader of the console is itself tested (tests/harness/).
 * The results go to the console whatever the log level; the machine goes off afterwards, since nobody will type.
 */
#include "kernel/guest_test.h"
#include "kernel/cmdline.h"
#include "lib/atomic.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

#define HIDDEN "selftest_"

static u32 checks_failed; /* by the running test, on any CPU */
static const char *skipped_why;
static u64 rand_state;

static void tell(const char *f, ...) PRINTF(1, 2);
static void tell(const char *f, ...)
{
    char line[256];
    va_list ap;

    va_start(ap, f);
    size_t n = fmt_v(line, sizeof(line), f, ap);
    va_end(ap);
    if (n >= sizeof(line)) { /* cut, but still one line */
        n = sizeof(line) - 1;
        line[n - 1] = '\n';
    }
    console_write(line, n);
}

void test_failed(const char *file, int line, const char *f, ...)
{
    char what[160];
    va_list ap;

    va_start(ap, f);
    fmt_v(what, sizeof(what), f, ap);
    va_end(ap);
    for (char *p = what; *p; p++)
        if (*p == '\n')
            *p = ' ';
    __atomic_fetch_add(&checks_failed, 1, __ATOMIC_RELAXED);
    tell("# %s:%d: %s\n", file, line, what);
}

void test_skip(const char *why)
{
    skipped_why = why;
}

u64 test_rand(void)
{
    u64 z = __atomic_add_fetch(&rand_state, 0x9e3779b97f4a7c15, __ATOMIC_RELAXED);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

bool test_str_eq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

bool test_mem_eq(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n) == 0;
}

static bool chosen(const struct test *t, const char *pattern)
{
    bool hidden = strncmp(t->name, HIDDEN, strlen(HIDDEN)) == 0;
    return hidden ? strcmp(t->name, pattern) == 0 : strstr(t->name, pattern) != NULL;
}

/* The order of names; two of the same name (from two files) by where they stand. */
static bool before(const struct test *a, const struct test *b)
{
    int c = strcmp(a->name, b->name);
    return c ? c < 0 : (uintptr_t)a < (uintptr_t)b;
}

static const struct test *next_test(const struct test *last, const char *pattern)
{
    const struct test *next = NULL;

    SET_FOREACH(test, const struct test, t)
        if (chosen(t, pattern) && (!last || before(last, t)) && (!next || before(t, next)))
            next = t;
    return next;
}

static void run_test(unsigned nr, const struct test *t)
{
    store_relaxed(&checks_failed, 0);
    skipped_why = NULL;
    rand_state = 1;
    t->fn();
    if (load_relaxed(&checks_failed))
        tell("not ok %u %s\n", nr, t->name);
    else if (skipped_why)
        tell("ok %u %s # SKIP %s\n", nr, t->name, skipped_why);
    else
        tell("ok %u %s\n", nr, t->name);
}

static void guest_test_task(void *arg)
{
    const char *pattern = arg;
    unsigned plan = 0, nr = 0;

    for (const struct test *t = NULL; (t = next_test(t, pattern));)
        plan++;
    tell("\nKTAP version 1\n1..%u\n", plan);
    for (const struct test *t = NULL; (t = next_test(t, pattern));)
        run_test(++nr, t);
    tell("# end of tests\n");
    plat_poweroff();
    plat_reboot();
}

static char wanted_pattern[64];
static bool wanted;

static int want_tests(const char *value)
{
    wanted = true;
    return str_copy(wanted_pattern, sizeof(wanted_pattern), value ? value : "") < sizeof(wanted_pattern) ? 0 : -EINVAL;
}

BOOT_OPTION(test, "test", want_tests,
            "run the tests in the image and go off; test=WORD: those with WORD in their names");

bool guest_test_wanted(void)
{
    return wanted;
}

void guest_test_start(void)
{
    if (!task_start("test", guest_test_task, wanted_pattern, TASK_NORMAL, 0))
        panic("no memory for the task of the tests");
}
