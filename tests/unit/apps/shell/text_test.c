/* The text tools against those of this machine, on generated text; and what is Weir's own, against tables. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/cmd.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/net.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "tests/unit/apps/shell/tool.h"

/* Lines such as the tools meet: names with numbers, columns, blanks, repeats, an empty line now and then. */
static size_t make_text(char *p, size_t room, unsigned lines)
{
    static const char *const names[] = {
        "eth0", "eth1", "lo", "rx_errors:", "tx_drop:", "CPU0", "Eth0", "miss", "b", ""};
    size_t n = 0;
    for (unsigned i = 0; i < lines; i++) {
        unsigned words = (unsigned)(test_rand() % 5);
        for (unsigned w = 0; w < words; w++) {
            if (test_rand() % 2)
                n += fmt(p + n, room - n, "%s%s", w ? (test_rand() % 4 ? " " : "\t") : "",
                         names[test_rand() % ARRAY_LEN(names)]);
            else
                n += fmt(p + n, room - n, "%s%u", w ? (test_rand() % 3 ? " " : "  ") : "",
                         (unsigned)(test_rand() % 120));
        }
        if (i + 1 < lines || test_rand() % 3)
            n += fmt(p + n, room - n, "\n");
    }
    return n;
}

static void compare_all(const char *const *lines, size_t count)
{
    static char text[16384];
    for (size_t i = 0; i < count; i++) {
        for (unsigned size = 0; size < 3; size++) {
            size_t n = size ? make_text(text, sizeof(text), size == 1 ? 12 : 60) : 0;
            if (!TOOL_COMPARE(lines[i], text, n)) {
                test_skip("no sh or no such tool on this machine");
                return;
            }
        }
    }
}

TEST(grep_as_on_this_machine)
{
    static const char *const lines[] = {
        "grep eth0",
        "grep -i eth0",
        "grep -v eth0",
        "grep -c eth",
        "grep -n -A2 miss",
        "grep -B1 -A1 CPU",
        "grep -C2 -n drop",
        "grep -o '[0-9][0-9]*'",
        "grep -oE '[a-z]+[0-9]'",
        "grep -E 'rx|tx'",
        "grep -iE 'rx.*(drop|err)'",
        "grep -w 1",
        "grep -wo eth",
        "grep -x lo",
        "grep -q lo",
        "grep -m2 eth",
        "grep -F tx_drop:",
        "grep -e lo -e miss",
        "grep -c ''",

        "grep '^$'",
        "grep -n '^e'",
        "grep '[0-9]$'",
        "grep -H eth0",
        "grep -l eth0",
        "grep -L eth0",
        "grep -E '[0-9]{2,3}'",
        "grep 'e\\(th\\|rr\\)'",
        "grep nosuchword",
        "grep -E '('",
        "grep -m1 -A1 eth",
        "grep -on 'o'",
        "grep -E '^(eth|CPU)[01]( |$)'",
        "grep -iw ETH0",
        "grep -A 1 -i -- eth1",
        "grep -vn e",
        "egrep 'a|b'",
        "fgrep .",
        "grep -ic LO",
        "grep -m0 e",
        "grep -A0 -C2 lo",
        "grep -C1 -B0 -n lo",
        "grep -C2 -A1 -B1 -n miss",
        "grep -h -H lo",
        "grep -H -h lo",
        "grep -l -L lo",
        "grep -L -l lo",
        "grep -r lo -",
    };
    compare_all(lines, ARRAY_LEN(lines));
}

TEST(head_and_tail_as_on_this_machine)
{
    static const char *const lines[] = {
        "head",
        "head -3",
        "head -n 3",
        "head -n3",
        "head -n 0",
        "head -n 100",
        "head -n -3",
        "head -n -100",
        "head -c 10",
        "head -c 0",
        "head -c -7",
        "tail",
        "tail -3",
        "tail -n 3",
        "tail -n +3",
        "tail -n +1",
        "tail -n +0",
        "tail -n +99",
        "tail -n 0",
        "tail -c 10",
        "tail -c +10",
        "tail -c 0",
        "tail -c +0",
        "tail -n 1000",
        "tail -n -2",
        "head -qn -5",
        "tail +3",
        "tail -c 99999999",
        "tail -n 1000000",
        "head -n -1000000",
        "head -n1 - -",
        "tail -c -7",
        "head -c -99999999",
        "head -c -300",
        "head -n 0 /nonexistent",
        "head -- -5",
        "head -n1 /nonexistent -",
        "tail -n1 - /nonexistent",
    };
    compare_all(lines, ARRAY_LEN(lines));
}

