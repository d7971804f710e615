/* The shell: prompt, line, script, and round again.
 *
 *     keyboard task --bytes--> line editor --line--> script_parse --> script_run --> cmd_run
 *          |                       (edit)              incomplete? ask for more, with "> "
 *          `--Ctrl-C while a command runs--> task_interrupt(this task)
 *
 * Lines of one command (an open quote, a for loop, a here-document) are gathered up to SCRIPT_BYTES before anything of
 * them is run. Variables, $? and options stay from one command to the next. A command that reads gets the console line
 * by line, with the same editing; Ctrl-D ends its input. Paging is off until `pager on`.
 */
#include "apps/shell/shell.h"
#include "apps/shell/complete.h"
#include "apps/shell/edit.h"
#include "apps/shell/pager.h"
#include "apps/shell/typed.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/script.h"
#include "lib/string.h"

#define SCRIPT_BYTES (256 * 1024)

struct shell {
    struct net *net;
    struct typed typed;
    struct history history;
    struct edit line;  /* at the prompt */
    struct edit input; /* of a command that reads */
    struct pager pager;
    struct out err;
    struct cmd_io in;
    bool input_open;  /* `input` holds a line of which input_at bytes were read */
    bool input_ended; /* Ctrl-D, until the command is done */
    size_t input_at;
    bool paging;
    bool leave;
    struct script_env env;

    /* the lines of one command */
    char *text;
    size_t len, room;
};

/* ---- what commands read and write ---- */

static void put_to_console(void *arg, const char *p, size_t n)
{
    console_write(p, n);
}

/* Errors go to the console past the pager's questions, but count as its output. */
static int write_error(struct out *o, const char *p, size_t n)
{
    struct shell *sh = o->arg;
    console_write(p, n);
    if (n)
        sh->pager.clean = p[n - 1] == '\n';
    return 0;
}

static int next_input_line(struct shell *sh)
{
    edit_begin(&sh->input, "");
    for (;;) {
        int byte = typed_get(&sh->typed, ~0ull);
        if (byte < 0)
            return byte;
        switch (edit_feed(&sh->input, (u8)byte)) {
        case EDIT_MORE: break;
        case EDIT_LINE: sh->input_open = true; return 0;
        case EDIT_END: sh->input_ended = true; return 0;
        case EDIT_CANCEL: return -EINTR;
        case EDIT_TOO_LONG: return -E2BIG;
        }
    }
}

static ssize read_input(struct cmd_io *io, void *p, size_t n)
{
    struct shell *sh = io->arg;
    if (!sh->input_open && !sh->input_ended) {
        sh->pager.row = 0; /* a person who types has seen the page */
        int err = next_input_line(sh);
        if (err)
            return err;
        sh->input_at = 0;
    }
    if (!sh->input_open)
        return 0;
    size_t part = min(n, sh->input.len - sh->input_at);
    memcpy(p, sh->input.buf + sh->input_at, part);
    sh->input_at += part;
    if (part < n) {
        ((char *)p)[part++] = '\n';
        sh->input_open = false;
    }
    return (ssize)part;
}

static int read_key(struct cmd_io *io, u64 until_ns)
{
    struct shell *sh = io->arg;
    return typed_get(&sh->typed, until_ns);
}

/* ---- one command ---- */

static void prepare(struct shell *sh)
{
    u16 columns = sh->line.columns;
    pager_begin(&sh->pager, columns, sh->line.rows, sh->paging);
    out_init(&sh->err, write_error, sh, false);
    sh->input.columns = columns;
    sh->input.rows = sh->line.rows;
    sh->input_open = sh->input_ended = false;
}

static void run_script(struct shell *sh, const struct script *s)
{
    prepare(sh);
    task_interrupt_clear();
    typed_foreground(&sh->typed, task_self());
    script_run(s, &sh->env);
    typed_foreground(&sh->typed, NULL);
    task_interrupt_clear();
    if (!sh->pager.clean)
        console_write("\n", 1);
    sh->leave = sh->env.exited;
}

static void say(struct shell *sh, const char *f, ...) PRINTF(2, 3);
static void say(struct shell *sh, const char *f, ...)
{
    char text[320];
    va_list ap;
    va_start(ap, f);
    size_t n = fmt_v(text, sizeof(text), f, ap);
    va_end(ap);
    console_write(text, min(n, sizeof(text) - 1));
}

static void forget_text(struct shell *sh)
{
    mem_free(sh->text);
    sh->text = NULL;
    sh->len = sh->room = 0;
}

