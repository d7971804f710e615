/* The calendar.
 *
 * Days are counted in eras of 400 years, which all have 146097 of them, and in years that begin in March, so that the
 * leap day is the last of its year and months need no table:
 *
 *     day of the year (March 1st = 0) of month m (March = 0):  (153 * m + 2) / 5
 *
 * Any seconds are welcome: what lies outside of the years 1..9999 is clamped. No state, any context.
 */
#include "lib/date.h"

#define DAY      86400
#define ERA_DAYS 146097
#define EPOCH    719468 /* days from 0000-03-01 to 1970-01-01 */
#define LEAST    (-62135596800)

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

static bool leap(i32 year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_days(i32 year, unsigned month)
{
    static const u8 lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && leap(year));
}

/* Days since 1970-01-01. */
static i64 day_number(i32 year, unsigned month, unsigned day)
{
    i64 y = year - (month <= 2);
    i64 era = (y >= 0 ? y : y - 399) / 400;
    unsigned year_of_era = (unsigned)(y - era * 400);
    unsigned yearday = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + yearday - EPOCH;
}

void date_from_unix(struct date *d, i64 seconds)
{
    seconds = min(max(seconds, LEAST), DATE_UNIX_MAX);
    i64 day = (seconds >= 0 ? seconds : seconds - (DAY - 1)) / DAY;
    unsigned rest = (unsigned)(seconds - day * DAY);
    i64 z = day + EPOCH, era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    unsigned day_of_era = (unsigned)(z - era * ERA_DAYS);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned march_day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month = (5 * march_day + 2) / 153;
    d->day = (u8)(march_day - (153 * month + 2) / 5 + 1);
    d->month = (u8)(month < 10 ? month + 3 : month - 9);
    d->year = (i32)(era * 400 + year_of_era + (d->month <= 2));
    d->hour = (u8)(rest / 3600);
    d->minute = (u8)(rest / 60 % 60);
    d->second = (u8)(rest % 60);
    d->weekday = (u8)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    d->yearday = (u16)(day - day_number(d->year, 1, 1));
}

bool date_ok(const struct date *d)
{
    return d->year >= 1 && d->year <= 9999 && d->month >= 1 && d->month <= 12 && d->day >= 1 &&
           d->day <= month_days(d->year, d->month) && d->hour < 24 && d->minute < 60 && d->second < 60;
}

i64 date_to_unix(const struct date *d)
{
    return day_number(d->year, d->month, d->day) * DAY + d->hour * 3600 + d->minute * 60 + d->second;
}

const char *date_month_name(unsigned month)
{
    return month - 1 < ARRAY_LEN(months) ? months[month - 1] : "?";
}

const char *date_day_name(unsigned weekday)
{
    return weekday < ARRAY_LEN(days) ? days[weekday] : "?";
}