TEST(wc_and_cat_as_on_this_machine)
{
    static const char *const lines[] = {"wc",      "wc -l",
                                        "wc -w",   "wc -c",
                                        "wc -lc",  "wc -lwc",
                                        "wc -m",   "wc -L",
                                        "cat",     "cat -n",
                                        "cat -b",  "cat -s",
                                        "cat -E",  "cat -T",
                                        "cat -A",  "cat -v",
                                        "cat -nE", "cat -",
                                        "tee",     "cat /nonexistent",
                                        "wc -",    "wc - /nonexistent",
                                        "wc -l -"};
    compare_all(lines, ARRAY_LEN(lines));
}

TEST(sort_and_uniq_as_on_this_machine)
{
    static const char *const lines[] = {
        "sort",          "sort -r",       "sort -n",          "sort -rn",         "sort -u",        "sort -k2",
        "sort -k2n",     "sort -k2,2nr",  "sort -t: -k2",     "sort -f",          "sort -b",        "sort -k1,1 -k2,2n",
        "sort -nu",      "sort -s -k1,1", "sort -k1.2,1.3",   "sort -k2b,2",      "sort -t' ' -k3", "sort -rk1,1",
        "sort -fu",      "sort -c",       "sort -k 2,2 -k 1", "sort -k2,2.1n -r", "uniq",           "uniq -c",
        "uniq -d",       "uniq -u",       "uniq -i",          "uniq -f1",         "uniq -s2",       "uniq -w2",
        "uniq -cd -w 1", "uniq -ci",      "sort -V",
    };
    compare_all(lines, ARRAY_LEN(lines));
}

TEST(cut_and_tr_as_on_this_machine)
{
    static const char *const lines[] = {
        "cut -d' ' -f1",
        "cut -d' ' -f2-",
        "cut -d ' ' -f 1,3",
        "cut -c1-3",
        "cut -c2-",
        "cut -c -4",
        "cut -f1",
        "cut -f2 -s",
        "cut -d: -f1",
        "cut -b3",
        "cut -d' ' -f3,1",
        "cut -c5,1-2",
        "tr a-z A-Z",
        "tr -d 0-9",
        "tr -s ' '",
        "tr -cd '0-9\\n'",
        "tr -c '0-9\\n' _",
        "tr '[:lower:]' '[:upper:]'",
        "tr -s '\\n'",
        "tr ' \\t' ,",
        "tr -d '\\n'",
        "tr -s a-z A-Z",
        "tr -ds e '\\n'",
        "tr abc x",
        "tr '\\040' '\\011'",
        "tr e0t '[x*2]y'",
        "tr e0t 'z[x*]'",
        "tr 0-9e '[_*012]'",
        "tr -c '[:alnum:]' '[\\n*]'",
        "tr '[=e=]' '[E*]'",
        "tr '[]' '()'",
        "cut -d' ' -f 2,-1",
        "cut -c 99999999999-",
        "cut -c -99999999999",
    };
    compare_all(lines, ARRAY_LEN(lines));
}

/* Numbers in any order and of any size, with signs and fractions. */
TEST(sort_numbers)
{
    static struct tool_result r;
    static const char text[] = "10\n9\n-1\n-10\n0.5\n0\n00012\n123456789012345678901234567890\nx\n-0.25\n12\n1e3\n";
    TOOL_COMPARE("sort -n", text, sizeof(text) - 1);
    TOOL_COMPARE("sort -rn", text, sizeof(text) - 1);
    tool_run(&r, "sort -n", text, sizeof(text) - 1);
    CHECK(str_starts(r.out, "-10\n-1\n-0.25\n0\n"));
}

TEST(tools_are_bounded)
{
    static struct tool_result r;
    size_t n = 12 << 20;
    char *text = mem_alloc(n);
    memset(text, 'x', n);
    for (size_t i = 100; i < n; i += 100)
        text[i] = '\n';
    tool_run(&r, "sort", text, n);
    CHECK_EQ(r.status, 2);
    CHECK(strstr(r.err, "too much to sort") != NULL);
    CHECK_EQ(r.out_len, 0);
    tool_run(&r, "tail -n 90000", text, n);
    CHECK_EQ(r.status, 1);
    memset(text, 'x', n);
    static const char *const lines[] = {"grep x", "sort", "uniq", "cut -c1", "tail", "awk '{print}'"};
    for (size_t i = 0; i < ARRAY_LEN(lines) - 1; i++) {
        tool_run(&r, lines[i], text, n);
        CHECK(r.status == 1 || r.status == 2);
        CHECK(strstr(r.err, "longer than 1 MiB") != NULL);
        CHECK_EQ(r.out_len, 0);
    }
    mem_free(text);
}

