/* Limits for messages, as log.h tells. A span begins with its first message: who writes once an hour is never held
 * back, and no timer runs. Whoever is first to see that a span is over begins the next one by compare-and-swap, and
 * takes the old one's count with it; a message that another CPU counts at that very moment may fall to either span. */
#include "lib/log.h"
#include "lib/atomic.h"
#include "lib/fmt.h"

bool log_limit_pass(struct log_limit *l, u64 now, u32 *held)
{
    u64 start = load_relaxed(&l->span_start);

    *held = 0;
    if (!start || (i64)(now - start) >= (i64)l->span_ns) {
        /* never 0, which says that there was no span yet */
        if (atomic_cas(&l->span_start, start, now ? now : 1)) {
            u32 used = atomic_swap(&l->used, 1);
            *held = used > l->burst ? used - l->burst : 0;
            return true;
        }
    }
    return atomic_add_relaxed(&l->used, 1) <= l->burst;
}

void log_limited(struct log_limit *l, enum log_level level, const char *f, ...)
{
    char text[256];
    u32 held;
    va_list ap;

    if (!log_limit_pass(l, clock_ns(), &held))
        return;
    if (held)
        log_write(level, "%u messages like the next were held back", held);
    va_start(ap, f);
    fmt_v(text, sizeof(text), f, ap);
    va_end(ap);
    log_write(level, "%s", text);
}
