/* Wall time: the hardware clock read once at boot, then clock_ns and an offset.
 *
 * The CMOS clock gives whole seconds. It is read twice until both readings agree and no update was going on; the part
 * of a second that is lost is for a time protocol to find. wall_slew moves the offset little by little, worked out at
 * each reading from when it began, so that no timer runs for it.
 */
#include "kernel/acpi.h"
#include "kernel/time.h"
#include "kernel/x86.h"
#include "lib/plat.h"
#include "lib/string.h"

#define SLEW_PER_S 500000 /* ns a second: Linux's adjtime */

enum { RTC_SECOND = 0, RTC_MINUTE = 2, RTC_HOUR = 4, RTC_DAY = 7, RTC_MONTH = 8, RTC_YEAR = 9, RTC_A = 10, RTC_B = 11 };
#define RTC_A_UPDATING 0x80
#define RTC_B_24H      0x02
#define RTC_B_BINARY   0x04
#define RTC_B_SET      0x80

struct rtc {
    u8 second, minute, hour, day, month, year, century, b;
};

static struct {
    u32 seq;
    i64 offset;    /* wall = clock + offset + what was slewed */
    i64 slew;      /* ns still to come, counted from */
    u64 slew_from; /* this clock_ns */
} wall;
static struct spinlock wall_lock;

/* ---- CMOS ---- */

static u8 cmos_read(u8 reg)
{
    outb(0x70, reg | 0x80); /* NMI off while the index stands: restored below */
    u8 v = inb(0x71);
    outb(0x70, 0x0d);
    return v;
}

static void cmos_write(u8 reg, u8 v)
{
    outb(0x70, reg | 0x80);
    outb(0x71, v);
    outb(0x70, 0x0d);
}

static struct rtc rtc_registers(void)
{
    return (struct rtc){.second = cmos_read(RTC_SECOND),
                        .minute = cmos_read(RTC_MINUTE),
                        .hour = cmos_read(RTC_HOUR),
                        .day = cmos_read(RTC_DAY),
                        .month = cmos_read(RTC_MONTH),
                        .year = cmos_read(RTC_YEAR),
                        .century = acpi.century ? cmos_read(acpi.century) : 0,
                        .b = cmos_read(RTC_B)};
}