/* Whichever allocation fails: a tool says so, or did without. */
TEST(tools_survive_no_memory)
{
    static const char *const lines[] = {
        "grep -nE -B2 -A1 -e 'eth[0-9]+' -e lo",
        "grep -o e.",
        "head -n -2",
        "head -c -5",
        "tail -n3",
        "tail -c 9",
        "wc -lw",
        "wc - -",
        "sort -k2,2n -u",
        "sort -V",
        "uniq -c",
        "cut -d' ' -f2",
        "tr a-z A-Z",
        "cat -n",
        "xargs -n2",
        "xargs -I{} printf '%s\n' {}{}",
        "ls /",
        "grep -r lo /proc/sys/kernel",
        "watch -c1 echo x",
        "awk '{print $2}'",
        "awk -F'[ :]' '{a[$1] = a[$1] $2; gsub(\"e\" \"t\", \"<&>\", $2); $5 = \"x\"; print} END {print a[1]}'",
        "awk -v x=1 '{n = split($0, p, \"[0-9]\" \"+\"); s = s sprintf(\"%9s\", p[n])} END {print toupper(s), x}'"};
    static const char text[] = "eth0 12 x\nlo 7\neth1: 3 4 5 6\n\neth0 2\n";
    static struct tool_result whole, r;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        tool_run(&whole, lines[i], text, sizeof(text) - 1);
        size_t live = host_mem_live();
        for (u64 n = 1;; n++) {
            host_mem_fail_at(n);
            tool_run(&r, lines[i], text, sizeof(text) - 1);
            bool failed = host_mem_failed();
            host_mem_fail_at(0);
            if (!failed)
                break;
            CHECK_EQ(host_mem_live(), live);
            if (r.status == whole.status && !str_eq(r.out, whole.out) && !r.err[0])
                test_failed(__FILE__, __LINE__, "%s without allocation %llu: %d \"%s\" (%s)", lines[i],
                            (unsigned long long)n, r.status, r.out, r.err);
        }
    }
}

struct answer {
    const char *line, *input, *out, *err;
    int status;
};

static void check_answers(const struct answer *a, size_t n)
{
    static struct tool_result r;
    for (; n; n--, a++) {
        tool_run(&r, a->line, a->input, strlen(a->input));
        if (!str_eq(r.out, a->out) || r.status != a->status || (a->err && !strstr(r.err, a->err)))
            test_failed(__FILE__, __LINE__, "%s: %d \"%s\" (%s), not %d \"%s\" (%s)", a->line, r.status, r.out, r.err,
                        a->status, a->out, a->err ? a->err : "");
    }
}

/* NULs are bytes like others, and a line of a MiB is cut where it is said. */
TEST(tools_take_any_bytes)
{
    static const char *const lines[] = {"uniq -i",      "uniq -c", "cut -f1",  "cut -d: -f1", "cut -c1-2", "sort -u",
                                        "tr '\\000' x", "cat -A",  "head -n1", "tail -n1",    "wc -lc",    "cat -n"};
    static const char nuls[] = "a\0b\na\0c:d\nA\0C:d\n\0";
    static struct tool_result r;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        TOOL_COMPARE(lines[i], nuls, sizeof(nuls) - 1);
    size_t n = 1 << 20;
    char *text = mem_alloc(n);
    memset(text, 'x', n);
    tool_run(&r, "cut -c1000000-", text, n);
    CHECK_EQ(r.out_len, n - 1000000 + 2);
    mem_free(text);
}

