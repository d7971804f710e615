/* Numbers as awk has them, without floating point: decimal, nine digits behind the point.
 *
 *     whole part   up to AWK_WHOLE_MAX (10^20: every 64-bit counter fits, and sums of many)
 *     fraction     nine digits, rounded half up
 *
 * So sums, counts and differences are exact, where awk's own doubles are not above 2^53; quotients are good to nine
 * decimal places. What leaves the range is reported, never wrapped around.
 */
#ifndef APPS_SHELL_AWK_NUMBER_H
#define APPS_SHELL_AWK_NUMBER_H

#include "lib/base.h"

typedef __int128 awk_number; /* times AWK_ONE */

#define AWK_ONE       1000000000
#define AWK_WHOLE_MAX ((awk_number)10000000000 * 10000000000 * AWK_ONE)
#define AWK_TEXT      64 /* bytes that hold the text of any number */

static inline awk_number awk_whole(i64 v)
{
    return (awk_number)v * AWK_ONE;
}

i64 awk_integer(awk_number v);  /* cut towards zero, clamped to 64 bits */
u64 awk_unsigned(awk_number v); /* the same to 64 bits without a sign; a negative one as in two's complement */
awk_number awk_cut(awk_number v);

/* False: out of range, or division by zero; *r is unchanged. */
bool awk_add(awk_number a, awk_number b, awk_number *r);
bool awk_multiply(awk_number a, awk_number b, awk_number *r);
bool awk_divide(awk_number a, awk_number b, awk_number *r);
bool awk_remainder(awk_number a, awk_number b, awk_number *r); /* with the sign of a */
bool awk_power(awk_number a, awk_number b, awk_number *r);     /* b: a whole number */

/* The number that the text begins with, 0 when there is none; how many bytes it takes, leading blanks included. */
size_t awk_read(const char *p, size_t n, awk_number *v);
bool awk_looks_numeric(const char *p, size_t n, awk_number *v); /* all of it, blanks at the ends apart */

size_t awk_text(char *to, awk_number v);                      /* as print shows it: whole, or as %.6g */
size_t awk_fixed(char *to, awk_number v, unsigned digits);    /* as %.*f, at most 20 digits behind the point */
size_t awk_general(char *to, awk_number v, unsigned digits);  /* as %.*g */
size_t awk_exponent(char *to, awk_number v, unsigned digits); /* as %.*e */

#endif
