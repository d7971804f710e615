/* Tunables: the values as /proc/sys has them, the command as procps has it, and the dump that makes itself again. */
#include "lib/sysctl.h"

#include <string.h>

#include "lib/check.h"
#include "lib/cmd.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/script.h"

struct zz_net {
    u32 forward;
    u64 timeout_ns;
    i32 ranges[3];
    u8 small;
    char algorithm[16];
};
NET_SLOT(zz_net, struct zz_net, NULL, NULL);

static int global_number = 5;
static unsigned changes;

struct zz_conf {
    u8 filter;
};
static struct zz_conf conf_all = {1}, conf_dotted = {1};

static void *conf_place(struct net *net, const char *star)
{
    return strcmp(star, "all") ? &conf_dotted : &conf_all;
}

static void conf_list(struct net *net, void (*offer)(void *arg, const char *name), void *arg)
{
    offer(arg, "all");
    offer(arg, "eth0.10");
}

static int check_even(struct net *net, const char *star, i64 v)
{
    return v % 2 ? -EINVAL : 0;
}

static void count_change(struct net *net, const char *star)
{
    changes++;
}

static int show_now(struct net *net, const char *star, struct out *o)
{
    out_text(o, "computed");
    return 0;
}

static int store_flush(struct net *net, const char *star, const char *text)
{
    changes++;
    return text[0] == '1' ? 0 : -EINVAL;
}

SYSCTL(zz_forward, .name = "zz.ip.forward", SYSCTL_NET(zz_net, struct zz_net, forward), .high = 1);
SYSCTL(zz_timeout, .name = "zz.timeout", SYSCTL_NET(zz_net, struct zz_net, timeout_ns), .unit = NS_PER_S, .def = 30,
       .high = 100);
SYSCTL(zz_ranges, .name = "zz.ranges", SYSCTL_NET(zz_net, struct zz_net, ranges), .type = SYSCTL_NUMBERS, .count = 3,
       .low = -1, .high = 1000000, .text = "4096\t131072\t-1");
SYSCTL(zz_small, .name = "zz.small", SYSCTL_NET(zz_net, struct zz_net, small), .high = 255, .def = 64,
       .check = check_even, .changed = count_change);
SYSCTL(zz_algorithm, .name = "zz.algorithm", SYSCTL_NET(zz_net, struct zz_net, algorithm), .type = SYSCTL_STRING,
       .text = "cubic");
SYSCTL(zz_global, .name = "zz.global", SYSCTL_GLOBAL(global_number), .low = -10, .high = 10, .def = 5);
SYSCTL(zz_filter, .name = "zz.conf.*.filter", SYSCTL_PER(struct zz_conf, filter), .place = conf_place,
       .list = conf_list, .high = 2, .def = 1);
SYSCTL(zz_now, .name = "zz.now", .type = SYSCTL_CALL, .show = show_now);
SYSCTL(zz_flush, .name = "zz.flush", .type = SYSCTL_CALL, .access = SYSCTL_WO, .store = store_flush);
SYSCTL(zz_fixed, .name = "zz.fixed", SYSCTL_NET(zz_net, struct zz_net, forward), .access = SYSCTL_RO, .high = 1);

static char out_buf[4096], err_buf[4096];

static int run(struct net *net, const char *text)
{
    struct out_mem out, err;
    struct script_env env;

    out_mem_init(&out, out_buf, sizeof(out_buf), false);
    out_mem_init(&err, err_buf, sizeof(err_buf), false);
    script_env_init(&env, net, &out.out, &err.out, NULL);
    int status = script_text(&env, text, strlen(text));
    script_env_free(&env);
    return status;
}

