/* Formatting: C's printf words, checked by the compiler, plus addresses.
 *
 *     char buf[32];
 *     fmt(buf, sizeof(buf), "%-8s %5u", name, n);       like snprintf: cut to size, always NUL-terminated
 *     fmt_to(sink, arg, "%pI dev %s", &addr, name);     in pieces to a function; nothing is cut, nothing allocated
 *
 * Conversions: d i u x X o c s p %; flags - 0 + blank #; width and precision, also as '*'; hh h l ll z j t.
 *     %pI   const struct ipaddr *: 192.0.2.1, 2001:db8::1 (RFC 5952; the text inet_ntop gives)
 *     %pM   const struct macaddr *, or any 6 bytes: 02:00:5e:10:00:01
 * Width and '-' apply to these too. A NULL string prints "(null)", a NULL pointer "(nil)", as glibc does.
 * There is no floating point. At a conversion that it does not know, the rest of the format is copied as it stands,
 * since nobody can say which arguments remain. Width and precision above FMT_WIDTH_MAX count as that.
 * Both return the length of the whole text, cut or not. Any context: no locks, no memory, no state.
 */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include "lib/base.h"

#define FMT_WIDTH_MAX 4096

size_t fmt(char *buf, size_t size, const char *f, ...) PRINTF(3, 4);
size_t fmt_v(char *buf, size_t size, const char *f, va_list ap) PRINTF(3, 0);

typedef void fmt_sink(void *arg, const char *p, size_t n);
size_t fmt_to(fmt_sink *sink, void *arg, const char *f, ...) PRINTF(3, 4);
size_t fmt_to_v(fmt_sink *sink, void *arg, const char *f, va_list ap) PRINTF(3, 0);

/* The longest text of an address, with its NUL: "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255". */
#define FMT_IPADDR_MAX 46
struct ipaddr;
size_t fmt_ipaddr(char buf[FMT_IPADDR_MAX], const struct ipaddr *a); /* what %pI prints */

#endif
