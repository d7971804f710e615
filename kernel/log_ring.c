/* The ring of messages, as log_ring.h tells. Pure: knows no clock, no console, no CPU.
 *
 * Text is moved in words by relaxed atomics: a reader may copy a slot while it is overwritten, sees that by the state
 * afterwards, and throws the copy away. The order of a writer: claim (compare-and-swap), fill, publish (release).
 * The order of a reader: state (acquire), copy, fence, state again.
 */
#include "kernel/log_ring.h"
#include "lib/atomic.h"
#include "lib/string.h"

void log_ring_init(struct log_ring *r, struct log_slot *slots, u64 count)
{
    *r = (struct log_ring){.slots = slots, .count = count, .next = count};
}

static bool slot_claim(struct log_slot *s, u64 nr)
{
    u64 old;

    do {
        old = load_relaxed(&s->state);
        if (old & 1 || old > 2 * nr) /* another is at it, or it has gone around further than this writer */
            return false;
    } while (!atomic_cas(&s->state, old, 2 * nr + 1));
    return true;
}

static void slot_give_up(struct log_slot *s, u64 nr)
{
    u64 old;

    do
        old = load_relaxed(&s->given_up);
    while (old < nr && !atomic_cas(&s->given_up, old, nr));
}

static void slot_fill(struct log_slot *s, const char *text, size_t n)
{
    store_relaxed(&s->len, (u32)n);
    for (size_t i = 0; i < n; i += 8) {
        u64 w = 0;
        memcpy(&w, text + i, min(n - i, (size_t)8));
        store_relaxed(&s->text[i / 8], w);
    }
}

/* Makes the text fit to be shown; returns its length, at most LOG_LINE_MAX. */
static size_t clean_text(char *to, const char *text, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    size_t len = 0, whole = 0; /* whole: so much of it leaves room for "...", and ends where a character does */

    for (size_t i = 0; i < n; i++) {
        u8 c = (u8)text[i];
        bool plain = c == '\t' || (c >= ' ' && c != 0x7f);
        if (len <= LOG_LINE_MAX - 3 && !utf8_is_rest((char)c))
            whole = len;
        if (len + (plain ? 1 : 4) > LOG_LINE_MAX) {
            memcpy(to + whole, "...", 3);
            return whole + 3;
        }
        if (plain) {
            to[len++] = (char)c;
        } else {
            to[len++] = '\\';
            to[len++] = 'x';
            to[len++] = hex[c >> 4];
            to[len++] = hex[c & 15];
        }
    }
    return len;
}

void log_ring_put(struct log_ring *r, u32 level, u64 when_ns, u32 cpu, const char *text, size_t n)
{
    char clean[LOG_LINE_MAX];
    size_t len = clean_text(clean, text, n);
    u32 parts = max((u32)((len + LOG_SLOT_TEXT - 1) / LOG_SLOT_TEXT), 1u);
    u64 first = atomic_add_relaxed(&r->next, parts) - parts;
    bool lost = false;

    for (u32 part = 0; part < parts; part++) {
        u64 nr = first + part;
        struct log_slot *s = &r->slots[nr & (r->count - 1)];
        size_t at = (size_t)part * LOG_SLOT_TEXT;
        if (!slot_claim(s, nr)) {
            slot_give_up(s, nr);
            lost = true;
            continue;
        }
        store_relaxed(&s->when_ns, when_ns);
        store_relaxed(&s->level, level);
        store_relaxed(&s->cpu, cpu);
        store_relaxed(&s->part, (u16)part);
        store_relaxed(&s->parts, (u16)parts);
        slot_fill(s, clean + at, min(len - at, (size_t)LOG_SLOT_TEXT));
        store_release(&s->state, 2 * nr);
    }
    if (lost)
        atomic_add_relaxed(&r->lost, 1);
}

u64 log_ring_end(const struct log_ring *r)
{
    return load_acquire(&r->next);
}

u64 log_ring_first(const struct log_ring *r)
{
    u64 end = log_ring_end(r);
    return max(end - r->count, r->count);
}

enum look { LOOK_GOOD, LOOK_GONE, LOOK_PENDING };

/* Copies slot `nr` behind what the line has; *part and *parts say which piece it is. */
static enum look slot_look(const struct log_ring *r, u64 nr, struct log_line *line, u32 *part, u32 *parts)
{
    const struct log_slot *s = &r->slots[nr & (r->count - 1)];
    u64 state = load_acquire(&s->state);

    if (state > 2 * nr + 1 || (state != 2 * nr && load_relaxed(&s->given_up) >= nr))
        return LOOK_GONE;
    if (state != 2 * nr)
        return LOOK_PENDING;
    *part = load_relaxed(&s->part);
    *parts = load_relaxed(&s->parts);
    u32 len = min(load_relaxed(&s->len), (u32)LOG_SLOT_TEXT);
    u32 room = LOG_LINE_MAX - line->len;
    u64 text[LOG_SLOT_TEXT / 8];
    for (u32 i = 0; i < (len + 7) / 8; i++)
        text[i] = load_relaxed(&s->text[i]);
    memcpy(line->text + line->len, text, min(len, room));
    if (!*part) {
        line->when_ns = load_relaxed(&s->when_ns);
        line->level = load_relaxed(&s->level);
        line->cpu = load_relaxed(&s->cpu);
    }
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (load_relaxed(&s->state) != 2 * nr)
        return LOOK_GONE;
    line->len += min(len, room);
    return LOOK_GOOD;
}

bool log_ring_get(const struct log_ring *r, u64 *at, struct log_line *line, bool skip)
{
    u64 from = max(*at, r->count), nr = max(from, log_ring_first(r)), end = log_ring_end(r);
    u32 wanted = 0; /* the part that comes next */

    line->missed = nr - from;
    line->len = 0;
    while (nr < end) {
        u32 part = 0, parts = 1;
        enum look look = slot_look(r, nr, line, &part, &parts);
        if (look == LOOK_PENDING && !skip)
            return false;
        if (look == LOOK_GOOD && part == wanted) {
            nr++;
            if (++wanted < parts)
                continue;
            line->text[line->len] = 0;
            *at = nr;
            return true;
        }
        line->len = 0;
        if (!wanted) {
            line->missed++;
            nr++;
        }
        line->missed += wanted; /* what began did not go on: this slot is looked at again, as a beginning */
        wanted = 0;
    }
    return false;
}
