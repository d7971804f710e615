/* The program `weir`: Weir without a machine of its own.
 *
 *     weir check [FILE...]      is this a configuration that Weir takes? FILE:LINE:COLUMN: what is wrong.
 *                               FILE is what a machine would boot with: the text, or a cpio archive
 *     weir run FILE             runs a script as the console would, on a stack that ends with it
 *     weir sh [FILE]            Weir's console, here; FILE is its /etc/weir.conf, run first
 *     weir --version, weir --help
 *
 * FILE may be "-": standard input; check without FILE reads that. Exit status: 0 good, 1 not good (of `run`: the
 * script's own), 2 not understood or not readable.
 *
 * Never touches the network of the machine it runs on.
 */
#include "apps/shell/boot_script.h"
#include "apps/shell/shell.h"
#include "host/host.h"
#include "lib/file.h"
#include "lib/net.h"
#include "lib/plat.h"
#include "lib/script.h"
#include "net/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (16 * MIB)

struct text {
    const char *name;
    char *p;
    size_t n;
};

/* Reads all of it; false, told on stderr: cannot. */
static bool text_read(struct text *t, const char *path)
{
    FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
    *t = (struct text){.name = f == stdin ? "standard input" : path, .p = malloc(FILE_MAX + 1)};
    if (f && t->p) {
        t->n = fread(t->p, 1, FILE_MAX + 1, f);
        if (!ferror(f) && t->n <= FILE_MAX) {
            if (f != stdin)
                fclose(f);
            return true;
        }
    }
    if (t->n > FILE_MAX)
        fprintf(stderr, "weir: %s: more than %llu MiB\n", t->name, FILE_MAX / MIB);
    else
        fprintf(stderr, "weir: %s: %s\n", t->name, strerror(errno));
    if (f && f != stdin)
        fclose(f);
    free(t->p);
    return false;
}

/* ---- check ---- */

static void tell_place(void *arg, const char *word, unsigned line, unsigned col, const char *why)
{
    printf("%s:%u:%u: %s: %s\n", (const char *)arg, line, col, word, why);
}

static bool check_script(const char *name, const char *text, size_t n)
{
    struct script_err err;
    struct script *s = script_parse(text, n, &err);
    if (!s) {
        printf("%s:%u:%u: %s\n", name, err.line, err.col, err.msg);
        return false;
    }
    bool good = !boot_script_check(s, tell_place, (void *)name);
    script_free(s);
    return good;
}

/* What was found at the boot of a machine that got this file. */
static int check(const char *path)
{
    struct text t;
    char why[200], *text;
    size_t n;
    bool good = false;
    if (!text_read(&t, path))
        return 2;
    file_boot_clear();
    if (file_boot_add("weir.conf", t.p, t.n, why, sizeof(why)))
        printf("%s: %s\n", t.name, why);
    else if (file_load(net_first, "/etc/weir.conf", FILE_MAX, &text, &n))
        printf("%s: an archive without a file weir.conf\n", t.name);
    else {
        good = check_script(t.name, text, n);
        mem_free(text);
    }
    free(t.p);
    return !good;
}

static int check_all(char **paths)
{
    int worst = 0;
    net_first = net_bring_up();
    if (!net_first)
        panic("no memory");
    if (!*paths)
        return check("-");
    for (; *paths; paths++) {
        int status = check(*paths);
        worst = max(worst, status);
    }
    return worst;
}

/* ---- run ---- */

static int write_out(struct out *o, const char *p, size_t n)
{
    FILE *f = o->arg;
    return fwrite(p, 1, n, f) == n && !fflush(f) ? 0 : -EPIPE;
}

static ssize read_in(struct cmd_io *io, void *p, size_t n)
{
    return host_stdin_read(p, n);
}

/* In real time, with one stack. */
static void start_machine(void)
{
    host_stop();
    host_start(&(struct host_config){.real = true});
    net_first = net_bring_up();
    if (!net_first)
        panic("no memory");
}

static int run(const char *path)
{
    struct text t;
    if (!text_read(&t, path))
        return 2;
    start_machine();
    struct out out, err;
    struct cmd_io in = {.read = read_in};
    out_init(&out, write_out, stdout, false);
    out_init(&err, write_out, stderr, false);
    struct script_env env;
    script_env_init(&env, net_first, &out, &err, strcmp(path, "-") ? &in : NULL);
    env.name = t.name;
    int status = script_text(&env, t.p, t.n);
    script_env_free(&env);
    net_take_down(net_first);
    free(t.p);
    return status;
}

/* ---- sh ---- */

static int console(const char *path)
{
    struct text t = {0};
    char why[100];
    if (path && !text_read(&t, path))
        return 2;
    start_machine();
    if (path && file_boot_add("weir.conf", t.p, t.n, why, sizeof(why))) {
        fprintf(stderr, "weir: %s: %s\n", t.name, why);
        return 2;
    }
    struct shell *sh = shell_new(net_first);
    if (!sh)
        panic("no memory");
    host_console_raw();
    shell_boot(sh, "/etc/weir.conf");
    int status = shell_run(sh, true);
    shell_free(sh);
    net_take_down(net_first);
    free(t.p);
    return status;
}

/* ---- words ---- */

static int usage(FILE *to)
{
    fputs("usage: weir check [FILE...]   is this a configuration that Weir takes?\n"
          "       weir run FILE          run a script on a stack of its own\n"
          "       weir sh [FILE]         Weir's console, here, with FILE as its weir.conf\n"
          "       weir --version | --help\n"
          "FILE - is standard input.\n",
          to);
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    host_catch_faults();
    if (!strcmp(word, "check"))
        return check_all(argv + 2);
    if (!strcmp(word, "run") && argc == 3)
        return run(argv[2]);
    if (!strcmp(word, "sh") && argc <= 3)
        return console(argv[2]);
    if (!strcmp(word, "--version") && argc == 2)
        return printf("weir %s\n", WEIR_VERSION) < 0;
    if (!strcmp(word, "--help") && argc == 2)
        return usage(stdout);
    return usage(stderr);
}
