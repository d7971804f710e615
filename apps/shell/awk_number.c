/* Numbers as awk has them, without floating point.
 *
 * Arithmetic is on magnitudes of less than 2^97, so that one factor's fraction (below 2^30) times the other number fits
 * 128 bits. Division is by shift and subtract where it does not fit 64 bits: the compiler's own needs a run-time
 * library, which the kernel has not. Any bytes may be read as a number; all is any context.
 */
#include "apps/shell/awk_number.h"
#include "lib/fmt.h"
#include "lib/string.h"

typedef unsigned __int128 wide;

static wide magnitude(awk_number v)
{
    return v < 0 ? -(wide)v : (wide)v;
}

static wide divide(wide a, wide b, wide *rest)
{
    if (!(a >> 64) && !(b >> 64)) {
        *rest = (u64)a % (u64)b;
        return (u64)a / (u64)b;
    }
    wide q = 0, r = 0;
    for (int i = 127; i >= 0; i--) {
        r = r << 1 | (a >> i & 1);
        if (r >= b) {
            r -= b;
            q |= (wide)1 << i;
        }
    }
    *rest = r;
    return q;
}

static bool take(wide v, bool negative, awk_number *r)
{
    if (v > (wide)AWK_WHOLE_MAX)
        return false;
    *r = negative ? -(awk_number)v : (awk_number)v;
    return true;
}

bool awk_add(awk_number a, awk_number b, awk_number *r)
{
    awk_number sum = a + b;
    return take(magnitude(sum), sum < 0, r);
}

bool awk_multiply(awk_number a, awk_number b, awk_number *r)
{
    wide x = magnitude(a), rest, part;
    wide whole = divide(magnitude(b), AWK_ONE, &part);
    if (whole && x > divide((wide)AWK_WHOLE_MAX, whole, &rest))
        return false;
    wide low = divide(x * part, AWK_ONE, &rest);
    return take(x * whole + low + (rest >= AWK_ONE / 2), (a < 0) != (b < 0), r);
}

bool awk_divide(awk_number a, awk_number b, awk_number *r)
{
    wide rest, y = magnitude(b);
    if (!b)
        return false;
    wide q = divide(magnitude(a) * AWK_ONE, y, &rest);
    return take(q + (rest >= y - rest), (a < 0) != (b < 0), r);
}

bool awk_remainder(awk_number a, awk_number b, awk_number *r)
{
    wide rest;
    if (!b)
        return false;
    divide(magnitude(a), magnitude(b), &rest);
    return take(rest, a < 0, r);
}

bool awk_power(awk_number a, awk_number b, awk_number *r)
{
    i64 n = awk_integer(b);
    awk_number v = AWK_ONE;
    if (awk_whole(n) != b)
        return false;
    for (u64 left = (u64)(n < 0 ? -n : n); left; left >>= 1) { /* at most 64 rounds */
        if ((left & 1) && !awk_multiply(v, a, &v))
            return false;
        if (left > 1 && !awk_multiply(a, a, &a))
            return false;
    }
    return n < 0 ? awk_divide(AWK_ONE, v, r) : take(magnitude(v), v < 0, r);
}

i64 awk_integer(awk_number v)
{
    wide rest, whole = divide(magnitude(v), AWK_ONE, &rest);
    u64 n = (u64)min(whole, (wide)INT64_MAX);
    return v < 0 ? -(i64)n : (i64)n;
}

u64 awk_unsigned(awk_number v)
{
    wide rest, whole = divide(magnitude(v), AWK_ONE, &rest);
    return v < 0 ? (u64)awk_integer(v) : (u64)min(whole, (wide)UINT64_MAX);
}

awk_number awk_cut(awk_number v)
{
    wide rest;
    divide(magnitude(v), AWK_ONE, &rest);
    return v < 0 ? v + (awk_number)rest : v - (awk_number)rest;
}

/* ---- text to number ---- */

static size_t skip_blanks(const char *p, size_t n, size_t i)
{
    while (i < n && char_is_space(p[i]))
        i++;
    return i;
}

static void shift_by_ten(wide *v, i64 exponent)
{
    wide rest;
    for (; exponent > 0 && *v <= (wide)AWK_WHOLE_MAX; exponent--)
        *v *= 10;
    for (; exponent < 0 && *v; exponent++)
        *v = divide(*v, 10, &rest);
}

/* Reads an exponent at p[i], if there is a whole one there. */
static size_t read_exponent(const char *p, size_t n, size_t i, i64 *exponent)
{
    size_t at = i + 1;
    bool minus = at < n && p[at] == '-';
    if (at < n && (p[at] == '-' || p[at] == '+'))
        at++;
    if (i >= n || (p[i] != 'e' && p[i] != 'E') || at >= n || !char_is_digit(p[at]))
        return i;
    i64 e = 0;
    for (; at < n && char_is_digit(p[at]); at++)
        e = min(e * 10 + (p[at] - '0'), (i64)1000);
    *exponent = minus ? -e : e;
    return at;
}