TEST(sysctl_as_procps)
{
    static const struct {
        const char *cmd;
        int status;
        const char *out, *err;
    } cases[] = {
        {"sysctl zz.ip.forward", 0, "zz.ip.forward = 0\n", ""},
        {"sysctl zz/ip/forward", 0, "zz.ip.forward = 0\n", ""},
        {"sysctl -n zz.ip.forward zz.timeout", 0, "0\n30\n", ""},
        {"sysctl -N zz.timeout", 0, "zz.timeout\n", ""},
        {"sysctl -b zz.timeout", 0, "30", ""},
        {"sysctl zz.ranges", 0, "zz.ranges = 4096\t131072\t-1\n", ""},
        {"sysctl zz.algorithm zz.now", 0, "zz.algorithm = cubic\nzz.now = computed\n", ""},
        {"sysctl foo.bar", 1, "", "sysctl: cannot stat /proc/sys/foo/bar: No such file or directory\n"},
        {"sysctl foo zz.timeout", 1, "zz.timeout = 30\n",
         "sysctl: cannot stat /proc/sys/foo: No such file or directory\n"},
        {"sysctl -e foo", 0, "", ""},
        {"sysctl -w zz.ip.forward=1", 0, "zz.ip.forward = 1\n", ""},
        {"sysctl zz.ip.forward=0x0", 0, "zz.ip.forward = 0x0\n", ""},
        {"sysctl 'zz.ip.forward = 1'", 0, "zz.ip.forward = 1\n", ""},
        {"sysctl -n -w zz.ip.forward=0", 0, "0\n", ""},
        {"sysctl -q -w zz.ip.forward=1", 0, "", ""},
        {"sysctl zz.ip.forward", 0, "zz.ip.forward = 1\n", ""},
        {"sysctl -w zz.ip.forward=abc", 1, "", "sysctl: setting key \"zz.ip.forward\": Invalid argument\n"},
        {"sysctl -w zz.ip.forward=2", 1, "", "sysctl: setting key \"zz.ip.forward\": Invalid argument\n"},
        {"sysctl zz.ip.forward=", 1, "", "sysctl: setting key \"zz.ip.forward\": Invalid argument\n"},
        {"sysctl -w zz.ip.forward", 1, "", "sysctl: command line(0): invalid syntax, continuing...\n"},
        {"sysctl -w foo=1", 1, "", "sysctl: cannot stat /proc/sys/foo: No such file or directory\n"},
        {"sysctl zz.fixed=1", 1, "", "sysctl: permission denied on key \"zz.fixed\"\n"},
        {"sysctl zz.now=1", 1, "", "sysctl: permission denied on key \"zz.now\"\n"},
        {"sysctl zz.flush", 0, "", ""},
        {"sysctl -w zz.flush=1", 0, "zz.flush = 1\n", ""},
        {"sysctl -w zz.ranges='1 2'", 0, "zz.ranges = 1 2\n", ""},
        {"cat /proc/sys/zz/ranges 2>/dev/null || sysctl -n zz.ranges", 0, "1\t2\t-1\n", ""},
        {"sysctl -w zz.ranges='1 2 3 4'", 1, "", "sysctl: setting key \"zz.ranges\": Invalid argument\n"},
        {"sysctl zz.algorithm=bbr", 0, "zz.algorithm = bbr\n", ""},
        {"sysctl zz.conf.eth0/10.filter zz/conf/all/filter", 0, "zz.conf.eth0/10.filter = 1\nzz.conf.all.filter = 1\n",
         ""},
        {"sysctl zz.conf.eth1.filter", 1, "",
         "sysctl: cannot stat /proc/sys/zz/conf/eth1/filter: No such file or directory\n"},
        {"sysctl zz.conf", 0, "zz.conf.all.filter = 1\nzz.conf.eth0/10.filter = 1\n", ""},
        {"sysctl -a -r '^zz\\.(t|g)'", 0, "zz.global = 5\nzz.timeout = 30\n", ""},
        {"sysctl -ar nothing_like_it", 0, "", ""},
        {"sysctl -a -r '['", 1, "", "sysctl: [: Unmatched [, [^, [:, [., or [=\n"},
        {"sysctl zz.small=3", 1, "", "sysctl: setting key \"zz.small\": Invalid argument\n"},
        {"sysctl zz.small=4", 0, "zz.small = 4\n", ""},
        {"sysctl zz.global=-11", 1, "", "sysctl: setting key \"zz.global\": Invalid argument\n"},
        {"sysctl zz.global=-10", 0, "zz.global = -10\n", ""},
        {"sysctl =1", 1, "", "sysctl: Path is not under /proc/sys/: /proc/sys/\n"},
        {"sysctl -q", 1, "", "sysctl: no variables specified\n"},
        {"sysctl -j zz.timeout zz.algorithm", 0, "{\"zz.timeout\":\"30\",\"zz.algorithm\":\"bbr\"}\n", ""},
        {"sysctl -p /none", 1, "", "sysctl: cannot open \"/none\": No such file or directory\n"},
        {"sysctl -p - <<E\n# c\n; d\n\n zz.timeout = 31 \n-foo.bar=1\nzz/small=8\nE\n", 0,
         "zz.timeout = 31\nzz.small = 8\n", "sysctl: cannot stat /proc/sys/foo/bar: No such file or directory\n"},
        {"sysctl -p - <<E\nbad line\nzz.timeout=32\nE\n", 1, "zz.timeout = 32\n",
         "sysctl: -(1): invalid syntax, continuing...\n"},
    };
    struct net *net = net_new();

    changes = 0;
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        int status = run(net, cases[i].cmd);
        if (status != cases[i].status || strcmp(out_buf, cases[i].out) || strcmp(err_buf, cases[i].err))
            test_failed(__FILE__, __LINE__, "%s: %d\n%s%s", cases[i].cmd, status, out_buf, err_buf);
    }
    CHECK_EQ(changes, 3);
    net_free(net);
}

