/* date and uptime.
 *
 *     date      date +%s      date -u '+%F %T'      date -d @1700000000      uptime -p
 *
 * The only time zone is UTC. The load average is what /proc/loadavg says, where there is one.
 */
#include "lib/cmd.h"
#include "lib/date.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"

struct moment {
    struct date d;
    i64 seconds;
    u32 ns;
};

static unsigned hour12(const struct date *d)
{
    return d->hour % 12 ? d->hour % 12 : 12;
}

/* ISO 8601 week of the year: weeks begin on Monday, the first has a Thursday in it. */
static unsigned iso_week(const struct date *d, i32 *year)
{
    struct date thursday;
    date_from_unix(&thursday, date_to_unix(d) + ((i64)3 - (d->weekday + 6) % 7) * 86400);
    *year = thursday.year;
    return thursday.yearday / 7u + 1;
}

static const char *whole_form(char letter) /* letters that stand for several others */
{
    switch (letter) {
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'T':
    case 'X': return "%H:%M:%S";
    case 'R': return "%H:%M";
    case 'r': return "%I:%M:%S %p";
    default: return NULL;
    }
}

static size_t put_letter(char *to, size_t size, char letter, const struct moment *m)
{
    const struct date *d = &m->d;
    i32 iso_year = 0;
    unsigned week = iso_week(d, &iso_year);
    switch (letter) {
    case 'a': return fmt(to, size, "%.3s", date_day_name(d->weekday));
    case 'A': return fmt(to, size, "%s", date_day_name(d->weekday));
    case 'b':
    case 'h': return fmt(to, size, "%.3s", date_month_name(d->month));
    case 'B': return fmt(to, size, "%s", date_month_name(d->month));
    case 'C': return fmt(to, size, "%02d", d->year / 100);
    case 'd': return fmt(to, size, "%02u", d->day);
    case 'e': return fmt(to, size, "%2u", d->day);
    case 'G': return fmt(to, size, "%d", iso_year);
    case 'H': return fmt(to, size, "%02u", d->hour);
    case 'I': return fmt(to, size, "%02u", hour12(d));
    case 'j': return fmt(to, size, "%03u", d->yearday + 1u);
    case 'k': return fmt(to, size, "%2u", d->hour);
    case 'l': return fmt(to, size, "%2u", hour12(d));
    case 'm': return fmt(to, size, "%02u", d->month);
    case 'M': return fmt(to, size, "%02u", d->minute);
    case 'n': return fmt(to, size, "\n");
    case 'N': return fmt(to, size, "%09u", m->ns);
    case 'p': return fmt(to, size, "%s", d->hour < 12 ? "AM" : "PM");
    case 's': return fmt(to, size, "%lld", (long long)m->seconds);
    case 'S': return fmt(to, size, "%02u", d->second);
    case 't': return fmt(to, size, "\t");
    case 'u': return fmt(to, size, "%u", d->weekday ? d->weekday : 7u);
    case 'V': return fmt(to, size, "%02u", week);
    case 'w': return fmt(to, size, "%u", d->weekday);
    case 'y': return fmt(to, size, "%02d", d->year % 100);
    case 'Y': return fmt(to, size, "%d", d->year);
    case 'z': return fmt(to, size, "+0000");
    case 'Z': return fmt(to, size, "UTC");
    case '%': return fmt(to, size, "%%");
    default: return fmt(to, size, "%%%c", letter);
    }
}

/* Forms hold no further forms, so this goes one level deep. */
static void print_form(struct out *o, const char *f, const struct moment *m)
{
    char text[32];
    for (; *f; f++) {
        const char *form = *f == '%' ? whole_form(f[1]) : NULL;
        if (*f != '%' || !f[1]) {
            out_raw(o, f, 1);
        } else if (form) {
            print_form(o, form, m);
            f++;
        } else {
            out_raw(o, text, put_letter(text, sizeof(text), *++f, m));
        }
    }
}

#define CLOCK_MOST 9223372036 /* seconds: 63 bits of nanoseconds */

/* "@1700000000", "2024-02-29", "2024-02-29 12:30", "2024-02-29T12:30:05" */
static bool read_moment(const char *s, struct moment *m)
{
    u64 v;
    if (s[0] == '@' && option_decimal(s + 1, &v) && v <= DATE_UNIX_MAX) {
        m->seconds = (i64)v;
        return true;
    }
    u32 part[6] = {0};
    static const char gaps[] = "-- ::";
    for (unsigned i = 0; i < ARRAY_LEN(part); i++) {
        if (!char_is_digit(*s))
            return false;
        for (; char_is_digit(*s); s++)
            part[i] = min(part[i] * 10 + (u32)(*s - '0'), 99999u);
        if (!*s && (i == 2 || i >= 4))
            break;
        if (i == 5 || !(*s == gaps[i] || (i == 2 && *s == 'T')))
            return false;
        s++;
    }
    if (part[1] > 12 || part[2] > 31 || part[3] > 23 || part[4] > 59 || part[5] > 59)
        return false;
    struct date d = {.year = (i32)part[0],
                     .month = (u8)part[1],
                     .day = (u8)part[2],
                     .hour = (u8)part[3],
                     .minute = (u8)part[4],
                     .second = (u8)part[5]};
    m->seconds = date_to_unix(&d);
    return date_ok(&d);
}

