/* kernel/cmdline.c: words, quotes, values, and what nobody knows. */
#include "kernel/cmdline.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"

static char seen[64];

static int set_fruit(const char *value)
{
    if (value && str_eq(value, "bad"))
        return -EINVAL;
    str_copy(seen, sizeof(seen), value ? value : "(alone)");
    return 0;
}

BOOT_OPTION(fruit, "fruit", set_fruit, "a fruit");

static bool logged(const char *text)
{
    return strstr(host_log(), text) != NULL;
}

TEST(cmdline_values)
{
    cmdline_run("fruit=apple");
    CHECK_STR(seen, "apple");
    cmdline_run("  fruit\t");
    CHECK_STR(seen, "(alone)");
    cmdline_run("fruit=a fruit=\"two words\"");
    CHECK_STR(seen, "two words");
    cmdline_run("fruit=");
    CHECK_STR(seen, "");
    cmdline_run("fruit=x -- fruit=y");
    CHECK_STR(seen, "x");
    cmdline_run("");
}

TEST(cmdline_unknown_is_named)
{
    cmdline_run("fruit=plum quiet=1 fruit=bad");
    CHECK_STR(seen, "plum");
    CHECK(logged("unknown option \"quiet\""));
    CHECK(logged("fruit: \"bad\" is not understood: a fruit"));
}

TEST(cmdline_long_word_is_told)
{
    static char line[600];
    memset(line, 'x', sizeof(line) - 1);
    cmdline_run(line);
    CHECK(logged("a word is longer than 255 characters"));
}

TEST(cmdline_get_counts)
{
    char v[16];
    const char *words = "a=1 virtio=first b virtio=\"second one\" virtiox=3";
    CHECK(cmdline_get(words, "virtio", 0, v, sizeof(v)));
    CHECK_STR(v, "first");
    CHECK(cmdline_get(words, "virtio", 1, v, sizeof(v)));
    CHECK_STR(v, "second one");
    CHECK(!cmdline_get(words, "virtio", 2, v, sizeof(v)));
    CHECK(!cmdline_get(words, "b", 0, v, sizeof(v)));
}
