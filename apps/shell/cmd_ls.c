/* ls and rm: names in a directory.
 *
 *     ls /proc      ls -l /sys/class/net/eth0      ls -j /etc      rm /tmp/capture
 *
 * On a terminal names stand in columns, in a pipe one a line, as in Linux. -l shows what there is to show: kind,
 * whether it can be written, size, time; owners are root, since there is nobody else.
 */
#include "apps/shell/dir.h"
#include "apps/shell/glyph.h"
#include "lib/cmd.h"
#include "lib/date.h"
#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"

struct ls {
    struct cmd_ctx *c;
    bool all, lines, detail, itself, kinds;
    bool any; /* something was shown: a blank line parts it from the directory that follows */
};

static bool shown(const struct ls *l, const char *name)
{
    return l->all || name[0] != '.';
}

static void show_time(struct out *o, u64 ns)
{
    struct date d;
    u64 now = wall_ns() / NS_PER_S, then = ns / NS_PER_S;
    date_from_unix(&d, (i64)(ns ? then : now));
    if (!ns || now - then < 182 * 86400)
        out_text(o, "%.3s %2u %02u:%02u", date_month_name(d.month), d.day, d.hour, d.minute);
    else
        out_text(o, "%.3s %2u %5u", date_month_name(d.month), d.day, (unsigned)d.year);
}

static void show_detail(struct ls *l, const char *name, const struct file_stat *st)
{
    struct out *o = l->c->out;
    out_text(o, "%s 1 root root %7llu ",
             st->dir        ? "dr-xr-xr-x"
             : st->writable ? "-rw-r--r--"
                            : "-r--r--r--",
             (unsigned long long)st->size);
    show_time(o, st->mtime_ns);
    out_text(o, " %s%s\n", name, l->kinds && st->dir ? "/" : "");
}

static void show_json(struct ls *l, const char *name, const struct file_stat *st)
{
    struct out *o = l->c->out;
    out_object(o, NULL);
    out_str(o, "name", NULL, name);
    out_str(o, "type", NULL, st->dir ? "directory" : "file");
    out_u64(o, "size", NULL, st->size);
    out_bool(o, "writable", NULL, st->writable);
    out_end(o);
}

/* False when there is no memory for it. */
static bool show_columns(struct ls *l, const struct dir *d)
{
    struct out *o = l->c->out;
    u32 n = 0, widest = 1;
    const struct dir_entry **at = mem_alloc(d->count * sizeof(*at) + 1);
    if (!at)
        return false;
    for (const struct dir_entry *e = dir_next(d, NULL); e; e = dir_next(d, e)) {
        if (!shown(l, e->name))
            continue;
        at[n++] = e;
        widest = max(widest, (u32)glyph_columns(e->name, strlen(e->name)) + (l->kinds && e->st.dir));
    }
    u32 across = max(1u, (o->columns - 1u) / (widest + 2)), down = (n + across - 1) / across;
    for (u32 row = 0; row < down; row++) {
        for (u32 i = row; i < n; i += down) {
            const char *name = at[i]->name;
            u32 pad = widest + 2 - (u32)glyph_columns(name, strlen(name));
            const char *mark = l->kinds && at[i]->st.dir ? "/" : "";
            out_text(o, "%s%-*s", name, i + down < n ? (int)pad : 0, mark);
        }
        out_text(o, "\n");
    }
    mem_free(at);
    return true;
}

static void show_one(struct ls *l, const char *name, const struct file_stat *st)
{
    if (l->c->out->json)
        show_json(l, name, st);
    else if (l->detail)
        show_detail(l, name, st);
    else
        out_text(l->c->out, "%s%s\n", name, l->kinds && st->dir ? "/" : "");
}

static void show_dir(struct ls *l, const struct dir *d)
{
    struct out *o = l->c->out;
    if (o->columns && !l->lines && !l->detail && !o->json && show_columns(l, d))
        return;
    if (l->detail)
        out_text(o, "total 0\n");
    for (const struct dir_entry *e = dir_next(d, NULL); e && !out_failed(o); e = dir_next(d, e)) {
        if (shown(l, e->name))
            show_one(l, e->name, &e->st);
    }
}

/* First what is no directory, and what there is not; then the directories. */
static int list_path(struct ls *l, const char *path, bool dirs, bool heading)
{
    struct file_stat st;
    struct dir d;
    int err = file_stat(l->c->net, path, &st);
    if (err) {
        if (!dirs)
            cmd_error(l->c, "cannot access '%s': %s", path, errno_text(err));
        return 2;
    }
    if (dirs != (st.dir && !l->itself))
        return 0;
    if (!dirs) {
        show_one(l, path, &st);
        l->any = true;
        return 0;
    }
    if (heading)
        out_text(l->c->out, "%s%s:\n", l->any ? "\n" : "", path);
    l->any = true;
    err = dir_read(&d, l->c->net, path);
    if (err)
        cmd_error(l->c, "reading '%s': %s", path, errno_text(err));
    show_dir(l, &d);
    dir_free(&d);
    return err ? 1 : 0;
}

static int cmd_ls(struct cmd_ctx *c)
{
    struct ls l = {.c = c};
    struct option_reader o;
    int letter, status = 0;
    for (option_start(&o, c, "aA1ldFhjp"); (letter = option_next(&o)) > 0;) {
        l.all |= letter == 'a' || letter == 'A';
        l.lines |= letter == '1';
        l.detail |= letter == 'l';
        l.itself |= letter == 'd';
        l.kinds |= letter == 'F' || letter == 'p';
        c->out->json |= letter == 'j';
    }
    if (o.bad)
        return option_refuse(&o);
    int n = c->argc - o.at;
    out_array(c->out, NULL);
    if (!n)
        status = list_path(&l, "/", !l.itself, false);
    for (int i = 0; i < 2 * n; i++)
        status = max(status, list_path(&l, c->argv[o.at + i % n], i >= n, n > 1));
    out_end(c->out);
    return status;
}

static int cmd_rm(struct cmd_ctx *c)
{
    struct option_reader o;
    bool force = false;
    int letter, status = 0;
    for (option_start(&o, c, "f"); (letter = option_next(&o)) > 0;)
        force = true;
    if (o.bad)
        return option_refuse(&o);
    if (o.at == c->argc && !force)
        return cmd_usage(c, "which file?");
    for (int i = o.at; i < c->argc; i++) {
        int err = file_remove(c->net, c->argv[i]);
        if (err && !(force && err == -ENOENT))
            status = cmd_error(c, "cannot remove '%s': %s", c->argv[i], errno_text(err));
    }
    return status;
}

CMD(ls, .name = "ls", .group = "files", .help = "names in a directory", .usage = "[-a1ldFj] [PATH...]", .run = cmd_ls);
CMD(rm, .name = "rm", .group = "files", .help = "remove files under /tmp", .usage = "[-f] FILE...", .run = cmd_rm);
