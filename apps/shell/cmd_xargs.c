/* xargs: words that are piped in become arguments.
 *
 *     ls /sys/class/net | xargs -n1 ethtool -i      cut -d' ' -f1 LIST | xargs -I{} ip neigh del {} dev eth0
 *
 * Words are parted by blanks and line ends; quotes and backslash protect, as in Linux. One call gets at most WORDS_MAX
 * words of WORDS_BYTES together; then the next begins. The worst status counts: 123 when a call failed, 124 when one
 * ended with 255, as in Linux. That, a command that there is not, and Ctrl-C are the end at once.
 */
#include "apps/shell/feed.h"
#include "lib/cmd.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"

#define WORDS_MAX   1024
#define WORDS_BYTES 32768

struct xargs {
    struct cmd_ctx *c;
    struct option_reader o;
    u64 most;
    const char *replace; /* -I: what to put each line for */
    bool trace, no_empty, nul, stop;

    char *argv[WORDS_MAX + 1]; /* of the next call; the first `fixed` are the command's own words */
    int argc, fixed;
    char text[WORDS_BYTES];
    char *own[WORDS_MAX / 2]; /* the command's words as they were given: what runs moves its words about; */
    char filled[WORDS_BYTES]; /* for -I: with the line in them */
    size_t used;              /* of text by whole words */
    size_t n;                 /* of the word being read */
    char quote;               /* '\'', '"', or '\\' for the next character alone */
    bool in_word;
    bool called;
    int status;
};

static void call(struct xargs *x)
{
    x->argv[x->argc] = NULL;
    for (int i = 0; x->trace && i < x->argc; i++)
        out_text(x->c->err, "%s%s", x->argv[i], i + 1 < x->argc ? " " : "\n");
    int status = cmd_run_within(x->c, x->argc, x->argv, NULL);
    x->called = true;
    if (status)
        x->status = max(x->status, status == 255 ? 124 : status >= 126 ? status : 123);
    x->stop = status == 255 || status == 126 || status == 127 || task_interrupted();
    memcpy(x->argv, x->own, (size_t)x->fixed * sizeof(*x->own));
    x->argc = x->fixed;
    x->used = 0;
}

/* Calls with each `replace` in the command's words exchanged for the line. */
static int call_replaced(struct xargs *x, const char *line)
{
    char *to = x->filled, *end = x->filled + sizeof(x->filled);
    size_t mark = strlen(x->replace);
    for (int i = 0; i < x->fixed; i++) {
        x->argv[i] = to;
        for (const char *from = x->own[i]; *from;) {
            bool hit = mark && strncmp(from, x->replace, mark) == 0;
            size_t n = hit ? strlen(line) : 1;
            if (n + 1 >= (size_t)(end - to))
                return -E2BIG;
            memcpy(to, hit ? line : from, n);
            to += n;
            from += hit ? mark : 1;
        }
        if (to + 1 >= end)
            return -E2BIG;
        *to++ = 0;
    }
    x->argc = x->fixed;
    call(x);
    return x->stop ? FEED_ENOUGH : 0;
}

static int end_word(struct xargs *x)
{
    if (!x->in_word)
        return 0;
    x->in_word = false;
    char *word = x->text + x->used;
    word[x->n] = 0;
    if (x->replace) {
        x->n = 0;
        return call_replaced(x, word);
    }
    x->argv[x->argc++] = word;
    x->used += x->n + 1;
    x->n = 0;
    bool full = x->argc == WORDS_MAX || x->used > WORDS_BYTES / 2;
    if (full || (u64)(x->argc - x->fixed) >= x->most)
        call(x);
    return x->stop ? FEED_ENOUGH : 0;
}

/* The word being read goes on: the whole ones before it are called with, and make room. */
static int make_room(struct xargs *x)
{
    size_t used = x->used;
    if (x->argc == x->fixed)
        return -E2BIG;
    call(x);
    memmove(x->text, x->text + used, x->n);
    return x->stop ? FEED_ENOUGH : 0;
}

static int take_byte(struct xargs *x, char b)
{
    bool ends = x->nul ? !b : x->replace ? b == '\n' : b == ' ' || b == '\t' || b == '\n';
    if (x->quote == '\\') {
        x->quote = 0;
    } else if (x->quote) {
        if (b == '\n')
            return -EINVAL;
        if (b == x->quote) {
            x->quote = 0;
            return 0;
        }
    } else if (ends) {
        x->in_word |= x->nul;
        return end_word(x);
    } else if (!x->nul && (b == '\'' || b == '"' || b == '\\')) {
        x->quote = b;
        x->in_word = true;
        return 0;
    } else if (x->replace && !x->nul && !x->in_word && (b == ' ' || b == '\t')) {
        return 0;
    }
    x->in_word = true;
    int err = x->used + x->n + 1 >= sizeof(x->text) ? make_room(x) : 0;
    if (!err)
        x->text[x->used + x->n++] = b;
    return err;
}

static int take_chunk(void *arg, const char *p, size_t n)
{
    int err = 0;
    for (size_t i = 0; i < n && !err; i++)
        err = take_byte(arg, p[i]);
    return err;
}

static int read_and_call(struct xargs *x)
{
    int err = feed_chunks(x->c, NULL, take_chunk, x);
    if (!err && x->quote && !x->stop)
        err = -EINVAL;
    if (!err && !x->stop)
        err = end_word(x);
    if (err == -EINVAL)
        return cmd_error(x->c, "unmatched quote in what is piped in");
    if (err == -E2BIG)
        return cmd_error(x->c, "a word or line is longer than %u bytes", WORDS_BYTES);
    if (err < 0)
        return feed_error(x->c, NULL, err);
    bool rest = x->argc > x->fixed, first = !x->called && !x->no_empty && !x->replace;
    if (!x->stop && (rest || first))
        call(x);
    return x->status;
}

static int cmd_xargs(struct cmd_ctx *c)
{
    static char echo[] = "echo";
    struct xargs *x = mem_zalloc(sizeof(*x));
    int letter, status;
    if (!x)
        return cmd_error(c, "memory exhausted");
    x->c = c;
    x->most = UINT64_MAX;
    option_start(&x->o, c, "n:I:rt0");
    x->o.strict = true;
    while ((letter = option_next(&x->o)) > 0) {
        if (letter == 'n')
            x->most = option_number(&x->o, 1, 1000000);
        x->replace = letter == 'I' ? x->o.value : x->replace;
        x->no_empty |= letter == 'r';
        x->trace |= letter == 't';
        x->nul |= letter == '0';
    }
    for (int i = x->o.at; i < c->argc && x->fixed < WORDS_MAX / 2; i++)
        x->argv[x->fixed++] = c->argv[i];
    if (!x->fixed)
        x->argv[x->fixed++] = echo;
    x->argc = x->fixed;
    memcpy(x->own, x->argv, (size_t)x->fixed * sizeof(*x->own));
    if (x->o.bad)
        status = option_refuse(&x->o);
    else if (c->argc - x->o.at > WORDS_MAX / 2)
        status = cmd_error(c, "more than %u words", WORDS_MAX / 2);
    else
        status = read_and_call(x);
    mem_free(x);
    return status;
}

CMD(xargs, .name = "xargs", .group = "text", .help = "what is piped in becomes arguments of a command",
    .usage = "[-n WORDS] [-I MARK] [-rt0] [COMMAND...]", .run = cmd_xargs);
