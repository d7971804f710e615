/* wc: counts lines, words and bytes.
 *
 * Columns are as wide as GNU's: at least 7 when the input is a pipe and more than one count is shown, else as wide as
 * the largest needs. Words are runs of bytes that are not blanks. -m counts characters of UTF-8, -L tells the longest
 * line.
 */
#include "apps/shell/feed.h"
#include "apps/shell/glyph.h"
#include "lib/cmd.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"

enum { LINES, WORDS, CHARS, BYTES, LONGEST, KINDS };

struct count {
    u64 n[KINDS];
    u64 line; /* columns of the line being read */
    bool in_word;
};

static int count_chunk(void *arg, const char *p, size_t n)
{
    struct count *w = arg;
    for (size_t i = 0; i < n; i++) {
        bool space = char_is_space(p[i]);
        w->n[LINES] += p[i] == '\n';
        w->n[WORDS] += !space && !w->in_word;
        w->n[CHARS] += ((u8)p[i] & 0xc0) != 0x80;
        w->in_word = !space;
        w->line = p[i] == '\n' ? 0 : p[i] == '\t' ? (w->line | 7) + 1 : w->line + (((u8)p[i] & 0xc0) != 0x80);
        w->n[LONGEST] = max(w->n[LONGEST], w->line);
    }
    w->n[BYTES] += n;
    return 0;
}

static void show(struct cmd_ctx *c, const struct count *w, const bool *shown, int width, const char *name)
{
    const char *gap = "";
    for (int i = 0; i < KINDS; i++) {
        if (!shown[i])
            continue;
        out_text(c->out, "%s%*llu", gap, width, (unsigned long long)w->n[i]);
        gap = " ";
    }
    out_text(c->out, "%s%s\n", name ? " " : "", name ? name : "");
}

static int digits(u64 v)
{
    int n = 1;
    for (; v > 9; v /= 10)
        n++;
    return n;
}

/* All are counted before the first is shown, because the width depends on the largest. */
static int count_files(struct cmd_ctx *c, int at, const bool *shown)
{
    int files = c->argc - at, status = 0, width;
    bool piped = false;
    struct count total = {0}, *each = mem_zalloc((size_t)files * sizeof(*each) + 1);
    if (!each)
        return cmd_error(c, "memory exhausted");
    for (int i = 0; i < files && status < 128; i++) {
        piped |= str_eq(c->argv[at + i], "-");
        int err = feed_chunks(c, c->argv[at + i], count_chunk, &each[i]);
        status = max(status, feed_error(c, c->argv[at + i], err));
        if (err)
            each[i].in_word = true, each[i].n[LINES] = UINT64_MAX; /* nothing to show */
        for (int k = 0; k < KINDS && !err; k++)
            total.n[k] = k == LONGEST ? max(total.n[k], each[i].n[k]) : total.n[k] + each[i].n[k];
    }
    width = files > 1 || shown[LINES] + shown[WORDS] + shown[CHARS] + shown[BYTES] + shown[LONGEST] > 1
                ? max(digits(max(total.n[BYTES], total.n[LONGEST])), piped ? 7 : 1)
                : 1;
    for (int i = 0; i < files; i++)
        if (each[i].n[LINES] != UINT64_MAX)
            show(c, &each[i], shown, width, c->argv[at + i]);
    if (files > 1)
        show(c, &total, shown, width, "total");
    mem_free(each);
    return status;
}

static int cmd_wc(struct cmd_ctx *c)
{
    struct option_reader o;
    bool shown[KINDS] = {false};
    int letter, kinds = 0;
    for (option_start(&o, c, "lwmcL"); (letter = option_next(&o)) > 0;) {
        int kind = letter == 'l'   ? LINES
                   : letter == 'w' ? WORDS
                   : letter == 'm' ? CHARS
                   : letter == 'c' ? BYTES
                                   : LONGEST;
        kinds += !shown[kind];
        shown[kind] = true;
    }
    if (o.bad)
        return option_refuse(&o);
    if (!kinds) {
        shown[LINES] = shown[WORDS] = shown[BYTES] = true;
        kinds = 3;
    }
    if (o.at < c->argc)
        return count_files(c, o.at, shown);
    struct count w = {0};
    int err = feed_chunks(c, NULL, count_chunk, &w);
    if (!err)
        show(c, &w, shown, kinds > 1 ? 7 : 1, NULL);
    return feed_error(c, NULL, err);
}

CMD(wc, .name = "wc", .group = "text", .help = "count lines, words and bytes", .usage = "[-lwmcL] [FILE...]",
    .run = cmd_wc);
