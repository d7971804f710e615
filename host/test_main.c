/* Runs the hosted tests: every TEST() linked in, in the order of names, each from the same random seed.
 *
 *     weir-test [-v] [PATTERN]      PATTERN: a substring of the test's name
 *
 * Prints one line per failed or skipped test and ends in "N passed, N failed, N skipped". Exit 1 when a test failed or
 * none ran: an empty run is never a green one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check.h"

static const char *current;
static unsigned checks_failed;
static const char *skipped_why;
static u64 rand_state;

void test_failed(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s: %s:%d: ", current, file, line);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    checks_failed++;
}

void test_skip(const char *why)
{
    skipped_why = why;
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

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct test *const *)a)->name, (*(const struct test *const *)b)->name);
}

int main(int argc, char **argv)
{
    bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    const char *pattern = argc > 1 + verbose ? argv[1 + verbose] : "";
    unsigned n = 0, passed = 0, failed = 0, skipped = 0;

    SET_FOREACH(test, const struct test, counted)
        (void)counted, n++;
    const struct test **all = calloc(n + 1, sizeof(*all));
    n = 0;
    SET_FOREACH(test, const struct test, t)
        all[n++] = t;
    qsort(all, n, sizeof(*all), by_name);

    for (unsigned i = 0; i < n; i++) {
        if (!strstr(all[i]->name, pattern))
            continue;
        current = all[i]->name;
        checks_failed = 0;
        skipped_why = NULL;
        rand_state = 1;
        if (verbose)
            fprintf(stderr, "%s\n", current);
        all[i]->fn();
        if (checks_failed)
            failed++, printf("FAIL unit %s\n", current);
        else if (skipped_why)
            skipped++, printf("SKIP unit %s: %s\n", current, skipped_why);
        else
            passed++;
    }
    free(all);
    printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
    return failed || !(passed + skipped);
}
