/* What ip_rx makes of odd addresses, packet by packet (as Linux does: tests/diff). */
#include "lib/check.h"
#include "tests/unit/net/ip/ip_rig.h"

static const struct ip_rig_case rx_cases[] = {
    {"a source of net 0 goes on", "450000201234000040115e95000000010a0200029c400009000c78b077656972", "b proto 17"},
    {"nobody's goes nowhere", "450000201234000040115e96000000000a0200029c400009000c78b177656972", ""},
    {"to all on the link, by one station's MAC", "4500002012340000401153970a0100020a0100ff9c400009000c6db277656972",
     ""},
    {"ping to all on the link, likewise",
     "4500002c123400004001539b0a0100020a0100ff0800f6340001000161207061636b6574206f662077656972", ""},
    {"ping to all hosts, likewise",
     "4500002c1234000040017e990a010002e00000010800f6340001000161207061636b6574206f662077656972", ""},
    {"no source",
     "60000000000c3a400000000000000000000000000000000020010db8000100000000000000000002800071230001000177656972", ""},
    {"a source of the link, to another link",
     "60000000000c3a40fe80000000000000000000000000000220010db8000100000000000000000002800072a00001000177656972",
     "a 135/0"},
};

TEST(rx_as_on_linux)
{
    ip_rig_check(rx_cases, ARRAY_LEN(rx_cases));
}
