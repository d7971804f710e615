/* sysctl: reads and writes tunables, as procps does it.
 *
 *     sysctl NAME...             sysctl -a [-r PATTERN]        sysctl -n NAME
 *     sysctl [-w] NAME=VALUE...  sysctl -p [FILE...]           sysctl --system
 *
 * It works on the files below /proc/sys alone, so whatever stands there is a tunable. What was wrong with one name does
 * not keep it from the next; the status is 1 then. Its dump is a line for each that is not as it was at first.
 */
#include "lib/cmd.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/io.h"
#include "lib/plat.h"
#include "lib/regex.h"
#include "lib/string.h"
#include "lib/sysctl.h"

#define ROOT     "/proc/sys/"
#define CONF_MAX MIB

struct request {
    struct cmd_ctx *c;
    bool all, load, system, write, names, values, bare, ignore, quiet;
    const char *pattern;
    struct regex *re;
    int first; /* operand */
    int status;
};

/* ---- words ---- */

static int unknown_option(struct request *r, const char *word)
{
    out_text(r->c->err, "sysctl: unrecognized option '%s'\n", word);
    out_text(r->c->err, "usage: sysctl %s\n", r->c->cmd->usage);
    return 1;
}

static bool take_letter(struct request *r, char letter)
{
    switch (letter) {
    case 'a':
    case 'A':
    case 'X': r->all = true; return true;
    case 'p':
    case 'f': r->load = true; return true;
    case 'w': r->write = true; return true;
    case 'N': r->names = true; return true;
    case 'n': r->values = true; return true;
    case 'b': r->values = r->bare = true; return true;
    case 'e': r->ignore = true; return true;
    case 'q': r->quiet = true; return true;
    case 'j': r->c->out->json = true; return true;
    default: return false;
    }
}

static bool take_long(struct request *r, const char *word)
{
    static const struct {
        const char *word;
        char letter;
    } words[] = {{"--all", 'a'},    {"--load", 'p'},   {"--write", 'w'},  {"--names", 'N'},
                 {"--values", 'n'}, {"--binary", 'b'}, {"--ignore", 'e'}, {"--quiet", 'q'}};

    if (str_eq(word, "--system"))
        return r->system = true;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(word, words[i].word))
            return take_letter(r, words[i].letter);
    return false;
}

/* The letters of one word; -r takes what follows it, or the next word. */
static bool take_letters(struct request *r, const char *word, int *i)
{
    for (const char *p = word + 1; *p; p++) {
        if (*p == 'r') {
            r->pattern = p[1] ? p + 1 : r->c->argv[++*i];
            return r->pattern;
        }
        if (!take_letter(r, *p))
            return false;
    }
    return true;
}

static bool take_word(struct request *r, const char *word, int *i)
{
    if (word[1] != '-')
        return take_letters(r, word, i);
    if (str_starts(word, "--pattern=")) {
        r->pattern = word + 10;
        return true;
    }
    if (!str_eq(word, "--pattern"))
        return take_long(r, word);
    r->pattern = r->c->argv[++*i];
    return r->pattern;
}

/* Options may stand anywhere; the operands end up behind each other from argv[1] on. */
static int read_words(struct request *r)
{
    char **argv = r->c->argv;
    int operands = 1;

    for (int i = 1; i < r->c->argc; i++) {
        char *word = argv[i];
        if (word[0] != '-' || !word[1])
            argv[operands++] = word;
        else if (!take_word(r, word, &i))
            return unknown_option(r, word);
    }
    argv[operands] = NULL;
    r->c->argc = operands;
    return 0;
}

/* ---- act and print ---- */

static void fail(struct request *r, const char *f, ...) PRINTF(2, 3);
static void fail(struct request *r, const char *f, ...)
{
    char text[300];
    va_list ap;

    va_start(ap, f);
    fmt_v(text, sizeof(text), f, ap);
    va_end(ap);
    out_text(r->c->err, "sysctl: %s\n", text);
    r->status = 1;
}

static void print_setting(struct request *r, const char *name, const char *value, bool written)
{
    struct out *o = r->c->out;

    if (o->json)
        out_str(o, name, NULL, value);
    else if (r->names && !written)
        out_text(o, "%s\n", name);
    else if (r->values || r->names)
        out_text(o, "%s%s", value, r->bare ? "" : "\n");
    else
        out_text(o, "%s = %s\n", name, value);
}