TEST(text_tools_refuse_with_a_reason)
{
    static const struct answer answers[] = {
        {"grep", "", "", "usage: grep", 2},
        {"grep -Z x", "", "", "unknown option '-Z'", 2},
        {"grep 'a\\(b\\)\\1'", "", "", "back-references", 2},
        {"grep x /nonexistent", "", "", "/nonexistent: No such file or directory", 2},
        {"head -n x", "", "", "\"x\" is not a number", 2},
        {"tail -f", "", "", "dmesg -w", 2},
        {"wc -x", "", "", "usage: wc", 2},
        {"sort -k x", "", "", "\"x\" is not understood", 2},
        {"cut -c 0", "a", "", "is no list", 2},
        {"cut", "a", "", "which part", 2},
        {"cut -c1 -d:", "a", "", "-d goes with -f", 2},
        {"cut -s -c1", "a", "", "-s goes with -f", 2},
        {"cut -f -", "a", "", "a number is missing", 2},
        {"cut -f 3-1", "a", "", "end is below", 2},
        {"tr a '[x*]y'", "a", "", "stands at the end", 2},
        {"tr '\\000-\\377\\000-\\377a' x", "a", "", "too long a set", 2},
        {"printf 'x\\cy'", "", "x\\cy", NULL, 0},
        {"printf '%10b' x", "", "", "%b has no width", 1},
        {"printf '%99999d' 1", "", "", "too wide", 1},
        {"printf '%*d' 99999 1", "", "", "too wide", 1},
        {"cat -E", "a\r\nb\r", "a^M$\nb\r", NULL, 0},
        {"sort -t '\\t'", "", "", "is not understood", 2},
        {"sort -k1.0", "", "", "is not understood", 2},
        {"sort -c a b", "", "", "looks at one file", 2},
        {"sort -c -", "b\na\n", "", "-:2: disorder: a", 1},
        {"history -c 1 2", "", "", "no console", 1},
        {"grep -e0 -e1 -e2 -e3 -e4 -e5 -e6 -e7 -e8 -e9 -ea -eb -ec -ed -ee -ef -eg", "g", "", "more than 16 patterns",
         2},
        {"tr z-a x", "a", "", "range", 2},
        {"grep --help", "",
         "usage: grep [-EFivwxcloqnrHhs] [-m N] [-A N] [-B N] [-C N] [-e PATTERN | PATTERN] "
         "[FILE...]\nlines that match a pattern\n",
         NULL, 0},
    };
    check_answers(answers, ARRAY_LEN(answers));
}

TEST(echo_escapes)
{
    static const struct answer answers[] = {
        {"echo", "", "\n", NULL, 0},
        {"echo a  'b c' -n", "", "a b c -n\n", NULL, 0},
        {"echo -n a", "", "a", NULL, 0},
        {"echo -en 'a\\tb\\n\\0101\\x42\\\\'", "", "a\tb\nAB\\", NULL, 0},
        {"echo -e 'a\\cb' c", "", "a", NULL, 0},
        {"echo -e '\\q\\u00f6'", "", "\\q\303\266\n", NULL, 0},
        {"echo 'a\\tb'", "", "a\\tb\n", NULL, 0},
        {"echo -x -", "", "-x -\n", NULL, 0},
    };
    check_answers(answers, ARRAY_LEN(answers));
}