static int cmd_date(struct cmd_ctx *c)
{
    struct option_reader o;
    u64 now = wall_ns();
    struct moment m = {.seconds = (i64)(now / NS_PER_S), .ns = (u32)(now % NS_PER_S)};
    const char *form = "%a %b %e %H:%M:%S UTC %Y";
    int letter;
    bool set = false;
    for (option_start(&o, c, "ud:s:RIj"); (letter = option_next(&o)) > 0;) {
        if (letter == 'd' || letter == 's') {
            set = letter == 's';
            m.ns = 0;
            if (!read_moment(o.value, &m))
                return cmd_usage(c, "\"%s\" is no time: @SECONDS or YYYY-MM-DD [HH:MM[:SS]]", o.value);
        }
        form = letter == 'R' ? "%a, %d %b %Y %H:%M:%S +0000" : letter == 'I' ? "%F" : form;
        c->out->json |= letter == 'j';
    }
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc && (c->argv[o.at][0] != '+' || c->argc - o.at > 1))
        return cmd_usage(c, "\"%s\": a format begins with +; the clock is set by -s", c->argv[o.at]);
    if (set && (m.seconds < 0 || m.seconds > CLOCK_MOST))
        return cmd_error(c, "the clock goes from 1970 to 2262");
    if (set)
        plat_wall_set((u64)m.seconds * NS_PER_S);
    if (o.at < c->argc)
        form = c->argv[o.at] + 1;
    date_from_unix(&m.d, m.seconds);
    if (c->out->json) {
        char iso[40];
        fmt(iso, sizeof(iso), "%04d-%02u-%02uT%02u:%02u:%02uZ", m.d.year, m.d.month, m.d.day, m.d.hour, m.d.minute,
            m.d.second);
        out_object(c->out, NULL);
        out_str(c->out, "date", NULL, iso);
        out_i64(c->out, "seconds", NULL, m.seconds);
        out_end(c->out);
    } else {
        print_form(c->out, form, &m);
        out_raw(c->out, "\n", 1);
    }
    return 0;
}

/* ---- uptime ---- */

static void show_since(struct out *o, u64 up)
{
    u64 days = up / 86400, hours = up / 3600 % 24, minutes = up / 60 % 60;
    if (days)
        out_text(o, "%llu day%s, ", (unsigned long long)days, days == 1 ? "" : "s");
    if (hours)
        out_text(o, "%2llu:%02llu", (unsigned long long)hours, (unsigned long long)minutes);
    else
        out_text(o, "%llu min", (unsigned long long)minutes);
}

static void show_pretty(struct out *o, u64 up)
{
    static const struct {
        const char *name;
        u64 seconds;
    } parts[] = {{"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}};
    const char *gap = "up ";
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        u64 n = up / parts[i].seconds;
        up %= parts[i].seconds;
        if (n || (i + 1 == ARRAY_LEN(parts) && gap[0] == 'u')) {
            out_text(o, "%s%llu %s%s", gap, (unsigned long long)n, parts[i].name, n == 1 ? "" : "s");
            gap = ", ";
        }
    }
    out_text(o, "\n");
}

static void show_load(struct cmd_ctx *c)
{
    char *p;
    size_t n;
    if (file_load(c->net, "/proc/loadavg", 256, &p, &n) != 0)
        return;
    for (int i = 0, at = 0; i < 3; i++) {
        int len = (int)strcspn(p + at, " \n");
        out_text(c->out, "%s%.*s", i ? ", " : ",  load average: ", len, p + at);
        at += len + (p[at + len] == ' ');
    }
    mem_free(p);
}

static int cmd_uptime(struct cmd_ctx *c)
{
    struct option_reader o;
    struct date d;
    bool pretty = false, since = false;
    int letter;
    for (option_start(&o, c, "psj"); (letter = option_next(&o)) > 0;)
        *(letter == 'p' ? &pretty : letter == 's' ? &since : &c->out->json) = true;
    if (o.bad)
        return option_refuse(&o);
    u64 now = wall_ns() / NS_PER_S, up = clock_ns() / NS_PER_S;
    date_from_unix(&d, (i64)(since ? now - min(up, now) : now));
    if (c->out->json) {
        out_object(c->out, NULL);
        out_u64(c->out, "uptime", NULL, up);
        out_end(c->out);
    } else if (since) {
        out_text(c->out, "%04d-%02u-%02u %02u:%02u:%02u\n", d.year, d.month, d.day, d.hour, d.minute, d.second);
    } else if (pretty) {
        show_pretty(c->out, up);
    } else {
        out_text(c->out, " %02u:%02u:%02u up ", d.hour, d.minute, d.second);
        show_since(c->out, up);
        out_text(c->out, ",  1 user");
        show_load(c);
        out_text(c->out, "\n");
    }
    return 0;
}

CMD(date, .name = "date", .group = "system", .help = "the date and time",
    .usage = "[-u] [-R] [-I] [-j] [-d TIME | -s TIME] [+FORMAT]", .run = cmd_date);
CMD(uptime, .name = "uptime", .group = "system", .help = "how long Weir has been running", .usage = "[-p] [-s] [-j]",
    .run = cmd_uptime);
