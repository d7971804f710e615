/* ip -batch: lines from what is read and from files, as iproute2 does them; and how many a second. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

TEST(ip_batch_does_lines_as_iproute2)
{
    struct router r;
    router_start_full(&r);
    TYPED(
        r.net,
        {"printf 'route add 10.5.0.0/16 via 10.1.0.2\\n# nothing\\n\\nroute add \"10.6.0.0/16\" dev eth1 # x\\n' | "
         "ip -batch -",
         0, ""},
        {"ip route show root 10.4.0.0/14", 0, "10.5.0.0/16 via 10.1.0.2 dev eth0 \n10.6.0.0/16 dev eth1 scope link \n"},
        {"printf 'route add 10.5.0.0/16 via 10.1.0.2\\nroute add 10.7.0.0/16 dev eth1' | ip -b -", 1,
         "RTNETLINK answers: File exists\nCommand failed -:1\n"},
        {"printf 'route add 10.5.0.0/16 via 10.1.0.2\\nroute add 10.7.0.0/16 dev eth1' | ip -force -b -", 1,
         "RTNETLINK answers: File exists\nCommand failed -:1\n"},
        {"echo 'route show 10.7.0.0/16' > /tmp/batch; ip -d -b /tmp/batch; rm /tmp/batch", 0,
         "unicast 10.7.0.0/16 dev eth1 proto boot scope link \n"},
        {"ip -b /tmp/nosuch", 1, "Cannot open file \"/tmp/nosuch\" for reading: No such file or directory\n"},
        {"echo 'foo' | ip -b -", 1, "Object \"foo\" is unknown, try \"ip help\".\nCommand failed -:1\n"},
        {"echo 'route \"foo' | ip -b -", 1, "Unterminated quoted string\nCommand failed -:1\n"},
        {"echo '-b /tmp/x' | ip -b -", 1, NULL}, {"ip foo", 1, "Object \"foo\" is unknown, try \"ip help\".\n"});
    router_end(&r);
}