TEST(sysctl_files)
{
    struct net *net = net_new();
    struct file_stat st;
    char *p;
    size_t n;

    CHECK_EQ(file_load(net, "/proc/sys/zz/timeout", 100, &p, &n), 0);
    CHECK_STR(p, "30\n");
    mem_free(p);
    CHECK_EQ(file_write(net, "/proc/sys/zz/timeout", " 7\n", 3, false), 0);
    CHECK_EQ(NET_GET(net, struct zz_net, zz_net)->timeout_ns, 7 * NS_PER_S);
    CHECK_EQ(file_write(net, "/proc/sys/zz/timeout", "7 8\n", 4, false), -EINVAL);
    CHECK_EQ(file_write(net, "/proc/sys/zz/timeout", "7\0x", 3, false), 0); /* as on Linux, NUL ends it */
    CHECK_EQ(file_write(net, "/proc/sys/zz/fixed", "1\n", 2, false), -EACCES);
    CHECK_EQ(file_load(net, "/proc/sys/zz/flush", 100, &p, &n), -EACCES);
    CHECK_EQ(file_stat(net, "/proc/sys/zz/conf", &st), 0);
    CHECK(st.dir);
    CHECK_EQ(file_stat(net, "/proc/sys/zz/conf/eth0.10/filter", &st), 0);
    CHECK(!st.dir && st.writable);
    CHECK_EQ(file_stat(net, "/proc/sys/zz/con", &st), -ENOENT);
    CHECK_EQ(file_stat(net, "/proc/sys/zz/timeout/x", &st), -ENOENT);
    CHECK_EQ(file_write(net, "/proc/sys/zz/algorithm", "a-name-that-is-much-too-long\n", 29, false), 0);
    CHECK_STR(NET_GET(net, struct zz_net, zz_net)->algorithm, "a-name-that-is-");
    net_free(net);
}

TEST(sysctl_each_net_has_its_own)
{
    struct net *one = net_new(), *two = net_new();

    CHECK_EQ(sysctl_set(one, "zz.timeout", "99"), 0);
    CHECK_EQ(NET_GET(one, struct zz_net, zz_net)->timeout_ns, 99 * NS_PER_S);
    CHECK_EQ(NET_GET(two, struct zz_net, zz_net)->timeout_ns, 30 * NS_PER_S);
    CHECK_EQ(NET_GET(two, struct zz_net, zz_net)->ranges[2], -1);
    CHECK_STR(NET_GET(two, struct zz_net, zz_net)->algorithm, "cubic");
    net_free(one);
    net_free(two);
}

