/* The words that may stand where the cursor is.
 *
 * A flat text and an array of places in it: no memory is taken, so completion works when there is none left. Sources
 * may offer the same word twice (a command of two words is entered once for each second word); it is kept once.
 */
#include "apps/shell/offers.h"
#include "lib/string.h"

const char *offers_get(const struct offers *o, u32 i)
{
    return o->text + o->at[i];
}

void offers_add(struct offers *o, const char *word)
{
    size_t n = strlen(word) + 1;
    for (u32 i = 0; i < o->count; i++)
        if (str_eq(offers_get(o, i), word))
            return;
    if (o->count == OFFERS_MAX || n > OFFERS_BYTES - o->used) {
        o->more++;
        return;
    }
    memcpy(o->text + o->used, word, n);
    o->at[o->count++] = (u16)o->used;
    o->used += (u32)n;
}

void offers_sort(struct offers *o)
{
    for (u32 i = 1; i < o->count; i++) {
        u16 moving = o->at[i];
        u32 j = i;
        for (; j > 0 && strcmp(o->text + o->at[j - 1], o->text + moving) > 0; j--)
            o->at[j] = o->at[j - 1];
        o->at[j] = moving;
    }
}

size_t offers_common(const struct offers *o)
{
    if (!o->count)
        return 0;
    size_t n = strlen(offers_get(o, 0));
    for (u32 i = 1; i < o->count; i++) {
        size_t same = 0;
        while (same < n && offers_get(o, i)[same] == offers_get(o, 0)[same])
            same++;
        n = same;
    }
    return n;
}
