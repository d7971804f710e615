/* The shell at a console: keys go in, what a terminal would show comes out. Virtual time, the hosted console. */
#include "apps/shell/boot_script.h"
#include "apps/shell/shell.h"
#include "host/host.h"
#include "lib/check.h"
#include "lib/cmd.h"
#include "lib/file.h"
#include "lib/net.h"
#include "lib/plat.h"
#include "lib/string.h"

struct desk {
    struct shell *sh;
    bool done;
    int status;
    char seen[65536]; /* what the console wrote since the last look, without escape sequences and CR */
};

static struct desk desk;

static void run_shell(void *arg)
{
    desk.status = shell_run(desk.sh, true);
    desk.done = true;
}

static void sit_down(void)
{
    desk.done = false;
    desk.sh = shell_new(net_first);
    CHECK(desk.sh != NULL);
    task_start("shell", run_shell, NULL, TASK_NORMAL, -1);
    host_run();
}

/* Drops escape sequences and CR: the words alone. */
static void plain_text(char *s)
{
    char *to = s;
    for (; *s; s++) {
        if (*s == 0x1b) {
            s++;
            if (*s == '[')
                while (s[1] && !(s[1] >= '@' && s[1] <= '~'))
                    s++;
            s += *s == '[' || s[1] != 0;
            if (*s == '[')
                s++;
            continue;
        }
        if (*s != '\r' && *s != '\a')
            *to++ = *s;
    }
    *to = 0;
}

static const char *look(void)
{
    host_run();
    host_console_take(desk.seen, sizeof(desk.seen));
    plain_text(desk.seen);
    return desk.seen;
}

static const char *type(const char *keys)
{
    look();
    host_console_type(keys, strlen(keys));
    return look();
}

static void stand_up(void)
{
    if (!desk.done)
        type("\x03\x03");
    if (!desk.done)
        type("exit\r");
    CHECK(desk.done);
    shell_free(desk.sh);
}

TEST(shell_runs_what_is_typed)
{
    sit_down();
    CHECK_STR(look(), "weir# ");
    CHECK_STR(type("echo hello\r"), "echo hello\nhello\nweir# ");
    CHECK_STR(type("X=7; echo $X\r"), "X=7; echo $X\n7\nweir# ");
    CHECK_STR(type("echo $X $(echo sub)\r"), "echo $X $(echo sub)\n7 sub\nweir# ");
    CHECK_STR(type("false; echo $?\r"), "false; echo $?\n1\nweir# ");
    CHECK_STR(type("printf 'b\\na\\n' | sort | head -1\r"), "printf 'b\\na\\n' | sort | head -1\na\nweir# ");
    CHECK(strstr(type("nosuch\r"), "nosuch: command not found") != NULL);
    CHECK(strstr(type("echo -n half\r"), "half\nweir# ") != NULL);
    CHECK(strstr(type("echo `x`\r"), "column 6: ") != NULL);
    stand_up();
}

TEST(shell_gathers_lines)
{
    sit_down();
    CHECK(str_ends(type("for i in 1 2; do\r"), "> "));
    CHECK(str_ends(type("echo n$i\r"), "> "));
    CHECK(str_ends(type("done\r"), "done\nn1\nn2\nweir# "));
    CHECK(str_ends(type("echo 'a\r"), "> "));
    CHECK(str_ends(type("b'\r"), "b'\na\nb\nweir# "));
    CHECK(str_ends(type("cat <<EOF\rx $((\rEOF\r"), "weir# "));
    CHECK(str_ends(type("cat <<'EOF'\rx $y\rEOF\r"), "x $y\nweir# "));
    CHECK(str_ends(type("echo 'open\r"), "> "));
    CHECK(str_ends(type("\x03"), "^C\nweir# "));
    CHECK(str_ends(type("echo ok\r"), "ok\nweir# "));
    CHECK(str_ends(type("echo 'open\r\x04"), "weir# "));
    stand_up();
}

