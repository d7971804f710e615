/* free: how much memory there is, and how much of it is taken; Linux's table and units.
 *
 *     free [-b | -k | -m | -g | -h] [-w] [-t] [-s SECONDS [-c COUNT]] [-j]
 *
 * Weir has no swap and no page cache, and says so by zeros: what is not free is in use, and "available" is what is
 * free. "total" is what the page allocator ever had: without the image, boot modules and what firmware keeps.
 */
#include "kernel/page.h"
#include "lib/cmd.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/plat.h"

/* "3.7Gi" as free -h has it: rounded below ten, cut above, and the next unit from 1000 on. */
static void human(char *p, size_t n, u64 bytes)
{
    static const char units[] = "KMGT";

    if (bytes < 1000) {
        fmt(p, n, "%lluB", (unsigned long long)bytes);
        return;
    }
    u64 unit = KIB;
    unsigned u = 0;
    for (; bytes / unit > 999 && units[u + 1]; u++)
        unit *= 1024;
    u64 tenths = (bytes * 10 + unit / 2) / unit;
    if (tenths < 100)
        fmt(p, n, "%llu.%llu%ci", (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10), units[u]);
    else
        fmt(p, n, "%llu%ci", (unsigned long long)(bytes / unit), units[u]);
}

struct form {
    u64 unit;         /* bytes; 0: human */
    bool wide, total; /* buffers and cache apart; a line of sums */
};

static void cell(struct out *o, const char *key, const struct form *f, u64 bytes)
{
    char text[32];

    if (f->unit)
        fmt(text, sizeof(text), "%llu", (unsigned long long)(bytes / f->unit));
    else
        human(text, sizeof(text), bytes);
    if (o->json)
        out_u64(o, key, NULL, bytes);
    else
        out_text(o, " %11s", text);
}

static void swap_cells(struct out *o, const struct form *f)
{
    static const char *const keys[] = {"total", "used", "free"};
    for (unsigned i = 0; i < ARRAY_LEN(keys); i++)
        cell(o, keys[i], f, 0);
}

static void print(struct out *o, const struct form *f)
{
    struct page_info info;

    page_info(&info);
    u64 all = info.total * PAGE_SIZE, left = info.free * PAGE_SIZE;
    out_text(o, "               total        used        free      shared %s   available\n",
             f->wide ? "    buffers       cache" : " buff/cache");
    out_object(o, NULL);
    out_object(o, "memory");
    out_text(o, "Mem:    ");
    cell(o, "total", f, all);
    cell(o, "used", f, all - left);
    cell(o, "free", f, left);
    cell(o, "shared", f, 0);
    cell(o, f->wide ? "buffers" : "buff/cache", f, 0);
    if (f->wide)
        cell(o, "cache", f, 0);
    cell(o, "available", f, left);
    out_end(o);
    out_text(o, "\nSwap:   ");
    out_object(o, "swap");
    swap_cells(o, f);
    out_end(o);
    if (f->total) {
        out_text(o, "\nTotal:  ");
        out_object(o, "total");
        cell(o, "total", f, all);
        cell(o, "used", f, all - left);
        cell(o, "free", f, left);
        out_end(o);
    }
    out_text(o, "\n");
    out_end(o);
}

static int cmd_free(struct cmd_ctx *c)
{
    struct option_reader o;
    struct form f = {.unit = KIB};
    u64 seconds = 0, count = 0;
    int letter;

    for (option_start(&o, c, "bkmghwts:c:j"); (letter = option_next(&o)) > 0;) {
        switch (letter) {
        case 'b': f.unit = 1; break;
        case 'k': f.unit = KIB; break;
        case 'm': f.unit = MIB; break;
        case 'g': f.unit = GIB; break;
        case 'h': f.unit = 0; break;
        case 'w': f.wide = true; break;
        case 't': f.total = true; break;
        case 's': seconds = option_number(&o, 1, 86400); break;
        case 'c': count = option_number(&o, 1, 1000000); break;
        case 'j': c->out->json = true; break;
        }
    }
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc)
        return cmd_usage(c, "\"%s\" is not understood", c->argv[o.at]);
    if (count && !seconds)
        seconds = 1;
    for (;;) {
        print(c->out, &f);
        if (!seconds || (count && !--count) || out_failed(c->out))
            return 0;
        out_text(c->out, "\n");
        task_sleep(seconds * NS_PER_S);
        if (task_interrupted())
            return 130;
    }
}
CMD(free, .name = "free", .group = "system", .help = "memory: total, used, free",
    .usage = "[-b | -k | -m | -g | -h] [-w] [-t] [-s SECONDS [-c COUNT]] [-j]", .run = cmd_free);
