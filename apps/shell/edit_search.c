/* Ctrl-R: search backwards through the history while typing.
 *
 *     (reverse-i-search)`nft': nft -f - <<EOF
 *
 * Each character narrows the search from the line shown; Ctrl-R goes on to an older one; Backspace begins afresh with a
 * shorter text; Ctrl-G brings back what was there before. Any other key takes the line found and does what it always
 * does.
 */
#include "apps/shell/edit_line.h"
#include "lib/fmt.h"
#include "lib/string.h"

static void show(struct edit *e, bool failed)
{
    fmt(e->search_prompt, sizeof(e->search_prompt), "(%sreverse-i-search)`%.*s': ", failed ? "failed " : "",
        (int)e->query_len, e->query);
    e->prompt = e->search_prompt;
    edit_draw(e);
}

static void look(struct edit *e, int from_age)
{
    int age = e->query_len ? history_find(e->history, e->query, e->query_len, (u32)from_age) : -1;
    if (age >= 0) {
        const char *line = history_get(e->history, (u32)age);
        edit_set(e, line, strlen(line));
        e->at = (size_t)((const char *)memmem(line, strlen(line), e->query, e->query_len) - line);
        e->match_age = e->age = age;
    } else if (e->query_len) {
        edit_bell(e);
    }
    show(e, age < 0 && e->query_len);
}

void edit_search_start(struct edit *e)
{
    if (!e->history) {
        edit_bell(e);
        return;
    }
    edit_keep(e);
    e->searching = true;
    e->query_len = 0;
    e->match_age = -1;
    e->age_before = e->age;
    show(e, false);
}

static void finish(struct edit *e)
{
    e->searching = false;
    e->prompt = e->own_prompt;
    e->left = 0;
    edit_draw(e);
}

static void abandon(struct edit *e)
{
    const char *line = e->age_before >= 0 ? history_get(e->history, (u32)e->age_before) : NULL;
    if (line) {
        edit_set(e, line, strlen(line));
        e->age = e->age_before;
    } else {
        edit_restore(e);
    }
    finish(e);
}

bool edit_search_key(struct edit *e, const struct key *k)
{
    switch (k->code) {
    case KEY_TEXT:
        if ((u8)k->text[0] < 0x20 || e->query_len + k->bytes > EDIT_QUERY_MAX) {
            edit_bell(e);
            return true;
        }
        memcpy(e->query + e->query_len, k->text, k->bytes);
        e->query_len = (u8)(e->query_len + k->bytes);
        look(e, max(e->match_age, 0));
        return true;
    case KEY_SEARCH: look(e, e->match_age + 1); return true;
    case KEY_BACKSPACE:
        while (e->query_len && ((u8)e->query[--e->query_len] & 0xc0) == 0x80)
            ;
        e->match_age = -1;
        look(e, 0);
        return true;
    case KEY_ABORT: abandon(e); return true;
    case KEY_BAD: return true;
    default: finish(e); return false;
    }
}