/* Every line of a value of several lines is shown behind the name, as procps does. */
static void show_file(struct request *r, const char *path)
{
    char name[SYSCTL_NAME_MAX], *text;
    size_t n;

    sysctl_name(name, path + strlen(ROOT));
    if (r->re && !regex_test(r->re, name, strlen(name)))
        return;
    int err = file_load(r->c->net, path, CONF_MAX, &text, &n);
    if (err == -EACCES)
        return; /* one that can only be written */
    if (err) {
        fail(r, "reading key \"%s\": %s", name, errno_text(err));
        return;
    }
    for (char *line = text; *line || line == text;) {
        char *end = strchrnul(line, '\n'), *next = *end ? end + 1 : end;
        *end = '\0';
        print_setting(r, name, line, false);
        line = next;
        if (!*line)
            break;
    }
    mem_free(text);
}

static void show_path(struct request *r, const char *path);

struct walk {
    struct request *r;
    const char *dir;
};

static void show_below(void *arg, const char *name, const struct file_stat *st)
{
    struct walk *w = arg;
    char path[FILE_PATH_MAX];

    if (out_failed(w->r->c->out) || task_interrupted())
        return;
    str_copy(path, sizeof(path), w->dir);
    if (!str_ends(path, "/"))
        str_append(path, sizeof(path), "/");
    if (str_append(path, sizeof(path), name) >= sizeof(path))
        return;
    if (st->dir)
        show_path(w->r, path);
    else
        show_file(w->r, path);
}

static void show_path(struct request *r, const char *path)
{
    struct walk w = {r, path};
    file_list(r->c->net, path, show_below, &w);
}

/* The path of a key as typed; false and said when it can be none. */
static bool key_path(struct request *r, const char *key, char path[FILE_PATH_MAX])
{
    char below[SYSCTL_NAME_MAX];

    str_copy(path, FILE_PATH_MAX, ROOT);
    if (sysctl_path(below, key) || !*below || strstr(below, "..")) {
        fail(r, "Path is not under %s: %s", ROOT, *key ? key : ROOT);
        return false;
    }
    str_append(path, FILE_PATH_MAX, below);
    return true;
}

static void cannot_stat(struct request *r, const char *path, bool ignore)
{
    int status = r->status;

    if (r->ignore)
        return;
    fail(r, "cannot stat %s: %s", path, errno_text(-ENOENT));
    if (ignore)
        r->status = status;
}

static void read_key(struct request *r, const char *key)
{
    char path[FILE_PATH_MAX];
    struct file_stat st;

    if (!key_path(r, key, path))
        return;
    if (file_stat(r->c->net, path, &st))
        cannot_stat(r, path, false);
    else if (st.dir)
        show_path(r, path);
    else
        show_file(r, path);
}

static void write_key(struct request *r, const char *key, const char *value, bool ignore)
{
    char path[FILE_PATH_MAX], name[SYSCTL_NAME_MAX];
    struct file_stat st;
    int status = r->status, err;

    if (!key_path(r, key, path))
        return;
    sysctl_name(name, path + strlen(ROOT));
    if (r->re && !regex_test(r->re, name, strlen(name)))
        return;
    if (file_stat(r->c->net, path, &st)) {
        cannot_stat(r, path, ignore);
        return;
    }
    err = *value ? file_write(r->c->net, path, value, strlen(value), false)
                 : file_write(r->c->net, path, "\n", 1, false); /* an empty value is a value */
    if (err == -EACCES)
        fail(r, "permission denied on key \"%s\"", name);
    else if (err)
        fail(r, "setting key \"%s\": %s", name, errno_text(err));
    else if (!r->quiet)
        print_setting(r, name, value, true);
    if (ignore)
        r->status = status;
}

static char *trim(char *s)
{
    size_t n;

    while (char_is_space(*s))
        s++;
    for (n = strlen(s); n && char_is_space(s[n - 1]);)
        s[--n] = '\0';
    return s;
}

/* "NAME=VALUE", with blanks around each; where says what it is part of. */
static void write_text(struct request *r, char *text, const char *where, unsigned line)
{
    char *eq = strchr(text, '='), *key;
    bool ignore;

    if (!eq) {
        out_text(r->c->err, "sysctl: %s(%u): invalid syntax, continuing...\n", where, line);
        r->status = 1;
        return;
    }
    *eq = '\0';
    key = trim(text);
    ignore = *key == '-';
    write_key(r, trim(key + ignore), trim(eq + 1), ignore);
}

static void load_lines(struct request *r, char *text, const char *where)
{
    unsigned line = 1;

    for (char *next; *text; text = next, line++) {
        char *end = strchrnul(text, '\n');
        next = *end ? end + 1 : end;
        *end = '\0';
        text = trim(text);
        if (*text && *text != '#' && *text != ';')
            write_text(r, text, where, line);
    }
}

