/* The words of unit and guest tests.
 *
 *     TEST(htab_grows) { CHECK_EQ(htab_count(&t), 3); }
 *
 * A test is found by its set; it starts from nothing and cleans up what it made. A failed check reports file, line
 * and both values, and the test goes on; test_fail_now() style early ends are a plain `return`. The same words serve
 * the hosted unit tests (host/test_main.c runs them) and those inside the machine (kernel/guest_test.c, as KTAP).
 */
#ifndef LIB_CHECK_H
#define LIB_CHECK_H

#include "lib/base.h"
#include "lib/set.h"

struct test {
    const char *name;
    void (*fn)(void);
};

/* The runner gives these. */
void test_failed(const char *file, int line, const char *fmt, ...) PRINTF(3, 4);
void test_skip(const char *why); /* this test cannot run here; counted as skipped, never as passed */
u64 test_rand(void);             /* the same bytes each run: a splitmix64 that starts afresh in each test */

#define TEST(n)                                                 \
    static void test_##n(void);                                 \
    static const struct test test_##n##_entry = {#n, test_##n}; \
    SET_ADD(test, test_##n##_entry);                            \
    static void test_##n(void)

#define CHECK(cond)                                              \
    do {                                                         \
        if (!(cond))                                             \
            test_failed(__FILE__, __LINE__, "CHECK(%s)", #cond); \
    } while (0)

#define CHECK_OP(a, op, b)                                                                                           \
    do {                                                                                                             \
        long long check_a = (long long)(a), check_b = (long long)(b);                                                \
        if (!(check_a op check_b))                                                                                   \
            test_failed(__FILE__, __LINE__, "%s %s %s: %lld (0x%llx), %lld (0x%llx)", #a, #op, #b, check_a, check_a, \
                        check_b, check_b);                                                                           \
    } while (0)

#define CHECK_EQ(a, b) CHECK_OP(a, ==, b)
#define CHECK_NE(a, b) CHECK_OP(a, !=, b)
#define CHECK_LT(a, b) CHECK_OP(a, <, b)
#define CHECK_LE(a, b) CHECK_OP(a, <=, b)

bool test_str_eq(const char *a, const char *b);
bool test_mem_eq(const void *a, const void *b, size_t n);

#define CHECK_STR(a, b)                                                                        \
    do {                                                                                       \
        const char *check_a = (a), *check_b = (b);                                             \
        if (!test_str_eq(check_a, check_b))                                                    \
            test_failed(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #a, check_a, check_b); \
    } while (0)

#define CHECK_MEM(a, b, n)                                               \
    do {                                                                 \
        if (!test_mem_eq((a), (b), (n)))                                 \
            test_failed(__FILE__, __LINE__, "%s and %s differ", #a, #b); \
    } while (0)

#endif
