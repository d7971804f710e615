/* Counters: each net its own, the machine's apart; and the command that shows them. */
#include "lib/stats.h"

#include <string.h>

#include "lib/check.h"
#include "lib/script.h"

COUNTER(zz_in, "ZzTest.In", "packets that a test counted");
COUNTER(zz_out, "ZzTest.Out", "others");
COUNTER_GLOBAL(zz_spurious, "zztest.spurious", "of the machine");

TEST(stats_count_per_net)
{
    struct net *one = net_new(), *two = net_new();
    const struct stat_counter *in = stats_find("ZzTest.In"), *spurious = stats_find("zztest.spurious");

    CHECK(in && spurious && !stats_find("ZzTest"));
    count(one, zz_in);
    count_n(one, zz_in, 41);
    count(two, zz_out);
    count_global(zz_spurious);
    count_global_n(zz_spurious, 2);
    CHECK_EQ(stats_read(one, in), 42);
    CHECK_EQ(stats_read(two, in), 0);
    CHECK_EQ(stats_read(two, stats_find("ZzTest.Out")), 1);
    CHECK_EQ(stats_read(NULL, spurious), 3);
    CHECK_EQ(stats_read_cpu(one, in, 0), 42);
    net_free(one);
    net_free(two);
}

static char text[4096];

static int run(struct net *net, const char *cmd)
{
    struct script_env env;
    struct out_mem m;

    out_mem_init(&m, text, sizeof(text), false);
    script_env_init(&env, net, &m.out, &m.out, NULL);
    int status = script_text(&env, cmd, strlen(cmd));
    script_env_free(&env);
    return status;
}

TEST(stats_command)
{
    struct net *net = net_new();

    count_n(net, zz_in, 7);
    CHECK_EQ(run(net, "weir counters 'ZzTest.*'"), 0);
    CHECK_STR(text, "ZzTest.In                                           7\n"
                    "ZzTest.Out                                          0\n");
    CHECK_EQ(run(net, "weir counters -v ZzTest.In"), 0);
    CHECK_STR(text, "ZzTest.In                                           7  packets that a test counted\n");
    CHECK_EQ(run(net, "weir counters -j -c ZzTest.In"), 0);
    CHECK_STR(text, "{\"ZzTest.In\":{\"value\":7,\"cpus\":[7]}}\n");
    CHECK_EQ(run(net, "weir counters nothing"), 1);
    CHECK_STR(text, "weir counters: no counter's name is like \"nothing\"\n");
    CHECK_EQ(run(net, "weir counters -x"), 2);
    CHECK_EQ(run(net, "weir counters"), 0);
    CHECK(strstr(text, "ZzTest.In") && !strstr(text, "ZzTest.Out"));
    net_free(net);
}
