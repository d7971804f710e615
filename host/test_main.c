/* Runs the hosted tests: every TEST() linked in, in the order of names.
 *
 *     weir-test [-v] [-l] [-1] [-t SECONDS] [PATTERN...]
 *         PATTERN   run the tests with one of these in their names
 *         -v        name each test before it runs, log to stderr
 *         -l        list them, and run none
 *         -1        all in this process: for a debugger
 *         -t        processor time that a test may take (60; ten times as much by the clock on the wall)
 *     HOST_CPUS=n   a thread for each of n CPUs (ThreadSanitizer), and the tests for several CPUs alone: their names
 *                   begin with smp_. Without it they have four CPUs in one thread. All other tests have one CPU
 *
 * Each test starts from nothing: it has a process of its own, a copy of one in which no test has run yet, with a fresh
 * ground: time zero, the same seed. It must leave nothing: a task that still lives, memory not freed, a crash, or no
 * end within its time is a failure of that test alone.
 *
 * Prints one line per failed or skipped test and ends in "N passed, N failed, N skipped". Exit 1 when a test failed or
 * none ran: an empty run is never a green one.
 */
#include "host/host.h"
#include "lib/check.h"
#include "lib/plat.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SMP_CPUS    4
#define LEAKS_SHOWN 5

void __sanitizer_print_stack_trace(void) __attribute__((weak));
void __sanitizer_symbolize_pc(void *pc, const char *fmt, char *out, size_t size) __attribute__((weak));

/* What a test's process tells this one: shared memory. */
static struct result {
    unsigned failures;
    bool skipped, ended;
    char why[128];
} * result;

static struct {
    bool verbose, list, one_process;
    unsigned seconds, cpus;
    char **patterns;
} options = {.seconds = 60};

static const char *current;
static char context[160];
static u64 rand_state;

void test_failed(const char *file, int line, const char *fmt, ...)
{
    char words[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    fprintf(stderr, "%s: %s:%d: %s\n", current, file, line, words);
    atomic_add(&result->failures, 1);
}

void test_skip(const char *why)
{
    result->skipped = true;
    snprintf(result->why, sizeof(result->why), "%s", why);
}

u64 test_rand(void)
{
    u64 z = rand_state += 0x9e3779b97f4a7c15;
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

static void left_task(const char *name, const char *state)
{
    test_failed("end of test", 0, "task %s is left: %s", name, state);
}

static void left_block(const void *p, size_t size, const void *who)
{
    char place[200] = "";
    if (__sanitizer_symbolize_pc)
        __sanitizer_symbolize_pc((char *)who - 1, "in %f at %S", place, sizeof(place));
    test_failed("end of test", 0, "%zu bytes at %p were not freed, allocated by %p %s", size, p, who, place);
}

static bool is_smp(const char *name)
{
    return strncmp(name, "smp_", 4) == 0;
}

static void run_here(const struct test *t)
{
    host_stop();
    host_start(&(struct host_config){
        .cpus = options.cpus      ? options.cpus
                : is_smp(t->name) ? SMP_CPUS
                                  : 1,
        .threads = options.cpus > 1,
        .seed = 1,
    });
    host_log_to_stderr(options.verbose);
    rand_state = 1;
    u64 allocated = host_mem_count();
    t->fn();
    host_mem_fail_at(0);
    host_run();
    host_tasks(left_task);
    host_mem_walk(allocated, LEAKS_SHOWN, left_block);
    result->ended = true;
}

static void out_of_time(int sig)
{
    static const char words[] = "out of time, here:\n";
    if (write(STDERR_FILENO, words, sizeof(words) - 1) > 0 && __sanitizer_print_stack_trace)
        __sanitizer_print_stack_trace();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void limit_time(void)
{
    struct sigaction act = {.sa_handler = out_of_time};
    sigaction(SIGPROF, &act, NULL);
    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = options.seconds}, NULL);
    alarm(options.seconds * 10);
}

static void run_apart(const struct test *t)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        test_failed("host/test_main.c", __LINE__, "no process");
        return;
    }
    if (!child) {
        limit_time();
        run_here(t);
        host_stop(); /* ThreadSanitizer waits a second for threads that still run */
        _exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) != child)
        ;
    if (result->ended && !status)
        return;
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM))
        snprintf(result->why, sizeof(result->why), ": took more than %u s", options.seconds);
    else if (WIFSIGNALED(status))
        snprintf(result->why, sizeof(result->why), ": died of signal %d", WTERMSIG(status));
    else
        snprintf(result->why, sizeof(result->why), ": ended its process with status %d", WEXITSTATUS(status));
    result->failures++;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct test *const *)a)->name, (*(const struct test *const *)b)->name);
}

static bool is_wanted(const char *name)
{
    bool wanted = !*options.patterns;
    if (options.cpus > 1 && !is_smp(name))
        return false;
    for (char **p = options.patterns; *p; p++)
        wanted |= strstr(name, *p) != NULL;
    return wanted;
}

static int read_options(int argc, char **argv)
{
    const char *cpus = getenv("HOST_CPUS");
    options.cpus = cpus ? (unsigned)strtoul(cpus, NULL, 10) : 0;
    for (int c; (c = getopt(argc, argv, "vl1t:")) != -1;)
        switch (c) {
        case 'v': options.verbose = true; break;
        case 'l': options.list = true; break;
        case '1': options.one_process = true; break;
        case 't': options.seconds = (unsigned)strtoul(optarg, NULL, 10); break;
        default: return -EINVAL;
        }
    options.patterns = argv + optind;
    return options.cpus <= CPU_MAX && options.seconds ? 0 : -EINVAL;
}

static void run_one(const struct test *t, unsigned *passed, unsigned *failed, unsigned *skipped)
{
    current = t->name;
    *result = (struct result){0};
    snprintf(context, sizeof(context), "in test %s", current);
    host_crash_context(context);
    if (options.verbose)
        fprintf(stderr, "%s\n", current);
    if (options.one_process)
        run_here(t);
    else
        run_apart(t);
    if (result->failures)
        ++*failed, printf("FAIL unit %s%s\n", current, result->skipped ? "" : result->why);
    else if (result->skipped)
        ++*skipped, printf("SKIP unit %s: %s\n", current, result->why);
    else
        ++*passed;
}

int main(int argc, char **argv)
{
    unsigned n = 0, passed = 0, failed = 0, skipped = 0;
    if (read_options(argc, argv)) {
        fprintf(stderr, "usage: %s [-v] [-l] [-1] [-t SECONDS] [PATTERN...], HOST_CPUS=1..%d\n", argv[0], CPU_MAX);
        return 2;
    }
    host_catch_faults();
    result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    SET_FOREACH(test, const struct test, counted)
        (void)counted, n++;
    const struct test **all = calloc(n + 1, sizeof(*all));
    if (result == MAP_FAILED || !all)
        return 2;
    n = 0;
    SET_FOREACH(test, const struct test, t)
        all[n++] = t;
    qsort(all, n, sizeof(*all), by_name);

    for (unsigned i = 0; i < n; i++) {
        if (!is_wanted(all[i]->name))
            continue;
        if (options.list)
            passed++, printf("%s\n", all[i]->name);
        else
            run_one(all[i], &passed, &failed, &skipped);
    }
    free(all);
    if (!options.list)
        printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
    return failed || !(passed + skipped);
}