/* Adds the line just typed to those before it. */
static bool add_line(struct shell *sh)
{
    size_t need = sh->len + sh->line.len + 2;
    if (need > sh->room) {
        size_t room = max(need, sh->room * 2);
        char *more = need > SCRIPT_BYTES ? NULL : mem_alloc(room);
        if (!more) {
            say(sh, "%s\n", need > SCRIPT_BYTES ? "too long: 256 KiB at most" : "no memory");
            return false;
        }
        memcpy(more, sh->text, sh->len);
        mem_free(sh->text);
        sh->text = more;
        sh->room = room;
    }
    memcpy(sh->text + sh->len, sh->line.buf, sh->line.len);
    sh->len += sh->line.len;
    sh->text[sh->len++] = '\n';
    sh->text[sh->len] = 0;
    return true;
}

/* Where in one line the trouble is, is seen best right below it. */
static void say_refused(struct shell *sh, const struct script_err *err)
{
    bool one = memchr(sh->text, '\n', sh->len - 1) == NULL;
    if (one)
        say(sh, "column %u: %s\n", err->col, err->msg);
    else
        say(sh, "line %u, column %u: %s\n", err->line, err->col, err->msg);
    sh->env.status = 2;
}

/* True when the text wants further lines. */
static bool take_line(struct shell *sh)
{
    struct script_err err;
    if (!add_line(sh)) {
        forget_text(sh);
        return false;
    }
    struct script *s = script_parse(sh->text, sh->len, &err);
    if (!s && err.incomplete)
        return true;
    if (s)
        run_script(sh, s);
    else
        say_refused(sh, &err);
    script_free(s);
    forget_text(sh);
    return false;
}

/* ---- the loop ---- */

static enum edit_event read_line(struct shell *sh, const char *prompt)
{
    edit_begin(&sh->line, prompt);
    for (;;) {
        int byte = typed_get(&sh->typed, ~0ull);
        enum edit_event event = EDIT_MORE;
        if (byte >= 0)
            event = edit_feed(&sh->line, (u8)byte);
        else
            task_interrupt_clear();
        if (event != EDIT_MORE)
            return event;
    }
}

/* Ctrl-D or `exit`: true when that ends the shell. */
static bool ask_to_leave(struct shell *sh, bool may_end)
{
    sh->leave = false;
    if (may_end)
        return true;
    say(sh, "the console stays: `poweroff` and `reboot` end Weir\n");
    return false;
}

int shell_run(struct shell *sh, bool may_end)
{
    bool more = false;
    for (;;) {
        enum edit_event event = read_line(sh, more ? "> " : "weir# ");
        switch (event) {
        case EDIT_LINE: more = take_line(sh); break;
        case EDIT_TOO_LONG:
            say(sh, "the line was longer than %u KiB and was not run\n", EDIT_MAX / 1024);
            more = false;
            forget_text(sh);
            break;
        default:
            if (event == EDIT_END) {
                console_write("\n", 1);
                sh->leave = !more;
            }
            sh->env.status = event == EDIT_CANCEL ? 130 : sh->env.status;
            more = false;
            forget_text(sh);
        }
        if (sh->leave && ask_to_leave(sh, may_end))
            return sh->env.status;
    }
}

static void complete(void *arg, const char *line, size_t at, struct offers *o)
{
    struct shell *sh = arg;
    complete_line(&sh->env, line, at, o);
}

struct shell *shell_new(struct net *net)
{
    struct shell *sh = mem_zalloc(sizeof(*sh));
    if (!sh)
        return NULL;
    sh->net = net;
    pager_init(&sh->pager, &sh->typed);
    edit_init(&sh->line, put_to_console, complete, sh, &sh->history);
    edit_init(&sh->input, put_to_console, NULL, sh, NULL);
    sh->in = (struct cmd_io){.read = read_input, .key = read_key, .arg = sh, .tty = true};
    script_env_init(&sh->env, net, &sh->pager.out, &sh->err, &sh->in);
    sh->env.shell = sh;
    prepare(sh);
    if (typed_start(&sh->typed) == 0)
        return sh;
    shell_free(sh);
    return NULL;
}

void shell_free(struct shell *sh)
{
    typed_stop(&sh->typed);
    script_env_free(&sh->env);
    edit_free(&sh->line);
    edit_free(&sh->input);
    history_clear(&sh->history);
    forget_text(sh);
    mem_free(sh);
}

/* ---- for commands ---- */

struct history *shell_history(struct shell *sh)
{
    return sh ? &sh->history : NULL;
}

struct net *shell_net(struct shell *sh)
{
    return sh->net;
}

bool shell_page(struct shell *sh, bool on)
{
    bool before = sh && sh->pager.paging;
    if (sh)
        sh->pager.paging = on;
    return before;
}

unsigned shell_rows(struct shell *sh)
{
    return sh ? sh->line.rows : 24;
}

bool shell_paging(struct shell *sh)
{
    return sh && sh->paging;
}

void shell_set_paging(struct shell *sh, bool on)
{
    if (sh)
        sh->paging = on;
}