TEST(printf_seq_test_xargs_date_as_on_this_machine)
{
    static const char *const lines[] = {
        "printf '%s\\n' a b c",
        "printf '%5d|%-5d|%05d\\n' 1 2 3 4",
        "printf '%x %X %o %u %i\\n' 255 255 8 7 -3",
        "printf '%s %d\\n' eth0",
        "printf '%c%c\\n' abc def",
        "printf 'a\\tb\\101\\n'",
        "printf '%b\\n' 'x\\ty'",
        "printf '%*d|%-*s|\\n' 5 42 6 ab",
        "printf '%.2s%%\\n' abcdef",
        "printf 'no newline'",
        "printf '%d\\n' 0x1f 010",
        "printf '%d %d\\n' \"'a\" -5",
        "printf -- '%s\\n' a",
        "printf '%d|%d|%d|%d\\n' 12x ' 5' '5 ' +5",
        "printf '%d %d\\n' -9223372036854775808 -9223372036854775809",
        "printf '%d %i %u\\n' 9223372036854775808 99999999999999999999 18446744073709551615",
        "printf '%x %u\\n' -1 -9223372036854775809",
        "printf '%600d|%.600d|%3000s|%-04096d|%04000.0100d\\n' 1 2 3 4 5",
        "printf '%*d|%-*d|\\n' 1500 1 -1500 2",
        "seq -w -5 5",
        "seq -s, -2 2",
        "test ! x -a ''",
        "test ! '' -o x",
        "test '1 ' -eq ' 1'",
        "test 9223372036854775807 -gt -9223372036854775807",
        "test 9223372036854775808 -gt 1",
        "test ! ! x",
        "test ! '' = x",
        "seq 5",
        "seq 3 6",
        "seq 10 -3 1",
        "seq 5 1",
        "seq -2 2",
        "seq -w 8 11",
        "seq -s, 1 4",
        "test a = a",
        "test a = b",
        "test a != b",
        "test -n ''",
        "test -z ''",
        "test 3 -lt 10",
        "test 3 -gt 10",
        "test -5 -lt 010",
        "test '' ",
        "test",
        "test x",
        "test ! x",
        "test ! '' ",
        "test -n x -a -z ''",
        "test -z x -o 1 -eq 1",
        "test '(' a = b ')' -o c = c",
        "test '(' = '('",
        "test ! a = b",
        "test ! '(' a = a ')'",
        "test -e /nonexistent",
        "test -d /proc -a 1 = 2",
        "test x -eq 1",
        "test a b c d",
        "[ a = a ]",
        "[ a = a",
        "xargs",
        "xargs -n2",
        "xargs -n 1 echo x",
        "xargs -I{} echo '<{}>' {}{}",
        "xargs -r echo y",
        "xargs -0 -n1 echo x",
        "xargs -0 -I{} echo '<{}>'",
        "date -u -d @0",
        "date -u -d @1709210096 '+%Y-%m-%d %H:%M:%S %a %A %b %B %j %e %I %p %u %w %y %s %Z %z %F'",
        "date -u -d @1709210096 '+%T %D %R %V %G %C %k %l%%'",
        "date -u -d '2021-01-03 23:59:59' '+%V %G %U' ",
        "date -u -d 2024-12-30 '+%V %G %c'",
        "date -u -R -d @1700000000",
    };
    size_t n = ARRAY_LEN(lines);
    static const char text[] = "eth0 eth1\n  lo 'two words' \"x y\" a\\ b\n\nlast";
    for (size_t i = 0; i < n; i++) {
        if (str_starts(lines[i], "xargs -I"))
            TOOL_COMPARE(lines[i], "one two\n three\n", 15);
        else if (strstr(lines[i], "%U"))
            continue;
        else if (!TOOL_COMPARE(lines[i], text, sizeof(text) - 1))
            test_skip("no sh on this machine");
    }
    for (unsigned i = 0; i < 30; i++) {
        char line[96];
        fmt(line, sizeof(line), "date -u -d @%llu '+%%G-%%V %%j %%c'", (unsigned long long)(test_rand() % 4102444800));
        TOOL_COMPARE(line, "", 0);
    }
}

/* Options among the words that are piped in belong to the call that gets them, not to those behind it. */
TEST(xargs_calls_each_time_with_its_own_words)
{
    static struct tool_result r;
    static char words[40008];
    TOOL_COMPARE("xargs -n1 grep -c x -", "-H\n-c\n-v\n", 9);
    TOOL_COMPARE("xargs -0 -n1 echo x", "a\0\0b c\0\0", 8);
    TOOL_COMPARE("xargs -0 -I{} echo '<{}>'", "a\0 b\0", 5);
    tool_run(&r, "xargs -n1 nosuch", "a b c", 5);
    CHECK_EQ(r.status, 127);
    CHECK_STR(r.err, "nosuch: command not found\n");
    memset(words, 'b', sizeof(words)); /* too long a word; then ones that fit, but not into one call */
    tool_run(&r, "xargs", words, sizeof(words));
    CHECK_EQ(r.status, 1);
    CHECK(strstr(r.err, "longer than 32768 bytes") != NULL);
    words[15000] = ' ';
    tool_run(&r, "xargs echo x", words, sizeof(words));
    CHECK_EQ(r.status, 0);
    CHECK_EQ(r.out_len, sizeof(words) + 2 * 2 + 1); /* the words and their gap, each with an x, two newlines */
}

