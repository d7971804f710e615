/* lib/date against the C library's gmtime over random times and all days of several years. */
#include <time.h>

#include "lib/check.h"
#include "lib/date.h"

static void compare(i64 seconds)
{
    struct date d;
    time_t t = seconds;
    struct tm tm;
    gmtime_r(&t, &tm);
    date_from_unix(&d, seconds);
    bool same = d.year == tm.tm_year + 1900 && d.month == tm.tm_mon + 1 && d.day == tm.tm_mday &&
                d.hour == tm.tm_hour && d.minute == tm.tm_min && d.second == tm.tm_sec && d.weekday == tm.tm_wday &&
                d.yearday == tm.tm_yday;
    if (!same)
        test_failed(__FILE__, __LINE__, "%lld: %d-%u-%u %u %u", (long long)seconds, d.year, d.month, d.day, d.weekday,
                    d.yearday);
    CHECK(date_ok(&d));
    CHECK_EQ(date_to_unix(&d), seconds);
}

TEST(date_agrees_with_the_c_library)
{
    for (i64 day = -800 * 366; day < 800 * 366; day++)
        compare(day * 86400 + (i64)(test_rand() % 86400));
    compare(0);
    compare(-1);
    compare(DATE_UNIX_MAX);
    compare(-62135596800);
}

TEST(date_bounds)
{
    struct date d;
    date_from_unix(&d, INT64_MAX);
    CHECK_EQ(d.year, 9999);
    date_from_unix(&d, INT64_MIN);
    CHECK_EQ(d.year, 1);
    struct date no = {.year = 2023, .month = 2, .day = 29};
    CHECK(!date_ok(&no));
    no.year = 2024;
    CHECK(date_ok(&no));
    CHECK_STR(date_month_name(0), "?");
    CHECK_STR(date_month_name(12), "December");
    CHECK_STR(date_day_name(7), "?");
}