static unsigned from_bcd(u8 v, bool binary)
{
    return binary ? v : (v >> 4) * 10u + (v & 15);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar; month 1..12. */
static i64 days_from_date(i64 year, unsigned month, unsigned day)
{
    year -= month <= 2;
    i64 era = year / 400;
    unsigned in_era = (unsigned)(year - era * 400);
    unsigned in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

/* Seconds since 1970, or 0 when the registers hold no date. */
static u64 rtc_seconds(const struct rtc *r)
{
    bool binary = r->b & RTC_B_BINARY;
    unsigned hour = from_bcd(r->hour & 0x7f, binary), year = from_bcd(r->year, binary);
    unsigned century = from_bcd(r->century, binary), month = from_bcd(r->month, binary), day = from_bcd(r->day, binary);
    unsigned minute = from_bcd(r->minute, binary), second = from_bcd(r->second, binary);
    if (!(r->b & RTC_B_24H))
        hour = hour % 12 + (r->hour & 0x80 ? 12 : 0);
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || year > 99)
        return 0;
    year += century >= 19 && century <= 30 ? century * 100 : year < 70 ? 2000 : 1900;
    i64 days = days_from_date(year, month, day);
    return days < 0 ? 0 : (u64)days * 86400 + hour * 3600 + minute * 60 + second;
}

static u64 rtc_read(void)
{
    if (cmos_read(RTC_A) == 0xff) /* no clock sets all of these */
        return 0;
    for (unsigned tries = 0; tries < 20000; tries++) { /* an update takes 2 ms at most */
        if (cmos_read(RTC_A) & RTC_A_UPDATING)
            continue;
        struct rtc a = rtc_registers(), b = rtc_registers();
        if (memcmp(&a, &b, sizeof(a)) == 0)
            return rtc_seconds(&a);
    }
    return 0;
}

/* ---- reading ---- */

/* What of the slew has come by `now`. */
static i64 slewed(i64 slew, u64 from, u64 now)
{
    u64 most = (now - from) / (NS_PER_S / SLEW_PER_S);
    if (slew >= 0)
        return (u64)slew < most ? slew : (i64)most;
    return (u64)-slew < most ? slew : -(i64)most;
}

u64 wall_ns(void)
{
    for (;;) {
        u32 seq = load_acquire(&wall.seq);
        u64 now = clock_ns();
        i64 offset = wall.offset, slew = wall.slew;
        u64 from = wall.slew_from;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (likely(!(seq & 1) && load_relaxed(&wall.seq) == seq))
            return now + (u64)(offset + (slew ? slewed(slew, from, now) : 0));
    }
}

static void change_wall(i64 offset, i64 slew, u64 now)
{
    store_relaxed(&wall.seq, wall.seq + 1);
    atomic_fence();
    wall.offset = offset;
    wall.slew = slew;
    wall.slew_from = now;
    store_release(&wall.seq, wall.seq + 1);
}

void wall_set(u64 ns)
{
    u64 flags = spin_lock_irq(&wall_lock);
    u64 now = clock_ns();
    change_wall((i64)(ns - now), 0, now);
    spin_unlock_irq(&wall_lock, flags);
}

void wall_slew(i64 ns)
{
    u64 flags = spin_lock_irq(&wall_lock);
    u64 now = clock_ns();
    change_wall(wall.offset + slewed(wall.slew, wall.slew_from, now), ns, now);
    spin_unlock_irq(&wall_lock, flags);
}

/* ---- the hardware clock ---- */

static u8 to_bcd(unsigned v, bool binary)
{
    return (u8)(binary ? v : v / 10 << 4 | v % 10);
}

void wall_to_rtc(void)
{
    u64 s = wall_ns() / NS_PER_S;
    if (acpi.cmos_rtc_absent)
        return;
    unsigned day_s = (unsigned)(s % 86400), month = 1;
    i64 days = (i64)(s / 86400), year = 1970 + days / 366;
    while (days_from_date(year + 1, 1, 1) <= days)
        year++;
    while (month < 12 && days_from_date(year, month + 1, 1) <= days)
        month++;
    unsigned day = (unsigned)(days - days_from_date(year, month, 1)) + 1, hour = day_s / 3600;
    u64 flags = spin_lock_irq(&wall_lock);
    u8 b = cmos_read(RTC_B) & (u8)~RTC_B_SET; /* firmware may have left it stopped */
    bool binary = b & RTC_B_BINARY, pm = hour >= 12;
    u8 hour_reg = to_bcd(b & RTC_B_24H ? hour : (hour + 11) % 12 + 1, binary);
    cmos_write(RTC_B, b | RTC_B_SET);
    cmos_write(RTC_SECOND, to_bcd(day_s % 60, binary));
    cmos_write(RTC_MINUTE, to_bcd(day_s / 60 % 60, binary));
    cmos_write(RTC_HOUR, (u8)(hour_reg | (b & RTC_B_24H || !pm ? 0 : 0x80)));
    cmos_write(RTC_DAY, to_bcd(day, binary));
    cmos_write(RTC_MONTH, to_bcd(month, binary));
    cmos_write(RTC_YEAR, to_bcd((unsigned)(year % 100), binary));
    if (acpi.century)
        cmos_write(acpi.century, to_bcd((unsigned)(year / 100), binary));
    cmos_write(RTC_B, b);
    spin_unlock_irq(&wall_lock, flags);
}

void wall_init(void)
{
    u64 s = acpi.cmos_rtc_absent ? 0 : rtc_read();
    wall_set(s * NS_PER_S);
    if (!s)
        log_write(LOG_WARN, "clock: no hardware clock with a date: wall time starts at 1970");
}

void plat_wall_set(u64 ns)
{
    wall_set(ns);
    wall_to_rtc();
}
