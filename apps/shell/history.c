/* What was typed before.
 *
 * A ring of pointers: adding to a full history forgets the oldest lines until the new one fits, both by count and by
 * bytes, so that a person who pastes whole rulesets takes no more memory than one who types. When there is no memory,
 * the line is simply not kept: history is a comfort, never a reason to fail.
 */
#include "apps/shell/history.h"
#include "lib/plat.h"
#include "lib/string.h"

static char **slot(struct history *h, u32 nth) /* counted from the oldest */
{
    return &h->line[(h->first + nth) % HISTORY_LINES];
}

static void forget_oldest(struct history *h)
{
    char **oldest = slot(h, 0);
    h->bytes -= (u32)strlen(*oldest) + 1;
    mem_free(*oldest);
    *oldest = NULL;
    h->first = (h->first + 1) % HISTORY_LINES;
    h->count--;
    h->forgotten++;
}

void history_add(struct history *h, const char *p, size_t n)
{
    const char *last = history_get(h, 0);
    if (!n || n >= HISTORY_BYTES / 4 || memchr(p, 0, n))
        return;
    if (last && strlen(last) == n && memcmp(last, p, n) == 0)
        return;
    char *copy = mem_alloc(n + 1);
    if (!copy)
        return;
    str_copy_n(copy, n + 1, p, n);
    while (h->count == HISTORY_LINES || h->bytes + n + 1 > HISTORY_BYTES)
        forget_oldest(h);
    *slot(h, h->count++) = copy;
    h->bytes += (u32)n + 1;
}

const char *history_get(const struct history *h, u32 age)
{
    if (age >= h->count)
        return NULL;
    return h->line[(h->first + h->count - 1 - age) % HISTORY_LINES];
}

int history_find(const struct history *h, const char *query, size_t n, u32 age)
{
    for (const char *line; (line = history_get(h, age)); age++)
        if (memmem(line, strlen(line), query, n))
            return (int)age;
    return -1;
}

void history_clear(struct history *h)
{
    while (h->count)
        forget_oldest(h);
    h->forgotten = 0;
}
