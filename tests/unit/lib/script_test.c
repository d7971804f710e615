/* Scripts: what is refused and where; what runs, with commands that record. (Beside Debian's sh: script_sh_test.c.) */
#include "lib/script.h"

#include <string.h>

#include "host/host.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"

TEST(script_refuses_with_place_and_reason)
{
    static const struct {
        const char *text;
        unsigned line, col;
        const char *msg; /* begins so */
    } cases[] = {
        {"a\nif b; then c; fi", 2, 1, "if: write COMMAND &&"},
        {"while true; do a; done", 1, 1, "while: the only loop"},
        {"case $A in x) y;; esac", 1, 1, "case: "},
        {"f() { a; }", 1, 2, "( ): there are no functions"},
        {"a; (b; c)", 1, 4, "( ): "},
        {"{ a; }", 1, 1, "{: there are no groups"},
        {"a }; }", 1, 6, "}: "},
        {"a `b`", 1, 3, "`...`: write $(...)"},
        {"a \"x `b`\"", 1, 6, "`...`: write $(...)"},
        {"a $((1+2))", 1, 3, "$(( )): there is no arithmetic"},
        {"a ${x:-y}", 1, 3, "of ${ } only ${NAME}"},
        {"a ${#x}", 1, 3, "of ${ } only ${NAME}"},
        {"a $1", 1, 3, "$1: a script has no arguments"},
        {"a \"$@\"", 1, 4, "$@: a script has no arguments"},
        {"a $$", 1, 3, "$$: "},
        {"a $'x'", 1, 3, "$'...': write the quotes"},
        {"a &", 1, 3, "&: commands do not run in the background"},
        {"a &> b", 1, 3, "&>: write >FILE 2>&1"},
        {"a |& b", 1, 3, "|&: write 2>&1 |"},
        {"a <<< b", 1, 3, "<<<: write a here-document"},
        {"a 3> b", 1, 3, "3>: only 1 (output) and 2 (errors)"},
        {"a 2>&-", 1, 3, "closing a stream"},
        {"a <> b", 1, 3, "<>: "},
        {"a >", 1, 4, "a file name is missing"},
        {"A=1 b", 1, 1, "NAME=value before a command"},
        {"IFS=,", 1, 1, "IFS: "},
        {"A+=1", 1, 1, "+=: that is bash's: write A=$A..."},
        {"a ~/x", 1, 3, "~: there are no home directories"},
        {"A=x:~", 1, 5, "~: there are no home directories"},
        {"a\r\nb", 1, 2, "a carriage return"},
        {"; a", 1, 1, "a command is missing before \";\""},
        {"a && || b", 1, 6, "a command is missing before \"|\""},
        {"a;; b", 1, 2, ";;: there is no case"},
        {"a )", 1, 3, "a ) without its $("},
        {"for x; do a; done", 1, 6, "\"in\" should stand here"},
        {"for 1x in a; do b; done", 1, 5, "for wants a variable"},
        {"for x in a b do c; done", 1, 20, "\"do\" should stand here"},
        {"for x in a; do done", 1, 16, "nothing between do and done"},
        {"for x in a; do b; done c", 1, 24, "behind done stands"},
        {"done", 1, 1, "done: there is no for"},
        {"[[ a ]]", 1, 1, "[[: that is bash's"},
        {"eval a", 1, 1, "eval: write the command out"},
        {". /etc/x", 1, 1, ".: put the lines here, or write sh FILE"},
        {"set -o pipefail", 1, 5, "set: understood are"},
        {"! ! a", 1, 3, "! twice"},
        {"gr\xc3\xbc\xc3\x9f `", 1, 6, "`...`"},
        {"a $(b <<E)\nE\n", 1, 7, "a here-document inside of $( )"},
        {"$($($($($($($($($(a)))))))))", 1, 17, "more than 8 loops and $( )"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct script_err err;
        struct script *s = script_parse(cases[i].text, strlen(cases[i].text), &err);
        if (s || err.line != cases[i].line || err.col != cases[i].col ||
            strncmp(err.msg, cases[i].msg, strlen(cases[i].msg)) || err.incomplete)
            test_failed(__FILE__, __LINE__, "%s: %u:%u: %s", cases[i].text, err.line, err.col, s ? "taken" : err.msg);
        script_free(s);
    }
}

TEST(script_incomplete_asks_for_more)
{
    static const char *const texts[] = {
        "a 'b",
        "a \"b",
        "a \\",
        "a $(b",
        "a ${b",
        "a <<E\nx\n",
        "a <<E",
        "for",
        "for x in a",
        "for x in a; do",
        "for x in a; do b",
        "a &&",
        "a |",
        "a ||\n",
        "a $(b <<E\n",
        "for x in a; do\n b \"",
    };

    for (unsigned i = 0; i < ARRAY_LEN(texts); i++) {
        struct script_err err;
        struct script *s = script_parse(texts[i], strlen(texts[i]), &err);
        bool name_missing = strcmp(texts[i], "for") == 0; /* nothing that could follow on the next line is a name */
        if (s || err.incomplete == name_missing)
            test_failed(__FILE__, __LINE__, "%s: %s", texts[i], s ? "taken" : err.msg);
        script_free(s);
    }
}

/* ---- running, with commands that record ---- */

static int run_recorded(struct cmd_ctx *c)
{
    char buf[256];
    ssize n = 0;

    if (strcmp(c->argv[0], "echo") == 0 || strcmp(c->argv[0], "yes") == 0) {
        do {
            for (int i = 1; i < c->argc; i++)
                out_text(c->out, "%s%s", i > 1 ? " " : "", c->argv[i]);
            out_text(c->out, "\n");
        } while (c->argv[0][0] == 'y' && !out_failed(c->out) && !task_interrupted());
        return 0;
    }
    if (strcmp(c->argv[0], "cat") == 0) {
        while ((n = io_read(c->in, buf, sizeof(buf))) > 0 && !out_failed(c->out))
            out_raw(c->out, buf, (size_t)n);
        return n < 0;
    }
    if (strcmp(c->argv[0], "byte") == 0) { /* one, and leaves */
        io_read(c->in, buf, 1);
        out_raw(c->out, buf, 1);
        return 0;
    }
    if (strcmp(c->argv[0], "warn") == 0) {
        out_text(c->err, "warning\n");
        return 0;
    }
    if (strcmp(c->argv[0], "interrupt") == 0) {
        task_interrupt(task_self());
        return 0;
    }
    return cmd_run(c);
}

struct ran {
    int status;
    unsigned failures;
    bool exited;
    char out[4096], err[1024];
};

static struct ran run_named(const char *text, const char *name)
{
    static struct ran r;
    struct out_mem out, err;
    struct script_env env;
    struct io_mem in;

    out_mem_init(&out, r.out, sizeof(r.out), false);
    out_mem_init(&err, r.err, sizeof(r.err), false);
    io_mem_init(&in, "stdin\n", 6);
    script_env_init(&env, NULL, &out.out, &err.out, &in.io);
    env.run = run_recorded;
    env.name = name;
    r.status = script_text(&env, text, strlen(text));
    r.failures = env.failures;
    r.exited = env.exited;
    script_env_free(&env);
    task_interrupt_clear();
    return r;
}

static struct ran run(const char *text)
{
    return run_named(text, "t");
}

TEST(script_runs)
{
    static const struct {
        const char *text, *out;
        int status;
    } cases[] = {
        {"", "", 0},
        {"echo a  'b  c' \"d\"e", "a b  c de\n", 0},
        {"A=1; B=$A$A; echo ${B}x \"$B\" '$B' \\$B", "11x 11 $B $B\n", 0},
        {"A='x  y'; echo $A; echo \"$A\"", "x y\nx  y\n", 0},
        {"echo a | cat | cat", "a\n", 0},
        {"cat", "stdin\n", 0},
        {"cat </dev/null", "", 0},
        {"false; echo $?; true; echo $?", "1\n0\n", 0},
        {"false && echo a || echo b", "b\n", 0},
        {"! false && echo yes", "yes\n", 0},
        {"! true", "", 1},
        {"for i in 1 '2 3' $NONE; do echo \"<$i>\"; done", "<1>\n<2 3>\n", 0},
        {"for i in; do echo x; done; echo $?", "0\n", 0},
        {"for i in 1 2 3; do echo $i; break; done", "1\n", 0},
        {"for i in 1 2; do for j in a b; do echo $i$j; continue 2; done; done", "1a\n2a\n", 0},
        {"for i in 1 2; do for j in a b; do break 2; done; done; echo $i$j", "1a\n", 0},
        {"A=$(echo 'x\ny\n\n\n'); echo \"[$A]\"", "[x\ny]\n", 0},
        {"A=$(false); echo $?", "1\n", 0},
        {"A=$(exit 7); echo $?", "7\n", 0},
        {"A=1; echo x | A=2; echo $A", "1\n", 0},
        {"cat <<E\na $A\\$ \"q\" $(echo sub)\nE\n", "a $ \"q\" sub\n", 0},
        {"cat <<'E'\na $A\\$\nE\n", "a $A\\$\n", 0},
        {"cat <<-E\n\t\ta\n\tE\necho b", "a\nb\n", 0},
        {"cat <<A; cat <<B\n1\nA\n2\nB\n", "1\n2\n", 0},
        {"set -e; false; echo no", "", 1},
        {"set -e; false || true; ! true; echo on", "on\n", 0},
        {"set -e; for i in 1 2; do echo $i; false; done; echo no", "1\n", 1},
        {"set -e; A=$(false); echo no", "", 1},
        {"set -e; echo a | false; echo no", "", 1},
        {"exit 3; echo no", "", 3},
        {"nosuch", "", 127},
        {"warn 2>&1 | cat", "warning\n", 0},
        {"warn 2>/dev/null", "", 0},
        {"echo a >/dev/null; echo b", "b\n", 0},
        {"echo a >/tmp/st; echo b >>/tmp/st; cat </tmp/st", "a\nb\n", 0},
        {"echo x >/tmp/st; echo /tmp/s* /tmp/s'*' /tmp/q*", "/tmp/st /tmp/s* /tmp/q*\n", 0},
        {"for i in 1 2; do echo $i; done | cat", "1\n2\n", 0},
        {"for i in 1 2; do cat; done <<E\nx\nE\n", "x\n", 0},
        {"yes | byte", "\n", 0},
        {"yes a | cat | byte", "a", 0},
        {"for i in 1 2 3; do yes $i; done | byte", "1", 0},
        {"set -u; echo $UNSET; echo no", "", 2},
        {"A=x; unset A; echo [$A]; export B=2; echo $B", "[]\n2\n", 0},
        {"echo $(echo $(echo $(echo deep)))", "deep\n", 0},
        {"echo a#b #c", "a#b\n", 0},
        {"$NONE", "", 0},
        {"$NONE echo x", "x\n", 0},
        {"E=echo; $E x", "x\n", 0},
        {"cat </none; echo $?", "2\n", 0},
        {": </none; echo no", "", 2},
        {"echo x >/none/y; echo $?", "2\n", 0},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct ran r = run(cases[i].text);
        if (strcmp(r.out, cases[i].out) || r.status != cases[i].status)
            test_failed(__FILE__, __LINE__, "%s\n  gave %d \"%s\" not %d \"%s\" (%s)", cases[i].text, r.status, r.out,
                        cases[i].status, cases[i].out, r.err);
    }
    file_remove(NULL, "/tmp/st");
}

TEST(script_tells_failures)
{
    struct ran r = run("true\nnosuch a b\nfalse || true\necho x | false\nA=$(false)");

    CHECK_EQ(r.failures, 4); /* the last counts twice: within and as the assignment */
    CHECK_STR(r.err, "nosuch: command not found\nt: line 2: \"nosuch a b\" failed (status 127)\n"
                     "t: line 4: \"false\" failed (status 1)\nt: line 5: \"false\" failed (status 1)\n"
                     "t: line 5: \"A\" failed (status 1)\n");
    r = run_named("echo x >/none/y", NULL);
    CHECK_STR(r.err, "weir: cannot create /none/y: No such file or directory\n");
    r = run("a\n  'b");
    CHECK_EQ(r.status, 2);
    CHECK_STR(r.err, "t:2:3: a quote ' that is not closed\n");
    r = run_named("set -e; false", NULL);
    CHECK(r.exited);
    r = run_named("set -u; echo $X", NULL);
    CHECK(!r.exited);
}

static char stored[64];

static int store(struct file_req *r)
{
    if (r->data[0] == 'x')
        return -EINVAL;
    fmt(stored, sizeof(stored), "%s", r->data);
    return 0;
}

static int show(struct file_req *r)
{
    out_text(r->out, "shown\n");
    return 0;
}

FILE_VIEW(test_script, .path = "/testscript/rw", .show = show, .store = store);
FILE_VIEW(test_script_ro, .path = "/testscript/ro", .show = show);

TEST(script_writes_views_in_one_piece)
{
    struct ran r = run("echo 1 2 3 >/testscript/rw; cat </testscript/rw");

    CHECK_STR(stored, "1 2 3\n");
    CHECK_STR(r.out, "shown\n");
    r = run("for i in a b; do echo $i; done >/testscript/rw");
    CHECK_STR(stored, "a\nb\n");
    r = run("echo x >/testscript/rw; echo $?");
    CHECK_STR(r.out, "1\n");
    CHECK_STR(r.err, "t: line 1: /testscript/rw: write error: Invalid argument\n"
                     "t: line 1: \"echo x\" failed (status 1)\n");
    r = run("echo x >/testscript/ro; echo $?");
    CHECK_STR(r.out, "2\n");
    CHECK(strstr(r.err, "cannot create /testscript/ro: Permission denied"));
}

TEST(script_interrupt_ends_it)
{
    struct ran r = run("for i in 1 2 3; do echo $i; interrupt; done; echo no");

    CHECK_STR(r.out, "1\n");
    CHECK_EQ(r.status, 130);
    r = run("yes | interrupt");
    CHECK_EQ(r.status, 130);
    r = run("echo $(interrupt; echo no) no");
    CHECK_EQ(r.status, 130);
}

static int name_seen(void *arg, const char *name, unsigned line, unsigned col)
{
    char *s = arg;
    fmt(s + strlen(s), 256 - strlen(s), "%s@%u:%u ", name, line, col);
    return 0;
}

TEST(script_names_its_commands)
{
    static const char text[] = "a b\nfor i in $(c); do\n  d | e <<E && 'f'\n$(g)\nE\ndone >$(h); A=$(i); true; $j";
    char names[256] = "";
    struct script_err err;
    struct script *s = script_parse(text, sizeof(text) - 1, &err);

    CHECK(s != NULL);
    if (!s)
        return;
    script_each_command(s, name_seen, names);
    script_free(s);
    CHECK_STR(names, "a@1:1 c@2:12 d@3:3 e@3:7 g@4:3 h@6:9 i@6:17 ");
}

/* Every allocation fails once: nothing crashes, nothing stays behind. */
TEST(script_survives_no_memory)
{
    static const char text[] =
        "A='x y'; for i in $A /tmp/*; do echo $i \"$(echo b)\" | cat >/dev/null; done\ncat <<E\n$A\nE\n";

    for (u64 n = 1; n < 2000; n++) {
        host_mem_fail_at(n);
        run(text);
        bool failed = host_mem_failed();
        host_mem_fail_at(0);
        if (!failed)
            return;
    }
    test_failed(__FILE__, __LINE__, "it never ran through");
}

static int run_within(struct cmd_ctx *c)
{
    struct script_env env;

    script_env_within(&env, c);
    env.run = run_within;
    int status = script_text(&env, "itself", 6);
    script_env_free(&env);
    return status;
}

TEST(script_that_runs_itself_ends)
{
    char buf[256], *argv[] = {"itself", NULL};
    struct out_mem m;
    struct cmd_ctx c = {.out = &m.out, .err = &m.out, .argc = 1, .argv = argv};

    out_mem_init(&m, buf, sizeof(buf), false);
    CHECK_EQ(run_within(&c), 2);
    CHECK_STR(buf, "weir: too many scripts within each other\n");
}
