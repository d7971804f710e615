/* Bytes and strings: the C library's names for what a freestanding image needs, and a few of Weir's own.
 *
 * mem* and str* behave as ISO C and POSIX say, and a NULL with a size of 0 is harmless. memcpy, memmove and memset
 * stand in kernel/mem.S, since the compiler calls them by itself and they are worth assembly; the rest is lib/string.c.
 * In a hosted build these names are the C library's, and lib/string.c's own are there as weir_strlen and so on
 * (host/string.syms), for the tests.
 *
 * Text is bounded by str_copy and str_append: they always terminate, never write past `size`, and return the length
 * that the whole would have had, so `str_copy(buf, sizeof(buf), s) >= sizeof(buf)` says that it was cut.
 * There is no strcpy, strcat, strncpy or strtok here, and there shall be none.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/base.h"
#include "lib/byteorder.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *p, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *p, int byte, size_t n);
void *memrchr(const void *p, int byte, size_t n);
void *memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b); /* ASCII letters alone are folded */
int strncasecmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strchrnul(const char *s, int c); /* the terminator where c is not in s */
char *strrchr(const char *s, int c);
char *strstr(const char *hay, const char *needle);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);

/* A freestanding compiler knows no function by its name, and would call even for the copy of one word. Under these,
 * which are never emitted themselves, it sees through sizes and strings that it knows. */
#define SEEN_THROUGH extern inline __attribute__((gnu_inline, always_inline, artificial))

SEEN_THROUGH void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    return __builtin_memcpy(to, from, n);
}

SEEN_THROUGH void *memmove(void *to, const void *from, size_t n)
{
    return __builtin_memmove(to, from, n);
}

SEEN_THROUGH void *memset(void *p, int byte, size_t n)
{
    return __builtin_memset(p, byte, n);
}

SEEN_THROUGH int memcmp(const void *a, const void *b, size_t n)
{
    return __builtin_memcmp(a, b, n);
}

SEEN_THROUGH size_t strlen(const char *s)
{
    return __builtin_strlen(s);
}

size_t str_copy(char *to, size_t size, const char *from);
size_t str_append(char *to, size_t size, const char *from);
/* The same from bytes that need not be terminated. */
size_t str_copy_n(char *to, size_t size, const char *from, size_t n);
bool str_eq(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_match(const char *glob, const char *s); /* `*`, `?`, `[a-z]`, `[!x]`, `[[:digit:]]`, `\`, as in sh */
char *str_dup(const char *s) MUST_USE;           /* by mem_alloc; NULL when there is no memory */

/* For keys of a size that the compiler knows, at least 8: a few words compared at once, no call and no branch. */
static inline __attribute__((always_inline)) bool mem_eq_fixed(const void *a, const void *b, size_t n)
{
    const char *p = a, *q = b;
    u64 differs = 0;
    for (size_t at = 0; at + 8 <= n; at += 8)
        differs |= load_le64(p + at) ^ load_le64(q + at);
    if (n % 8)
        differs |= load_le64(p + n - 8) ^ load_le64(q + n - 8);
    return !differs;
}

bool mem_is_zero(const void *p, size_t n);
/* For secrets: the time depends on n alone, and the wiping is not optimised away. */
bool mem_eq_secret(const void *a, const void *b, size_t n);
void mem_wipe(void *p, size_t n);

static inline bool char_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char char_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static inline bool char_is_alpha(char c)
{
    return char_lower(c) >= 'a' && char_lower(c) <= 'z';
}

static inline bool char_is_alnum(char c)
{
    return char_is_alpha(c) || char_is_digit(c);
}

static inline bool char_is_print(char c) /* ASCII, the blank included */
{
    return c >= ' ' && c <= '~';
}

/* "alpha" and kin as in [:alpha:]; -1: there is no such class. Of ASCII, as in the locale C. */
int char_class(const char *name, size_t n);
bool char_in_class(int class, char c);

/* How many bytes the UTF-8 character at p has, 1..4, and which it is; 0 when none is well-formed there. n > 0. */
unsigned utf8_take(const char *p, size_t n, u32 *rune);

static inline bool utf8_is_rest(char c) /* of a character, behind its first byte */
{
    return ((u8)c & 0xc0) == 0x80;
}

/* The value of a hexadecimal digit, or -1. */
static inline int char_hex(char c)
{
    if (char_is_digit(c))
        return c - '0';
    c = char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
