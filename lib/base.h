/* The words every file uses: integer types, min/max, container_of, hints to the compiler.
 *
 * The only header that names the compiler's own freestanding headers. It declares no function with a body
 * elsewhere, so that it can be included from anything, the boot code's C included.
 */
#ifndef LIB_BASE_H
#define LIB_BASE_H

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
typedef intptr_t ssize;

#define ARRAY_LEN(a)                  (sizeof(a) / sizeof((a)[0]))
#define likely(x)                     __builtin_expect(!!(x), 1)
#define unlikely(x)                   __builtin_expect(!!(x), 0)
/* clang-format off */
#define JOIN_NOW(a, b) a##b
#define JOIN(a, b) JOIN_NOW(a, b)
/* The names are new each time, so that one may stand inside another. */
#define LESSER(a, b, x, y) ({ __typeof__(a) x = (a); __typeof__(b) y = (b); x < y ? x : y; })
#define GREATER(a, b, x, y) ({ __typeof__(a) x = (a); __typeof__(b) y = (b); x > y ? x : y; })
#define min(a, b) LESSER(a, b, JOIN(a_, __COUNTER__), JOIN(b_, __COUNTER__))
#define max(a, b) GREATER(a, b, JOIN(a_, __COUNTER__), JOIN(b_, __COUNTER__))
/* clang-format on */
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))
#define static_assert _Static_assert

#define CACHE_LINE    64
#define CACHE_ALIGNED __attribute__((aligned(CACHE_LINE)))
#define PACKED        __attribute__((packed))
#define NORETURN      __attribute__((noreturn))
#define NOINLINE      __attribute__((noinline))
#define UNUSED        __attribute__((unused))
#define MUST_USE      __attribute__((warn_unused_result))
#define PRINTF(f, a)  __attribute__((format(printf, f, a)))

#define KIB 1024ull
#define MIB (1024ull * KIB)
#define GIB (1024ull * MIB)

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

static inline u64 round_up(u64 v, u64 to) /* `to` a power of two */
{
    return (v + to - 1) & ~(to - 1);
}

static inline u64 round_down(u64 v, u64 to) /* `to` a power of two */
{
    return v & ~(to - 1);
}

static inline bool is_pow2(u64 v)
{
    return v && !(v & (v - 1));
}

/* Index of the highest set bit; v must not be 0. */
static inline unsigned log2_floor(u64 v)
{
    return 63 ^ (unsigned)__builtin_clzll(v); /* the processor's own bit scan, which counts from below */
}

/* Errors are negative errno (Linux's numbers, so that what a user sees is what he knows). */
enum errno_value {
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    ENXIO = 6,
    E2BIG = 7,
    EBADF = 9,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    EBUSY = 16,
    EEXIST = 17,
    ENODEV = 19,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ENFILE = 23,
    EFBIG = 27,
    ENOSPC = 28,
    EROFS = 30,
    EMLINK = 31,
    EPIPE = 32,
    EDOM = 33,
    ERANGE = 34,
    EDEADLK = 35,
    ENAMETOOLONG = 36,
    ENOSYS = 38,
    ELOOP = 40,
    ENONET = 64,
    EPROTO = 71,
    EOVERFLOW = 75,
    EILSEQ = 84,
    EDESTADDRREQ = 89,
    EMSGSIZE = 90,
    ENOPROTOOPT = 92,
    EOPNOTSUPP = 95,
    EADDRINUSE = 98,
    EADDRNOTAVAIL = 99,
    ENETDOWN = 100,
    ENETUNREACH = 101,
    ENOBUFS = 105,
    ETIMEDOUT = 110,
    ECONNREFUSED = 111,
    EHOSTDOWN = 112,
    EHOSTUNREACH = 113,
    EALREADY = 114,
    ECANCELED = 125,
};

#endif
