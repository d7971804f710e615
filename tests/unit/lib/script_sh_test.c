/* Each script of tests/script run by Debian's sh, dash, and by Weir, with commands that write down how they were
 * called.
 *
 *     rec ARGS...     writes its arguments down          emit ARGS...   prints them and a newline
 *     recin ARGS...   and what it reads                  raw ARGS...    prints them
 *     status N        returns N                          warn ARGS...   prints them on the error stream
 *
 * In sh these are functions. The two records, what was printed, and the exit status must be the same bytes. $T is the
 * beginning of file names that a script may use; in sh they are on the disk, in Weir in RAM.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/script.h"

#define SAMPLES "tests/script"
#define TEXT    65536

static const char prelude[] = "LC_ALL=C\n"
                              "rec() {\n"
                              "    _l=\"rec $#\"; for _a; do _l=\"$_l ${#_a}:$_a\"; done; printf '%s\\n' \"$_l\" >&9\n"
                              "}\n"
                              "recin() { _i=$(cat; echo .); rec \"$@\"; printf 'stdin <%s>\\n' \"${_i%.}\" >&9; }\n"
                              "emit() { printf '%s\\n' \"$*\"; }\n"
                              "raw() { printf '%s' \"$*\"; }\n"
                              "status() { return $1; }\n"
                              "warn() { printf '%s\\n' \"$*\" >&2; }\n"
                              "trap 'printf \"exit %d\\n\" $? >&9' EXIT\n";

static struct out_mem record; /* Weir's */

static int print_args(struct cmd_ctx *c, struct out *o, const char *end)
{
    for (int i = 1; i < c->argc; i++)
        out_text(o, "%s%s", i > 1 ? " " : "", c->argv[i]);
    out_text(o, "%s", end);
    return 0;
}

/* Input is read to its end first: so of two stages of a pipe the first is written down first, in either world. */
static int run_rec(struct cmd_ctx *c, bool input)
{
    char *text = input ? calloc(1, TEXT) : NULL;
    size_t len = 0;
    ssize n;

    while (input && (n = io_read(c->in, text + len, TEXT - 1 - len)) > 0)
        len += (size_t)n;
    out_text(&record.out, "rec %d", c->argc - 1);
    for (int i = 1; i < c->argc; i++)
        out_text(&record.out, " %zu:%s", strlen(c->argv[i]), c->argv[i]);
    out_text(&record.out, "\n");
    if (input)
        out_text(&record.out, "stdin <%s>\n", text);
    free(text);
    return 0;
}

static int run_sample_command(struct cmd_ctx *c)
{
    const char *name = c->argv[0];

    if (!strcmp(name, "rec") || !strcmp(name, "recin"))
        return run_rec(c, name[3]);
    if (!strcmp(name, "emit") || !strcmp(name, "raw"))
        return print_args(c, c->out, name[0] == 'e' ? "\n" : "");
    if (!strcmp(name, "warn"))
        return print_args(c, c->err, "\n");
    if (!strcmp(name, "status"))
        return c->argc > 1 ? (int)strtol(c->argv[1], NULL, 10) : 0;
    return cmd_run(c);
}

static size_t read_whole(const char *path, char *to, size_t size)
{
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(to, 1, size - 1, f) : 0;

    if (f)
        fclose(f);
    to[n] = '\0';
    return n;
}

static void run_by_weir(const char *text, size_t n, const char *prefix, char *log, char *printed)
{
    static char errors[TEXT];
    struct out_mem out, err;
    struct script_env env;
    struct io_mem in;

    out_mem_init(&record, log, TEXT, false);
    out_mem_init(&out, printed, TEXT, false);
    out_mem_init(&err, errors, TEXT, false);
    io_mem_init(&in, "from stdin\n", 11);
    script_env_init(&env, NULL, &out.out, &err.out, &in.io);
    env.run = run_sample_command;
    env.name = "sample";
    script_set(&env, "T", prefix);
    int status = script_text(&env, text, n);
    out_text(&record.out, "exit %d\n", status);
    script_env_free(&env);
    if (!strncmp(errors, "sample:", 7) && errors[7] != ' ')
        test_failed(__FILE__, __LINE__, "refused: %s", errors);
}

static bool run_by_sh(const char *sample, const char *dir, const char *prefix, char *log, char *printed)
{
    char cmd[1024], path[256];

    snprintf(path, sizeof(path), "%s/prelude", dir);
    FILE *f = fopen(path, "w");
    if (!f || fputs(prelude, f) < 0 || fclose(f))
        return false;
    snprintf(cmd, sizeof(cmd),
             ": >%s/log; echo from stdin | env -i PATH=\"$PATH\" T=%s dash -c '. %s/prelude; . %s' "
             ">%s/out 2>/dev/null 9>>%s/log",
             dir, prefix, dir, sample, dir, dir);
    if (system(cmd) < 0)
        return false;
    snprintf(path, sizeof(path), "%s/log", dir);
    read_whole(path, log, TEXT);
    snprintf(path, sizeof(path), "%s/out", dir);
    read_whole(path, printed, TEXT);
    return true;
}

