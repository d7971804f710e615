/* Any bytes as a format: numbers against the C library's printf; and nothing that is read beyond its arguments.
 *
 * First byte: 0, the bytes are the format as they stand, only without %s and %p; else they choose one conversion. */
#include "lib/fmt.h"

#include <stdio.h>

#include "lib/plat.h"
#include "lib/string.h"

#pragma GCC diagnostic ignored "-Wformat-nonliteral"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void try_raw(const uint8_t *p, size_t n)
{
    char f[200], got[300];
    size_t len = min(n, sizeof(f) - 1);

    memcpy(f, p, len);
    f[len] = '\0';
    for (size_t i = 0, stars = 0; i < len; i++) {
        stars += f[i] == '*' || f[i] == '%';
        if (f[i] == 's' || f[i] == 'p' || stars > 12)
            f[i] = '.';
    }
    fmt(got, sizeof(got), f, 1L, 2L, -3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L);
    fmt(got, n % sizeof(got), f, 1L, 2L, -3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L);
}

static void try_number(const uint8_t *p, size_t n)
{
    static const char *const lengths[] = {"", "hh", "h", "l", "ll", "z", "j", "t"};
    char f[64], want[600], got[600];
    size_t at = 0;
    unsigned long v;

    if (n < 14)
        return;
    memcpy(&v, p, sizeof(v));
    f[at++] = '%';
    for (int i = 0; i < 5; i++)
        if (p[8] >> i & 1)
            f[at++] = "-+ #0"[i];
    if (p[9])
        at += fmt(f + at, 8, "%u", p[9]);
    if (p[10])
        at += fmt(f + at, 8, ".%u", p[10] - 1);
    at += fmt(f + at, 4, "%s", lengths[p[11] % 8]);
    f[at++] = "diuxXo"[p[12] % 6];
    f[at] = '\0';
    int want_len = snprintf(want, sizeof(want), f, v);
    if (fmt(got, sizeof(got), f, v) != (size_t)want_len || !str_eq(want, got))
        panic("%s of %lu: \"%s\", not \"%s\"", f, v, got, want);
    size_t room = p[13];
    fmt(got, room, f, v);
    if (room && (strlen(got) != min(room - 1, (size_t)want_len) || memcmp(want, got, strlen(got)) != 0))
        panic("%s cut to %zu is \"%s\"", f, room, got);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (n < 1)
        return 0;
    if (p[0] == 0)
        try_raw(p + 1, n - 1);
    else
        try_number(p + 1, n - 1);
    return 0;
}