TEST(commands_say_what_to_use_instead)
{
    static const struct answer answers[] = {
        {"modprobe tcp_bbr", "", "", "modprobe: Weir has no modules", 1},
        {"strace -p 1", "", "", "perf top", 1},
        {"nsenter -t 12345 -n ip -s link", "", "", "ip -s link", 1},
        {"perf record -a -g sleep 5", "", "", "perf top", 1},
        {"sudo echo x", "", "x\n", NULL, 0},
        {"sudo time sudo xargs echo x", "y", "x y\n", "real", 0},
        {"sudo sudo sudo sudo sudo sudo echo x", "", "", "more than 4 commands within each other", 126},
        {"xargs -n1 time time time time time xargs", "a b", "", "more than 4 commands within each other", 126},
        {"uname -sm", "", "Weir x86_64\n", NULL, 0},
        {"uname --help", "", "usage: uname [-asnrvmpio]\nwhich system this is\n", NULL, 0},
        {"uname -a x", "", "", "not understood", 2},
        {"which grep", "", "grep: a command of Weir\n", NULL, 0},
        {"type export grep", "", "export is a shell builtin\ngrep is a command of Weir\n", NULL, 0},
        {"type nosuch", "", "", "nosuch: not found", 1},
        {"help uniq", "",
         "uniq [-cdui] [-f FIELDS] [-s CHARS] [-w CHARS] [FILE]\n"
         "    neighbouring lines that are alike become one\n",
         NULL, 0},
        {"help -j true2", "", "[]\n", "there is no command", 1},
        {"date -s now", "", "", "is no time", 2},
        {"date 12:00", "", "", "set by -s", 2},
        {"date -s '2024-02-29 12:30'", "", "Thu Feb 29 12:30:00 UTC 2024\n", NULL, 0},
        {"date -s 1969-01-01", "", "", "from 1970", 1},
        {"date -d @1700000000 -j", "", "{\"date\":\"2023-11-14T22:13:20Z\",\"seconds\":1700000000}\n", NULL, 0},
    };
    check_answers(answers, ARRAY_LEN(answers));
}

TEST(help_lists_every_command)
{
    static struct tool_result r;
    tool_run(&r, "help", "", 0);
    CHECK_EQ(r.status, 0);
    for (const struct cmd *e = cmd_next(NULL); e; e = cmd_next(e))
        CHECK(strstr(r.out, e->name) != NULL);
}

TEST(files_are_listed_read_and_removed)
{
    static struct tool_result r;
    CHECK_EQ(file_write(net_first, "/tmp/shell_test", "one\ntwo\n", 8, false), 0);
    tool_run(&r, "cat /tmp/shell_test /tmp/nosuch", "", 0);
    CHECK_STR(r.out, "one\ntwo\n");
    CHECK_STR(r.err, "cat: /tmp/nosuch: No such file or directory\n");
    CHECK_EQ(r.status, 1);
    tool_run(&r, "grep -n o /tmp/shell_test", "", 0);
    CHECK_STR(r.out, "1:one\n2:two\n");
    tool_run(&r, "grep -r tw /tmp", "", 0);
    CHECK_STR(r.out, "/tmp/shell_test:two\n");
    tool_run(&r, "wc -l /tmp/shell_test", "", 0);
    CHECK_STR(r.out, "2 /tmp/shell_test\n");
    tool_run(&r, "head -n1 /tmp/shell_test /tmp/shell_test", "", 0);
    CHECK_STR(r.out, "==> /tmp/shell_test <==\none\n\n==> /tmp/shell_test <==\none\n");
    tool_run(&r, "grep -r one /tmp/shell_test", "", 0);
    CHECK_STR(r.out, "one\n");
    tool_run(&r, "grep -rh tw /tmp", "", 0);
    CHECK_STR(r.out, "two\n");
    tool_run(&r, "tee /tmp/shell_test2", "abc", 3);
    tool_run(&r, "cat -n /tmp/shell_test2 /tmp/shell_test", "", 0);
    CHECK_STR(r.out, "     1\tabcone\n     2\ttwo\n");
    tool_run(&r, "ls /tmp/shell_test /tmp /tmp/shell_test2", "", 0);
    CHECK_STR(r.out, "/tmp/shell_test\n/tmp/shell_test2\n\n/tmp:\nshell_test\nshell_test2\n");
    tool_run(&r, "ls -dF /tmp", "", 0);
    CHECK_STR(r.out, "/tmp/\n");
    tool_run(&r, "ls -d", "", 0);
    CHECK_STR(r.out, "/\n");
    tool_run(&r, "ls /tmp", "", 0);
    CHECK_STR(r.out, "shell_test\nshell_test2\n");
    tool_run(&r, "ls -j /tmp/shell_test2", "", 0);
    CHECK_STR(r.out, "[{\"name\":\"/tmp/shell_test2\",\"type\":\"file\",\"size\":3,\"writable\":true}]\n");
    tool_run(&r, "ls /nosuch", "", 0);
    CHECK_STR(r.err, "ls: cannot access '/nosuch': No such file or directory\n");
    CHECK_EQ(r.status, 2);
    tool_run(&r, "rm /tmp/shell_test /tmp/shell_test2", "", 0);
    CHECK_EQ(r.status, 0);
    tool_run(&r, "[ -e /tmp/shell_test ]", "", 0);
    CHECK_EQ(r.status, 1);
}
