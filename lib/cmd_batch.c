/* ip -batch FILE: many lines of `ip`, without the word, from a file or from what is read ("-").
 *
 *     ip [-force] [OPTIONS] -batch FILE | -
 *
 * Options in front count for every line. A line that fails ends it, but with -force; which one it was is told. Lines
 * are read as iproute2 reads them: words at blanks, in quotes of either kind where they have some, # to the end of the
 * line.
 */
#include "lib/byteorder.h"
#include "lib/cmd.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/io.h"
#include "lib/iproute.h"
#include "lib/plat.h"
#include "lib/string.h"

#define LINE_MOST  16384u
#define WORDS_MOST 512u
#define FILE_MOST  (256 * MIB)

struct batch {
    struct cmd_ctx *c;
    const char *name;
    bool force;
    int options; /* words in front of every line: the command's own name, and options */
    struct cmd_io *in;
    struct io_mem file;
    size_t at, have; /* of `buf`, what is not taken yet */
    char *line;      /* in `buf`, or in `cut`, where it was cut by the end of that */
    char buf[4096], cut[LINE_MOST];
    char *words[WORDS_MOST];
    char object[16]; /* of the last line, and the command that it is: most lines are of one */
    const struct cmd *cmd;
    int cmd_words;
};

/* The next line, without its end; false at the end, or *err. */
static bool next_line(struct batch *b, int *err)
{
    size_t n = 0;
    b->line = b->cut;
    for (;;) {
        if (b->at == b->have) {
            ssize got = io_read(b->in, b->buf, sizeof(b->buf));
            *err = got < 0 ? (int)got : 0;
            b->at = 0;
            b->have = got > 0 ? (size_t)got : 0;
            if (!b->have) {
                b->cut[n] = 0;
                return n && !*err;
            }
        }
        char *from = b->buf + b->at, *nl = memchr(from, '\n', b->have - b->at);
        if (nl && !n) {
            *nl = 0;
            b->line = from;
            b->at += (size_t)(nl - from) + 1;
            return true;
        }
        size_t some = nl ? (size_t)(nl - from) : b->have - b->at;
        if (n + some >= LINE_MOST) {
            *err = -EMSGSIZE;
            return false;
        }
        memcpy(b->cut + n, from, some);
        n += some;
        b->at += some + (nl != NULL);
        if (nl) {
            b->cut[n] = 0;
            return true;
        }
    }
}

#define ONES   0x0101010101010101ull
#define BLANKS (1ull << ' ' | 1ull << '\t' | 1ull << '\r')

static inline __attribute__((always_inline)) bool is_blank(char c)
{
    return (u8)c <= ' ' && BLANKS >> (u8)c & 1;
}

/* Eight characters at a time, up to the first that may be a blank. May read past the end, but not out of the batch. */
static char *word_end(char *s)
{
    for (;; s++) {
        u64 eight, low;
        while (eight = load_le64(s), !(low = (eight - ONES * (' ' + 1)) & ~eight & ONES << 7))
            s += 8;
        s += __builtin_ctzll(low) / 8;
        if (!*s || is_blank(*s))
            return s;
    }
}

/* Cuts the line into words behind the options; how many there are in all, or -errno. */
static int split(struct batch *b)
{
    u32 n = (u32)b->options;
    for (char *s = b->line;;) {
        while (is_blank(*s))
            s++;
        if (!*s || *s == '#')
            break;
        if (n + 1 == WORDS_MOST)
            return -E2BIG;
        char quote = *s == '"' || *s == '\'' ? *s++ : 0;
        b->words[n++] = s;
        char *end = quote ? strchrnul(s, quote) : word_end(s);
        if (quote && !*end)
            return -EINVAL;
        s = end + (*end != 0);
        *end = 0;
    }
    b->words[n] = NULL;
    return (int)n;
}

static int run_words(struct batch *b, int n)
{
    const char *object = b->words[b->options];
    if (*object == '-' || !str_eq(object, b->object)) {
        b->cmd = cmd_find(n, b->words, &b->cmd_words);
        if (*object == '-' || str_copy(b->object, sizeof(b->object), object) >= sizeof(b->object))
            b->object[0] = 0;
    }
    return cmd_run_as(b->c, b->cmd, b->cmd_words, n, b->words, NULL);
}

static int run_line(struct batch *b)
{
    int n = split(b);
    if (n < 0) {
        out_text(b->c->err, "%s\n", n == -EINVAL ? "Unterminated quoted string" : errno_text(n));
        return 1;
    }
    return n == b->options ? 0 : run_words(b, n);
}

static int run_lines(struct batch *b)
{
    int status = 0, err = 0;
    for (u64 line = 1; next_line(b, &err) && !out_failed(b->c->out); line++) {
        if (!run_line(b))
            continue;
        out_text(b->c->err, "Command failed %s:%llu\n", b->name, (unsigned long long)line);
        status = 1;
        if (!b->force)
            return status;
    }
    if (err)
        out_text(b->c->err, "%s: %s\n", b->name, errno_text(err));
    return err ? 1 : status;
}

static int run_file(struct batch *b)
{
    char *text = NULL;
    size_t n;

    b->in = b->c->in;
    if (!str_eq(b->name, "-")) {
        int err = file_load(b->c->net, b->name, FILE_MOST, &text, &n);
        if (err) {
            out_text(b->c->err, "Cannot open file \"%s\" for reading: %s\n", b->name, errno_text(err));
            return 1;
        }
        io_mem_init(&b->file, text, n);
        b->in = &b->file.io;
    }
    int status = run_lines(b);
    mem_free(text);
    return status;
}

/* `ip` without an object that is one. */
static int cmd_ip(struct cmd_ctx *c)
{
    struct batch *b = mem_zalloc(sizeof(*b));
    int status = 0;
    if (!b)
        return cmd_error(c, "no memory");
    b->c = c;
    b->words[b->options++] = c->argv[0];
    for (int i = 1; i < c->argc && !b->name && c->argv[i][0] == '-'; i++) {
        const char *option = c->argv[i] + 1 + (c->argv[i][1] == '-');
        if (ip_is(option, "batch") && i + 1 < c->argc)
            b->name = c->argv[i + 1];
        else if (ip_is(option, "force"))
            b->force = true;
        else
            b->words[b->options++] = c->argv[i];
        if (b->options + 1 == (int)WORDS_MOST)
            break;
    }
    status = b->name ? run_file(b) : cmd_no_object(c);
    mem_free(b);
    return status;
}

CMD(ip, .name = "ip", .group = "network", .help = "lines of `ip` from a file; see `ip link`, `ip address` ...",
    .usage = "[-force] [OPTIONS] -batch FILE | -", .run = cmd_ip);
