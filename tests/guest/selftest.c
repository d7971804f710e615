/* Tests that go wrong on purpose, one for each way: tests/harness/ runs each by name and wants `make test` to fail.
 * kernel/guest_test.c leaves them out unless they are asked for. */
#include "lib/check.h"
#include "lib/plat.h"

TEST(selftest_ok)
{
    CHECK_EQ(1 + 1, 2);
}

TEST(selftest_fail)
{
    CHECK(1 + 1 == 3);
}

TEST(selftest_panic)
{
    panic("panic on purpose");
}

TEST(selftest_hang)
{
    task_park(~0ull);
}

TEST(selftest_stop)
{
    plat_poweroff();
}
