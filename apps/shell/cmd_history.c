/* history, clear, less and pager: about the console itself.
 *
 *     history      history 20      history -c      dmesg | less      pager on
 */
#include "apps/shell/feed.h"
#include "apps/shell/history.h"
#include "apps/shell/option.h"
#include "apps/shell/shell.h"
#include "lib/cmd.h"
#include "lib/string.h"

static int cmd_history(struct cmd_ctx *c)
{
    struct history *h = shell_history(c->shell);
    struct option_reader o;
    u64 most = UINT64_MAX;
    bool forget = false;
    int letter;
    for (option_start(&o, c, "cj"); (letter = option_next(&o)) > 0;) {
        c->out->json |= letter == 'j';
        forget |= letter == 'c';
    }
    if (o.bad)
        return option_refuse(&o);
    if (!h)
        return cmd_error(c, "there is no console here");
    if (c->argc - o.at > 1 || (o.at < c->argc && !option_decimal(c->argv[o.at], &most)))
        return cmd_usage(c, "\"%s\" is no number of lines", c->argv[c->argc - 1]);
    if (forget)
        history_clear(h);
    out_array(c->out, NULL);
    for (u32 age = (u32)min((u64)h->count, most); age-- > 0;) {
        if (c->out->json)
            out_str(c->out, NULL, NULL, history_get(h, age));
        else
            out_text(c->out, "%5llu  %s\n", (unsigned long long)(h->forgotten + h->count - age), history_get(h, age));
    }
    out_end(c->out);
    return 0;
}

static int cmd_clear(struct cmd_ctx *c)
{
    out_text(c->out, "\033[H\033[2J\033[3J");
    return 0;
}

static int copy(void *arg, const char *p, size_t n)
{
    struct cmd_ctx *c = arg;
    out_raw(c->out, p, n);
    return 0;
}

/* On the console a page at a time; into a pipe as cat. */
static int cmd_less(struct cmd_ctx *c)
{
    struct option_reader o;
    int letter, status = 0;
    for (option_start(&o, c, "RFX"); (letter = option_next(&o)) > 0;)
        ; /* raw colours, no pause for less than a page, no other screen: so it is here always */
    if (o.bad)
        return option_refuse(&o);
    bool before = shell_page(c->shell, true);
    int at = o.at;
    do {
        const char *path = at < c->argc ? c->argv[at] : NULL;
        int err = feed_chunks(c, path, copy, c);
        status = err == -EPIPE ? 0 : max(status, feed_error(c, path, err));
    } while (++at < c->argc && status < 128 && !out_failed(c->out));
    shell_page(c->shell, before);
    return status;
}

static int cmd_pager(struct cmd_ctx *c)
{
    bool on = c->argc > 1 && str_eq(c->argv[1], "on");
    if (c->argc > 2 || (c->argc == 2 && !on && !str_eq(c->argv[1], "off")))
        return cmd_usage(c, "on or off?");
    if (c->argc == 2)
        shell_set_paging(c->shell, on);
    else
        out_text(c->out, "%s\n", shell_paging(c->shell) ? "on" : "off");
    return 0;
}

CMD(history, .name = "history", .group = "shell", .help = "what was typed before", .usage = "[-c] [-j] [LINES]",
    .run = cmd_history);
CMD(clear, .name = "clear", .group = "shell", .help = "clear the screen", .usage = "", .run = cmd_clear);
CMD(less, .name = "less", .group = "text", .help = "print a page at a time: space, Enter, q", .usage = "[FILE...]",
    .run = cmd_less);
CMD(more, .name = "more", .group = "text", .help = "print a page at a time: space, Enter, q", .usage = "[FILE...]",
    .run = cmd_less);
CMD(pager, .name = "pager", .group = "shell", .help = "stop all output after each page", .usage = "[on | off]",
    .run = cmd_pager);
