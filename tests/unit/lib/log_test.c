/* Limits of messages. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/log.h"
#include "lib/string.h"

TEST(log_limit_lets_a_burst_pass_and_counts_the_rest)
{
    struct log_limit l = LOG_LIMIT(1000, 3);
    u32 held;

    for (u64 now = 0; now < 10; now++) {
        CHECK_EQ(log_limit_pass(&l, now, &held), now < 3);
        CHECK_EQ(held, 0);
    }
    CHECK(!log_limit_pass(&l, 1000, &held)); /* the span began at 1, since 0 says that there is none */
    CHECK(log_limit_pass(&l, 1001, &held));
    CHECK_EQ(held, 8);
    CHECK(log_limit_pass(&l, 1002, &held));
    CHECK_EQ(held, 0);
    CHECK(log_limit_pass(&l, 5000, &held)); /* nothing was held back in the span before */
    CHECK_EQ(held, 0);
}

TEST(log_limited_says_how_many_it_held_back)
{
    struct log_limit l = LOG_LIMIT(NS_PER_S, 2);

    for (int i = 0; i < 7; i++)
        log_limited(&l, LOG_WARN, "flood %d", i);
    CHECK(strstr(host_log(), "<4>flood 1\n") != NULL);
    CHECK(strstr(host_log(), "flood 2") == NULL);
    host_clock_advance(2 * NS_PER_S);
    log_limited(&l, LOG_WARN, "flood again");
    CHECK(strstr(host_log(), "<4>5 messages like the next were held back\n<4>flood again\n") != NULL);
}