size_t awk_read(const char *p, size_t n, awk_number *v)
{
    size_t i = skip_blanks(p, n, 0), digits = 0;
    bool minus = i < n && p[i] == '-';
    wide sum = 0, unit = AWK_ONE;
    i64 exponent = 0;
    *v = 0;
    if (i < n && (p[i] == '-' || p[i] == '+'))
        i++;
    for (; i < n && char_is_digit(p[i]); i++, digits++)
        sum = min(sum * 10 + (wide)(p[i] - '0') * AWK_ONE, (wide)AWK_WHOLE_MAX);
    if (i < n && p[i] == '.' && (digits || (i + 1 < n && char_is_digit(p[i + 1]))))
        for (i++; i < n && char_is_digit(p[i]); i++, digits++) {
            unit = (u64)unit / 10;
            sum += (wide)(p[i] - '0') * unit;
        }
    if (!digits)
        return 0;
    i = read_exponent(p, n, i, &exponent);
    shift_by_ten(&sum, exponent);
    take(min(sum, (wide)AWK_WHOLE_MAX), minus, v);
    return i;
}

bool awk_looks_numeric(const char *p, size_t n, awk_number *v)
{
    size_t used = awk_read(p, n, v);
    return used && skip_blanks(p, n, used) == n;
}

/* ---- number to text ---- */

/* The decimal digits of v, at least one; how many. */
static unsigned write_digits(char *to, wide v)
{
    char back[40];
    unsigned n = 0;
    wide rest;
    do {
        v = divide(v, 10, &rest);
        back[n++] = (char)('0' + (unsigned)rest);
    } while (v);
    for (unsigned i = 0; i < n; i++)
        to[i] = back[n - 1 - i];
    to[n] = 0;
    return n;
}

/* v divided by 10^places, rounded half to even, as printf rounds a tie. */
static wide round_off(wide v, unsigned places)
{
    wide unit = 1, rest;
    for (unsigned i = 0; i < places; i++)
        unit *= 10;
    wide q = divide(v, unit, &rest);
    return q + (rest > unit - rest || (rest == unit - rest && (q & 1)));
}

size_t awk_fixed(char *to, awk_number v, unsigned digits)
{
    unsigned kept = min(digits, 9u), n = 0;
    char all[48];
    if (v < 0)
        to[n++] = '-';
    unsigned len = write_digits(all, round_off(magnitude(v), 9 - kept));
    while (len <= kept) { /* 5 with two places is 0.05: at least one digit stands before the point */
        memmove(all + 1, all, len + 1);
        all[0] = '0';
        len++;
    }
    memcpy(to + n, all, len - kept);
    n += len - kept;
    if (digits) {
        to[n++] = '.';
        memcpy(to + n, all + len - kept, kept);
        n += kept;
        for (unsigned i = kept; i < min(digits, 20u); i++)
            to[n++] = '0';
    }
    to[n] = 0;
    return n;
}

/* The first `digits` significant digits of v, rounded, and the exponent of the first: 0.00123 is 1,2,3 and -3. */
static int significant(char *to, wide v, unsigned digits)
{
    unsigned len = write_digits(to, v);
    int exponent = (int)len - 10;
    if (!v) {
        exponent = 0;
    } else if (len > digits) {
        unsigned more = write_digits(to, round_off(v, len - digits));
        exponent += (int)(more - digits); /* 9.99 became 10.0 */
        len = min(more, digits);
    }
    for (unsigned i = len; i < digits; i++)
        to[i] = '0';
    to[digits] = 0;
    return exponent;
}

static size_t write_exponent(char *to, bool negative, const char *digit, unsigned n, int exponent)
{
    return fmt(to, AWK_TEXT, "%s%c%s%.*se%c%02d", negative ? "-" : "", digit[0], n > 1 ? "." : "", (int)n - 1,
               digit + 1, exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
}

size_t awk_exponent(char *to, awk_number v, unsigned digits)
{
    char all[48];
    digits = min(digits, 20u);
    int exponent = significant(all, magnitude(v), digits + 1);
    return write_exponent(to, v < 0, all, digits + 1, exponent);
}

size_t awk_general(char *to, awk_number v, unsigned digits)
{
    char all[48];
    unsigned n = min(max(digits, 1u), 20u);
    int exponent = significant(all, magnitude(v), n);
    unsigned shown = n;
    while (shown > 1 && all[shown - 1] == '0')
        shown--;
    if (exponent < -4 || exponent >= (int)n)
        return write_exponent(to, v < 0, all, shown, exponent);
    int behind = max((int)shown - 1 - exponent, 0); /* digits behind the point that are not zeros at the end */
    if (behind <= 9)
        return awk_fixed(to, v, (unsigned)behind);
    size_t len = awk_fixed(to, v, 9);
    while (to[len - 1] == '0')
        to[--len] = 0;
    return len;
}

size_t awk_text(char *to, awk_number v)
{
    return awk_cut(v) == v ? awk_fixed(to, v, 0) : awk_general(to, v, 6);
}
