/* The command table: finding by one and two words, statuses, messages. */
#include "lib/cmd.h"

#include "lib/check.h"
#include "lib/errno.h"
#include "lib/net.h"

static int run_alone(struct cmd_ctx *c)
{
    out_text(c->out, "alone %d\n", c->argc);
    return 0;
}

static int run_second(struct cmd_ctx *c)
{
    out_text(c->out, "%s at %d\n", c->cmd->name, c->words);
    return 3;
}

static int run_fussy(struct cmd_ctx *c)
{
    return cmd_usage(c, "\"%s\" is no colour", c->argv[1]);
}

static int run_json(struct cmd_ctx *c)
{
    c->out->json = true;
    out_object(c->out, NULL);
    out_array(c->out, "list");
    return 0; /* left open: cmd_run closes */
}

static void dump_first(struct cmd_ctx *c)
{
    out_text(c->out, "# zzfirst\n");
}

static void dump_second(struct cmd_ctx *c)
{
    out_text(c->out, "# zzsecond\n");
}

CMD(test_alone, .name = "zzalone", .help = "a test's command", .run = run_alone, .dump = dump_second, .dump_rank = 9);
CMD(test_route, .name = "zztwo route", .least = 1, .run = run_second, .dump = dump_first, .dump_rank = 8);
CMD(test_rule, .name = "zztwo rule", .least = 2, .run = run_second);
CMD(test_fussy, .name = "zzfussy", .usage = "COLOUR", .run = run_fussy);
CMD(test_json, .name = "zzjson", .run = run_json);

static char out_buf[512], err_buf[512];

static int run(int argc, char **argv)
{
    struct out_mem out, err;
    struct cmd_ctx c = {.out = &out.out, .err = &err.out, .argc = argc, .argv = argv};

    out_mem_init(&out, out_buf, sizeof(out_buf), false);
    out_mem_init(&err, err_buf, sizeof(err_buf), false);
    int status = cmd_run(&c);
    CHECK(!out.out.json);
    CHECK_EQ(out.out.depth, 0);
    return status;
}

#define RUN(...) run(ARRAY_LEN(((char *[]){__VA_ARGS__})), (char *[]){__VA_ARGS__, NULL})

TEST(cmd_finds_by_the_longest_match)
{
    CHECK_EQ(RUN("zzalone", "x"), 0);
    CHECK_STR(out_buf, "alone 2\n");
    CHECK_EQ(RUN("zztwo", "route", "show"), 3);
    CHECK_STR(out_buf, "zztwo route at 2\n");
    CHECK_EQ(RUN("zztwo", "-s", "-4", "r"), 3);
    CHECK_STR(out_buf, "zztwo route at 4\n");
    CHECK_EQ(RUN("zztwo", "ru"), 3);
    CHECK_STR(out_buf, "zztwo rule at 2\n");
    CHECK_EQ(RUN("zztwo", "routes"), 1);
    CHECK_STR(err_buf, "Object \"routes\" is unknown, try \"zztwo help\".\n");
    CHECK_EQ(RUN("zztwo"), 2);
    CHECK_STR(err_buf, "Usage: zztwo OBJECT ...\nwhere OBJECT is route, rule\n");
}

TEST(cmd_unknown_is_127_with_a_proposal)
{
    CHECK_EQ(RUN("zzalnoe"), 127);
    CHECK_STR(err_buf, "zzalnoe: command not found (is it \"zzalone\"?)\n");
    CHECK_EQ(RUN("qqqqqqqqqqqq"), 127);
    CHECK_STR(err_buf, "qqqqqqqqqqqq: command not found\n");
    CHECK_EQ(RUN(""), 127);
}

TEST(cmd_usage_names_the_command)
{
    CHECK_EQ(RUN("zzfussy", "seven"), 2);
    CHECK_STR(err_buf, "zzfussy: \"seven\" is no colour\nusage: zzfussy COLOUR\n");
}

TEST(cmd_run_closes_json)
{
    CHECK_EQ(RUN("zzjson"), 0);
    CHECK_STR(out_buf, "{\"list\":[]}\n");
}

TEST(cmd_next_is_sorted)
{
    const struct cmd *last = NULL;
    unsigned n = 0;

    for (const struct cmd *c = cmd_next(NULL); c; last = c, c = cmd_next(c), n++)
        CHECK(!last || __builtin_strcmp(last->name, c->name) < 0);
    CHECK_LE(5, n);
}

TEST(cmd_dump_by_rank)
{
    struct out_mem out;
    struct cmd_ctx c = {.net = net_new(), .out = &out.out, .err = &out.out};

    out_mem_init(&out, out_buf, sizeof(out_buf), false);
    cmd_dump(&c);
    net_free(c.net);
    const char *first = __builtin_strstr(out_buf, "# zzfirst\n"), *second = __builtin_strstr(out_buf, "# zzsecond\n");
    CHECK(first && second && first < second);
}

TEST(errno_texts)
{
    CHECK_STR(errno_text(-ENOENT), "No such file or directory");
    CHECK_STR(errno_text(ENOSPC), "No space left on device");
    CHECK_STR(errno_text(0), "Success");
    CHECK_STR(errno_text(-99999), "Unknown error");
    CHECK_STR(errno_text(INT_MIN), "Unknown error");
}

TEST(cmd_names_are_unique)
{
    unsigned n = 0, sorted = 0;

    SET_FOREACH(cmd, const struct cmd, c)
        n += c->name != NULL;
    for (const struct cmd *c = cmd_next(NULL); c; c = cmd_next(c)) /* which gives each name once */
        sorted++;
    CHECK_EQ(n, sorted);
}
