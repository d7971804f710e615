/* The text of the line being edited: insertion, deletion, kill and yank, words.
 *
 * The cursor stands between glyphs, never within one. The buffer begins inside struct edit, so that a console without
 * free memory still takes short commands, and grows by doubling up to EDIT_MAX.
 */
#include "apps/shell/edit_line.h"
#include "apps/shell/glyph.h"
#include "lib/plat.h"
#include "lib/string.h"

static bool make_room(struct edit *e, size_t need)
{
    size_t room = e->room;
    if (need <= room)
        return true;
    while (room < need)
        room *= 2;
    char *more = need > EDIT_MAX ? NULL : mem_alloc(room);
    if (!more)
        return false;
    memcpy(more, e->buf, e->len + 1);
    if (e->buf != e->first)
        mem_free(e->buf);
    e->buf = more;
    e->room = room;
    return true;
}

bool edit_insert(struct edit *e, const char *p, size_t n)
{
    if (!make_room(e, e->len + n + 1)) {
        if (!e->too_long)
            edit_bell(e);
        e->too_long = true;
        return false;
    }
    memmove(e->buf + e->at + n, e->buf + e->at, e->len - e->at + 1);
    memcpy(e->buf + e->at, p, n);
    e->len += n;
    e->at += n;
    return true;
}

void edit_delete(struct edit *e, size_t from, size_t to)
{
    memmove(e->buf + from, e->buf + to, e->len - to + 1);
    e->len -= to - from;
    e->at = from;
    if (!e->len)
        e->too_long = false;
}

void edit_set(struct edit *e, const char *p, size_t n)
{
    e->len = e->at = e->left = 0;
    e->buf[0] = 0;
    e->too_long = false;
    edit_insert(e, p, n);
}

void edit_kill(struct edit *e, size_t from, size_t to)
{
    size_t old = e->killing ? e->killed_len : 0, n = to - from;
    char *all = n ? mem_alloc(old + n) : NULL;
    if (all && old + n <= EDIT_MAX) {
        bool before = from < e->at; /* killed backwards: it stands before what was killed so far */
        memcpy(all + (before ? n : 0), e->killed, old);
        memcpy(all + (before ? 0 : old), e->buf + from, n);
        mem_free(e->killed);
        e->killed = all;
        e->killed_len = old + n;
    } else {
        mem_free(all);
    }
    edit_delete(e, from, to);
    e->killing = true;
}

static bool in_word(const struct edit *e, size_t i)
{
    return char_is_alnum(e->buf[i]) || (u8)e->buf[i] >= 0x80 || e->buf[i] == '_';
}

size_t edit_word_left(const struct edit *e)
{
    size_t i = e->at;
    while (i > 0 && !in_word(e, i - 1))
        i--;
    while (i > 0 && in_word(e, i - 1))
        i--;
    return i;
}

size_t edit_word_right(const struct edit *e)
{
    size_t i = e->at;
    while (i < e->len && !in_word(e, i))
        i++;
    while (i < e->len && in_word(e, i))
        i++;
    return i;
}

size_t edit_blank_left(const struct edit *e)
{
    size_t i = e->at;
    while (i > 0 && char_is_space(e->buf[i - 1]))
        i--;
    while (i > 0 && !char_is_space(e->buf[i - 1]))
        i--;
    return i;
}

/* The glyph before the cursor moves over the one at it; at the end, the last two change places. */
void edit_transpose(struct edit *e)
{
    if (e->at == e->len && e->at > 0)
        e->at = glyph_before(e->buf, e->at);
    if (e->at == 0 || e->at >= e->len)
        return;
    size_t from = glyph_before(e->buf, e->at), n = e->at - from;
    size_t to = glyph_after(e->buf, e->len, e->at), m = to - e->at;
    char moved[64];
    if (n > sizeof(moved)) /* an absurd heap of combining marks stays where it is */
        return;
    memcpy(moved, e->buf + from, n);
    memmove(e->buf + from, e->buf + e->at, m);
    memcpy(e->buf + from + m, moved, n);
    e->at = to;
}

void edit_keep(struct edit *e)
{
    if (e->age >= 0)
        return;
    mem_free(e->kept);
    e->kept = e->len ? mem_alloc(e->len) : NULL;
    e->kept_len = e->kept ? e->len : 0;
    if (e->kept)
        memcpy(e->kept, e->buf, e->len);
}

void edit_restore(struct edit *e)
{
    edit_set(e, e->kept ? e->kept : "", e->kept_len);
    e->age = -1;
}
