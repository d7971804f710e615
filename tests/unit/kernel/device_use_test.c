/* The rows of `sar -n DEV` out of two texts of /proc/net/dev. */
#include "kernel/device_use.h"

#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"

#define HEAD                                                                         \
    "Inter-|   Receive                                                |  Transmit\n" \
    " face |bytes    packets errs drop fifo frame compressed multicast"              \
    "|bytes    packets errs drop fifo colls carrier compressed\n"

static const char *rows(const char *before, const char *after, u64 ns)
{
    static char text[1024];
    struct out_mem m;
    out_mem_init(&m, text, sizeof(text), false);
    device_use_rows(NULL, &m.out, "Average:", before, after, ns);
    return text;
}

TEST(device_use_rates)
{
    static const char before[] = HEAD "    lo:       0       0    0    0    0     0          0         0"
                                      "        0       0    0    0    0     0       0          0\n"
                                      "  eth0:    1024      10    0    0    0     0          0         1"
                                      "     2048       4    0    0    0     0       0          0\n";
    static const char after[] = HEAD "    lo:       0       0    0    0    0     0          0         0"
                                     "        0       0    0    0    0     0       0          0\n"
                                     "  eth0:   11264      15    0    0    0     0          0         4"
                                     "  2050048    1004    0    0    0     0       0          0\n";
    CHECK_STR(
        rows(before, after, 2 * NS_PER_S),
        "Average:           lo      0.00      0.00      0.00      0.00      0.00      0.00      0.00      0.00\n"
        "Average:         eth0      2.50    500.00      5.00   1000.00      0.00      0.00      1.50      0.00\n");
}

TEST(device_use_of_what_came_and_what_began_anew)
{
    static const char before[] = HEAD "    d0:    9000      90    0    0    0     0          0         0"
                                      "        0       0    0    0    0     0       0          0\n"
                                      "  gone:    1024      10    0    0    0     0          0         1"
                                      "     2048       4    0    0    0     0       0          0\n";
    static const char after[] = HEAD "    d0:    1024       1    0    0    0     0          0         0"
                                     "        0       0    0    0    0     0       0          0\n"
                                     "   new:    2048       7    0    0    0     0          0         0"
                                     "        0       0    0    0    0     0       0          0\n";
    CHECK_STR(
        rows(before, after, NS_PER_S),
        "Average:           d0      1.00      0.00      1.00      0.00      0.00      0.00      0.00      0.00\n"
        "Average:          new      7.00      0.00      2.00      0.00      0.00      0.00      0.00      0.00\n");
    CHECK_STR(rows("", "", NS_PER_S), "");
}