TEST(shell_interrupts)
{
    sit_down();
    CHECK_STR(type("sleep 1000\r"), "sleep 1000\n");
    CHECK_STR(type("typed ahead"), "");
    CHECK_STR(type("\x03"), "^C\nweir# ");
    CHECK_STR(type("echo $?\r"), "echo $?\n130\nweir# ");
    CHECK_STR(type("sleep 1000 | cat; echo never\r"), "sleep 1000 | cat; echo never\n");
    CHECK(str_ends(type("\x03"), "^C\nweir# "));
    CHECK_STR(type("for i in 1 2 3; do sleep 99; done\r\x03"), "for i in 1 2 3; do sleep 99; done\n^C\nweir# ");
    type("sleep 2\r");
    host_clock_advance(3 * NS_PER_S);
    CHECK_STR(look(), "weir# ");
    CHECK_STR(type("sleep 1\recho ahead\r"), "sleep 1\n");
    host_clock_advance(2 * NS_PER_S);
    CHECK_STR(look(), "weir# echo ahead\nahead\nweir# ");
    stand_up();
}

TEST(shell_gives_commands_their_input)
{
    sit_down();
    CHECK_STR(type("cat | wc -l\r"), "cat | wc -l\n");
    CHECK_STR(type("one\rtwx\x7fo\r"), "one\ntwx\b \bo\n");
    CHECK_STR(type("\x04"), "2\nweir# ");
    CHECK_STR(type("cat > /tmp/t\rline\r\x04"), "cat > /tmp/t\nline\nweir# ");
    CHECK_STR(type("cat /tmp/t; rm /tmp/t\r"), "cat /tmp/t; rm /tmp/t\nline\nweir# ");
    CHECK_STR(type("cat\r"), "cat\n");
    CHECK_STR(type("abc"), "abc");
    CHECK_STR(type("\x03"), "^C\nweir# ");
    stand_up();
}

TEST(shell_watches)
{
    sit_down();
    CHECK(strstr(type("watch -n1 -t 'echo tick | head -1'\r"), "tick\n") != NULL);
    host_clock_advance(NS_PER_S);
    CHECK_STR(look(), "tick\n");
    CHECK(str_ends(type("\x03"), "^C\nweir# "));
    CHECK(strstr(type("watch -n1 echo tock\r"), "Every 1.0s: echo tock") != NULL);
    type("\x03");
    CHECK(strstr(type("watch -c2 -n1 echo twice | cat\r"), "twice") != NULL);
    host_clock_advance(2 * NS_PER_S);
    CHECK(strstr(look(), "twice") != NULL);
    stand_up();
}

/* A character that no longer fits a row is on the next one, or on none: never half of it. */
TEST(shell_cuts_no_character)
{
    sit_down();
    type("printf '%079d\\303\\251b\\n' 0 >/tmp/cut\r");
    CHECK(strstr(type("watch -t -n1 cat /tmp/cut\r"), "0\303\251\n") != NULL);
    type("\x03");
    CHECK(strstr(type("watch -t -n1 'printf \"a\\000\\001b\\tc\\n\"'\r"), "ab      c\n") != NULL);
    type("\x03");
    CHECK(strstr(type("watch -n99999999999 echo once\r"), "once") != NULL);
    host_clock_advance(NS_PER_S);
    CHECK_STR(look(), "");
    type("\x03");
    type("seq 22 >/tmp/cut; printf '%080d\\303\\251\\nend\\n' 0 >>/tmp/cut\r");
    CHECK(str_ends(type("less /tmp/cut\r"), "0--More-- (space, Enter, q)"));
    CHECK(strstr(type(" "), "\303\251\nend\n") != NULL);
    type("rm /tmp/cut\r");
    stand_up();
}

TEST(shell_pages)
{
    sit_down();
    CHECK(str_ends(type("seq 30 | less\r"), "\n23\n--More-- (space, Enter, q)"));
    CHECK(str_ends(type("\r"), "24\n--More-- (space, Enter, q)"));
    CHECK(str_ends(type("q"), "weir# "));
    CHECK(strstr(type("seq 30\r"), "30\nweir# ") != NULL);
    type("pager on\r");
    CHECK(str_ends(type("seq 100\r"), "23\n--More-- (space, Enter, q)"));
    CHECK(str_ends(type(" "), "46\n--More-- (space, Enter, q)"));
    CHECK(str_ends(type("\x03"), "weir# "));
    CHECK(strstr(type("seq 100 | tail -n1\r"), "100\nweir# ") != NULL);
    CHECK(strstr(type("seq 5\r"), "5\nweir# ") != NULL);
    stand_up();
}