static void load_input(struct request *r)
{
    char *text = mem_alloc(CONF_MAX);
    size_t n = 0;
    ssize got = 0;

    while (text && n + 1 < CONF_MAX && (got = io_read(r->c->in, text + n, CONF_MAX - 1 - n)) > 0)
        n += (size_t)got;
    if (!text || got < 0) {
        fail(r, "cannot open \"%s\": %s", "-", errno_text(text ? (int)got : -ENOMEM));
    } else {
        text[n] = '\0';
        load_lines(r, text, "-");
    }
    mem_free(text);
}

static void load_file(struct request *r, const char *path)
{
    char *text;
    size_t n;

    if (str_eq(path, "-")) {
        load_input(r);
        return;
    }
    int err = file_load(r->c->net, path, CONF_MAX, &text, &n);
    if (err) {
        fail(r, "cannot open \"%s\": %s", path, errno_text(err));
        return;
    }
    load_lines(r, text, path);
    mem_free(text);
}

static void apply_file(void *arg, const char *path)
{
    struct request *r = arg;

    if (!r->quiet)
        out_text(r->c->out, "* Applying %s ...\n", path);
    load_file(r, path);
}

static void load_system(struct request *r)
{
    struct file_stat st;

    file_glob(r->c->net, "/etc/sysctl.d/*.conf", apply_file, r);
    if (!file_stat(r->c->net, "/etc/sysctl.conf", &st))
        apply_file(r, "/etc/sysctl.conf");
}

static void act(struct request *r)
{
    char **argv = r->c->argv;

    if (r->system) {
        load_system(r);
    } else if (r->all) {
        show_path(r, "/proc/sys");
    } else if (r->load) {
        for (int i = 1; i < r->c->argc; i++)
            load_file(r, argv[i]);
        if (r->c->argc == 1)
            load_file(r, "/etc/sysctl.conf");
    } else {
        for (int i = 1; i < r->c->argc; i++) {
            if (r->write || strchr(argv[i], '='))
                write_text(r, argv[i], "command line", 0);
            else
                read_key(r, argv[i]);
        }
    }
}

static int cmd_sysctl(struct cmd_ctx *c)
{
    struct request r = {.c = c};
    const char *why;

    if (c->argc == 1) {
        out_text(c->err, "usage: sysctl %s\n", c->cmd->usage);
        return 1;
    }
    if (read_words(&r))
        return 1;
    if (!r.all && !r.load && !r.system && c->argc == 1) {
        out_text(c->err, "sysctl: no variables specified\n");
        return 1;
    }
    if (r.pattern && !(r.re = regex_compile(r.pattern, strlen(r.pattern), REGEX_ERE, &why)))
        return cmd_error(c, "%s: %s", r.pattern, why);
    out_object(c->out, NULL);
    act(&r);
    out_end(c->out);
    regex_free(r.re);
    return r.status;
}

/* ---- dump ---- */

static void dump_one(void *arg, const char *name, const char *value)
{
    struct out *o = arg;

    out_text(o, "sysctl -w %s=", name);
    out_word(o, value);
    out_text(o, "\n");
}

static void dump_sysctl(struct cmd_ctx *c)
{
    sysctl_each_changed(c->net, NULL, dump_one, c->out);
}

void sysctl_dump_late(struct net *net, const char *star, struct out *o)
{
    sysctl_each_changed(net, star, dump_one, o);
}

/* ---- completion ---- */

struct completing {
    void (*offer)(void *arg, const char *word);
    void *arg;
    const char *dir; /* path below /proc/sys */
};

static void offer_name(void *arg, const char *name, const struct file_stat *st)
{
    struct completing *p = arg;
    char path[FILE_PATH_MAX], word[SYSCTL_NAME_MAX];

    fmt(path, sizeof(path), "%s%s%s", p->dir, *p->dir ? "/" : "", name);
    sysctl_name(word, path);
    if (st->dir)
        str_append(word, sizeof(word), ".");
    p->offer(p->arg, word);
}

/* The names of the folder that the word has reached: "net.ipv4.ip_" offers what stands in net/ipv4. */
static void complete_sysctl(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    char path[FILE_PATH_MAX], below[SYSCTL_NAME_MAX];
    struct completing p = {offer, arg, below};

    if (sysctl_path(below, c->argv[c->argc - 1]))
        return;
    char *slash = strrchr(below, '/');
    *(slash ? slash : below) = '\0';
    fmt(path, sizeof(path), ROOT "%s", below);
    file_list(c->net, path, offer_name, &p);
}

CMD(sysctl, .name = "sysctl", .help = "read and set tunables",
    .usage = "[-n|-N] [-e] [-q] NAME... | [-w] NAME=VALUE... | -a [-r PATTERN] | -p [FILE...] | --system | -j ...",
    .run = cmd_sysctl, .dump = dump_sysctl, .complete = complete_sysctl);
