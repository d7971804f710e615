/* The calendar: seconds since 1970 to year, month, day and back. UTC alone; Gregorian for all years; no leap seconds.
 *
 *     struct date d;
 *     date_from_unix(&d, (i64)(wall_ns() / NS_PER_S));
 */
#ifndef LIB_DATE_H
#define LIB_DATE_H

#include "lib/base.h"

struct date {
    i32 year;
    u8 month, day;           /* 1..12, 1..31 */
    u8 hour, minute, second; /* second: 0..59 */
    u8 weekday;              /* 0: Sunday */
    u16 yearday;             /* 0..365 */
};

#define DATE_UNIX_MAX 253402300799 /* the end of year 9999; date_from_unix clamps to it, and to 0001-01-01 */

void date_from_unix(struct date *d, i64 seconds);
i64 date_to_unix(const struct date *d);      /* from year to second; the fields within their bounds */
bool date_ok(const struct date *d);          /* is there such a day and time? */
const char *date_month_name(unsigned month); /* "January" for 1; "?" out of bounds; cut by %.3s where wanted short */
const char *date_day_name(unsigned weekday);

#endif