static size_t line_len(const char *s)
{
    return strcspn(s, "\n");
}

/* Says the first line in which they differ. */
static void check_same(const char *sample, const char *what, const char *got, const char *want)
{
    unsigned line = 1;

    if (!strcmp(got, want))
        return;
    while (*got && line_len(got) == line_len(want) && !strncmp(got, want, line_len(got) + 1)) {
        got += line_len(got) + (got[line_len(got)] == '\n');
        want += line_len(want) + (want[line_len(want)] == '\n');
        line++;
    }
    test_failed(sample, (int)line, "%s: \"%.*s\", but sh \"%.*s\"", what, (int)line_len(got), got, (int)line_len(want),
                want);
}

static void run_sample(const char *folder, const char *name, const char *dir, const char *prefix)
{
    static char text[TEXT], sh_log[TEXT], sh_out[TEXT], log[TEXT], out[TEXT];
    char path[300];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    size_t n = read_whole(path, text, sizeof(text));
    CHECK_NE(n, 0);
    CHECK(run_by_sh(path, dir, prefix, sh_log, sh_out));
    CHECK(strstr(sh_log, "exit ") != NULL); /* it ran */
    run_by_weir(text, n, prefix, log, out);
    check_same(path, "calls", log, sh_log);
    check_same(path, "printed", out, sh_out);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_sample(const struct dirent *d)
{
    return strstr(d->d_name, ".sh") != NULL;
}

static void forget_file(void *arg, const char *path)
{
    file_remove(NULL, path);
}

/* Every script of a folder by both; how many there were. `dir` is for the records. */
static int run_folder(const char *folder, const char *dir)
{
    char prefix[64], cmd[128];
    struct dirent **names;
    int n = scandir(folder, &names, is_sample, by_name);

    snprintf(prefix, sizeof(prefix), "%s.f", dir);
    for (int i = 0; i < n; i++) {
        run_sample(folder, names[i]->d_name, dir, prefix);
        snprintf(cmd, sizeof(cmd), "rm -rf %s.f*", dir);
        CHECK_EQ(system(cmd), 0);
        snprintf(cmd, sizeof(cmd), "%s.f*", dir);
        file_glob(NULL, cmd, forget_file, NULL);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return n;
}

/* A folder that goes when this program has ended, whatever ends it: who removes it waits for that in a session of its
 * own. In /tmp itself, where Weir's files in RAM have the same names. */
static FILE *make_folder(char *dir)
{
    char cmd[256];

    CHECK(mkdtemp(dir) != NULL);
    snprintf(cmd, sizeof(cmd),
             "exec env -u TMPDIR setsid sh -c 'trap \"\" HUP INT TERM; cat >/dev/null; rm -rf \"$1\"*' janitor %s",
             dir);
    return popen(cmd, "we");
}

TEST(script_as_debians_sh)
{
    char dir[] = "/tmp/weir-sh-XXXXXX";

    if (system("command -v dash >/dev/null") != 0) {
        test_skip("no dash");
        return;
    }
    FILE *janitor = make_folder(dir);
    CHECK_LE(60, run_folder("./" SAMPLES, dir));
    CHECK_EQ(pclose(janitor), 0);
    CHECK(access(dir, F_OK));
}

/* Random ones, the same each time; TEST_SEED=n gives others, TEST_LONG=1 more. */
TEST(script_random_as_debians_sh)
{
    char dir[] = "/tmp/weir-sh-XXXXXX", cmd[256];
    const char *seed = getenv("TEST_SEED");
    int count = getenv("TEST_LONG") ? 600 : 60;

    if (system("command -v dash >/dev/null && command -v python3 >/dev/null") != 0) {
        test_skip("no dash or no python3");
        return;
    }
    FILE *janitor = make_folder(dir);
    snprintf(cmd, sizeof(cmd), "mkdir %s/r && python3 " SAMPLES "/generate.py %s/r %ld %d", dir, dir,
             seed ? strtol(seed, NULL, 10) : 1, count);
    CHECK_EQ(system(cmd), 0);
    snprintf(cmd, sizeof(cmd), "%s/r", dir);
    CHECK_EQ(run_folder(cmd, dir), count);
    CHECK_EQ(pclose(janitor), 0);
    CHECK(access(dir, F_OK));
}