TEST(shell_completes)
{
    sit_down();
    CHECK_EQ(file_write(net_first, "/tmp/complete_me", "x", 1, false), 0);
    CHECK_STR(type("histo\t\x15"), "history weir# ");
    CHECK_STR(type("cat /tmp/comp\t\x15"), "cat /tmp/complete_me weir# ");
    CHECK_STR(type("echo | unamx; cat </tm\t\x15"), "echo | unamx; cat </tmp/weir# ");
    CHECK_STR(type("LONGNAME=5\recho $LONG\t\x15"), "LONGNAME=5\nweir# echo $LONGNAME weir# ");
    CHECK(strstr(type("modpr\t\x15"), "modprobe") != NULL);
    CHECK(strstr(type("perf re\t\t\x15"), "record  report") != NULL);
    CHECK_STR(type("echo 'histo\t\x15"), "echo 'histoweir# ");
    file_remove(net_first, "/tmp/complete_me");
    stand_up();
}

TEST(shell_keeps_history)
{
    sit_down();
    type("echo one\recho two\r");
    CHECK_STR(type("history\r"), "history\n    1  echo one\n    2  echo two\n    3  history\nweir# ");
    CHECK(str_ends(type("\033[A\033[A\r"), "two\nweir# "));
    CHECK_STR(type("history -c; history\r"), "history -c; history\nweir# ");
    stand_up();
}

TEST(shell_leaves_by_end_of_input)
{
    sit_down();
    type("(exit\r"); /* refused: the status is 2 */
    type("\x04");
    CHECK(desk.done);
    CHECK_EQ(desk.status, 2);
    stand_up();
    sit_down();
    type("exit 7\r");
    CHECK(desk.done);
    CHECK_EQ(desk.status, 7);
    stand_up();
}

/* A terminal gone mad: after any bytes, Ctrl-C and a command still work. */
TEST(shell_survives_garbage)
{
    sit_down();
    for (int round = 0; round < 20; round++) {
        u8 junk[700];
        for (size_t i = 0; i < sizeof(junk); i++) {
            junk[i] = (u8)test_rand();
            if (junk[i] == 0x04 || junk[i] == '\r' || junk[i] == '\n')
                junk[i] = ' ';
        }
        host_console_type(junk, sizeof(junk));
        look();
    }
    CHECK(str_ends(type("\x03\x03 echo still here\r"), "still here\nweir# "));
    stand_up();
}

TEST(shell_gives_memory_back)
{
    sit_down();
    stand_up();
    size_t live = host_mem_live();
    sit_down();
    type("echo a | cat | sort; X=$(echo b); for i in a b; do echo $i; done\r\x12"
         "echo\r");
    stand_up();
    CHECK_EQ(host_mem_live(), live);
}

/* ---- the boot script ---- */

static int boot(const char *text, char *said, size_t size)
{
    struct out_mem m;
    out_mem_init(&m, said, size, false);
    CHECK_EQ(file_write(net_first, "/tmp/boot.conf", text, strlen(text), false), 0);
    int result = boot_script_run(net_first, "/tmp/boot.conf", &m.out, &m.out, NULL, 0);
    file_remove(net_first, "/tmp/boot.conf");
    return result;
}

TEST(boot_script)
{
    char said[2048];
    CHECK_EQ(boot("LAN=eth0\n# a comment\necho $LAN\n", said, sizeof(said)), 0);
    CHECK_STR(said, "eth0\n");
    CHECK_EQ(boot("echo a\ncat /nosuch\necho b\ngrep x /nosuch\n", said, sizeof(said)), 2);
    CHECK(strstr(said, "line 2") != NULL && strstr(said, "line 4") != NULL && strstr(said, "b\n") != NULL);
    CHECK_EQ(boot("echo a\nif true; then echo b; fi\n", said, sizeof(said)), -EINVAL);
    CHECK(str_starts(said, "boot.conf: line 2, column 1: "));
    CHECK_EQ(boot("echo a\nnosuch x\necho b | alsonot\n", said, sizeof(said)), -EINVAL);
    CHECK_STR(said, "boot.conf: line 2, column 1: nosuch: Weir has no such command; `help` lists those it has\n"
                    "boot.conf: line 3, column 10: alsonot: Weir has no such command; `help` lists those it has\n");
    CHECK_EQ(boot("echo a\nmodprobe tcp_bbr\n", said, sizeof(said)),
             -EINVAL); /* what it says at a console is no answer here */
    CHECK(str_starts(said, "boot.conf: line 2, column 1: modprobe: Weir has no modules: "));
    CHECK_EQ(boot_script_run(net_first, "/etc/nosuch", NULL, NULL, NULL, 0), -ENOENT);
}