TEST(sysctl_globals_start_at_their_defaults)
{
    char value[SYSCTL_VALUE_MAX], def[32];
    struct out_mem m;

    SET_FOREACH(sysctl, const struct sysctl, s) {
        if (!s->global || s->type != SYSCTL_NUMBER)
            continue;
        out_mem_init(&m, value, sizeof(value), false);
        CHECK_EQ(sysctl_get(NULL, s->name, &m.out), 0);
        fmt(def, sizeof(def), "%lld", (long long)s->def);
        if (strcmp(value, def))
            test_failed(__FILE__, __LINE__, "%s is %s at first, its default %s", s->name, value, def);
    }
}

TEST(sysctl_dump_makes_itself_again)
{
    struct net *one = net_new(), *two = net_new();
    static char dump[4096];

    CHECK_EQ(run(one, "dump"), 0);
    CHECK(!strstr(out_buf, "zz."));
    CHECK_EQ(run(one, "sysctl -qw zz.ip.forward=1 zz.timeout=5 zz.ranges='7 8 9' zz.global=3 zz.conf.eth0/10.filter=2\n"
                      "sysctl -qw zz.algorithm=\"it's odd\""),
             0);
    CHECK_EQ(run(one, "dump"), 0);
    memcpy(dump, out_buf, sizeof(dump));
    CHECK(strstr(dump, "sysctl -w zz.algorithm='it'\\''s odd'\nsysctl -w zz.conf.eth0/10.filter=2\nsysctl -w "
                       "zz.global=3\nsysctl -w zz.ip.forward=1\nsysctl -w zz.ranges='7\t8\t9'\nsysctl -w "
                       "zz.timeout=5\n") != NULL);
    global_number = 5;
    conf_dotted.filter = 1;
    CHECK_EQ(run(two, dump), 0);
    CHECK_STR(err_buf, "");
    CHECK_EQ(run(two, "dump"), 0);
    CHECK_STR(out_buf, dump);
    net_free(one);
    net_free(two);
}

/* What acts when it is written goes by what is kept: that stands before it in the dump. */
TEST(sysctl_dump_has_what_acts_last)
{
    struct net *one = net_new();
    CHECK_EQ(run(one, "sysctl -qw net.core.flow_limit_table_len=64 net.core.flow_limit_cpu_bitmap=1"), 0);
    CHECK_EQ(run(one, "dump"), 0);
    const char *len = strstr(out_buf, "sysctl -w net.core.flow_limit_table_len=64\n");
    const char *cpus = strstr(out_buf, "sysctl -w net.core.flow_limit_cpu_bitmap=1\n");
    CHECK(len && cpus && len < cpus);
    net_free(one);
}

static void offer_word(void *arg, const char *word)
{
    strcat(strcat(arg, word), " ");
}

TEST(sysctl_completes_names)
{
    char *argv[] = {"sysctl", "zz.co", NULL}, words[512] = "";
    struct cmd_ctx c = {.argc = 2, .argv = argv};
    int n;

    const struct cmd *cmd = cmd_find(2, argv, &n);
    CHECK(cmd && cmd->complete);
    if (!cmd)
        return;
    cmd->complete(&c, offer_word, words);
    CHECK_STR(words, "zz.algorithm zz.conf. zz.fixed zz.flush zz.global zz.ip. zz.now zz.ranges zz.small zz.timeout ");
}

TEST(sysctl_names_are_unique)
{
    SET_FOREACH(sysctl, const struct sysctl, a) {
        SET_FOREACH(sysctl, const struct sysctl, b) {
            if (a != b && !strcmp(a->name, b->name))
                test_failed(__FILE__, __LINE__, "two tunables are called %s", a->name);
        }
    }
}
