/* Sets of CPUs to text and back, as cpulist.h tells.
 *
 * What is read came from a person or a script: every character is looked at, and a set is changed only when the whole
 * text was understood. Linux's stride form ("0-10:2/4") is refused: nobody types it.
 * No memory, no state, any context.
 */
#include "lib/cpulist.h"
#include "lib/fmt.h"
#include "lib/string.h"

/* A decimal number at *p; false: none, or too large to be a CPU. */
static bool read_cpu(const char **p, const char *end, unsigned *v)
{
    const char *start = *p;

    for (*v = 0; *p < end && char_is_digit(**p); (*p)++)
        *v = min(*v * 10 + (unsigned)(**p - '0'), 1000000u);
    return *p > start;
}

static size_t without_newline(const char *s, size_t n)
{
    return n && s[n - 1] == '\n' ? n - 1 : n;
}

int cpulist_parse(const char *s, size_t n, u64 *cpus)
{
    const char *end = s + without_newline(s, n);
    unsigned first, last;
    u64 set = 0;

    while (s < end) {
        if (!read_cpu(&s, end, &first))
            return -EINVAL;
        last = first;
        if (s < end && *s == '-') {
            s++;
            if (!read_cpu(&s, end, &last) || last < first)
                return -EINVAL;
        }
        if (last > 63)
            return -ERANGE;
        set |= (~0ull >> (63 - last)) & (~0ull << first);
        if (s < end && (*s++ != ',' || s == end))
            return -EINVAL;
    }
    *cpus = set;
    return 0;
}

int cpumask_parse(const char *s, size_t n, u64 *cpus)
{
    u64 set = 0;
    unsigned group = 0; /* digits since the last comma */

    n = without_newline(s, n);
    if (n > 2 && s[0] == '0' && char_lower(s[1]) == 'x') {
        s += 2;
        n -= 2;
    }
    if (!n)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == ',' && group && i + 1 < n) {
            group = 0;
            continue;
        }
        int digit = char_hex(s[i]);
        if (digit < 0 || ++group > 8)
            return -EINVAL;
        if (set >> 60)
            return -ERANGE;
        set = set << 4 | (u64)digit;
    }
    *cpus = set;
    return 0;
}

size_t cpulist_text(char *p, size_t size, u64 cpus)
{
    size_t len = 0;

    if (size)
        p[0] = 0;
    for (unsigned i = 0; i < 64; i++) {
        if (!(cpus >> i & 1))
            continue;
        unsigned first = i;
        while (i < 63 && cpus >> (i + 1) & 1)
            i++;
        char piece[16];
        fmt(piece, sizeof(piece), i > first ? "%s%u-%u" : "%s%u", len ? "," : "", first, i);
        len = str_append(p, size, piece);
    }
    return len;
}

size_t cpumask_text(char *p, size_t size, u64 cpus, unsigned count)
{
    int digits = (int)((count < 1 ? 1 : count > 64 ? 64 : count) + 3) / 4;

    if (digits <= 8)
        return fmt(p, size, "%0*llx", digits, (unsigned long long)cpus);
    return fmt(p, size, "%0*llx,%08llx", digits - 8, (unsigned long long)(cpus >> 32),
               (unsigned long long)(cpus & 0xffffffff));
}
