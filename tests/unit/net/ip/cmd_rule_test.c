/* ip rule: lines and what iproute2 6.1 says to them on Linux 6.18, in a namespace with the same devices. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

static const struct typed cmd_rule_lines[] = {
    {"ip rule", 0,
     "0:\tfrom all lookup local\n"
     "32766:\tfrom all lookup main\n"
     "32767:\tfrom all lookup default\n"},
    {"ip -6 rule", 0,
     "0:\tfrom all lookup local\n"
     "32766:\tfrom all lookup main\n"},
    {"ip rule add from 10.0.0.0/8 table 100", 0, ""},
    {"ip rule add from 10.0.0.0/8 table 100", 0, ""},
    {"ip rule add fwmark 1 table 100", 0, ""},
    {"ip rule add fwmark 0x10/0xf0 lookup main pref 500", 0, ""},
    {"ip rule add not from 10.1.0.1 to 10.2.0.0/16 iif eth0 oif eth9 tos 0x10 lookup 7", 0, ""},
    {"ip rule add ipproto tcp sport 5 dport 80-90 uidrange 0-99 blackhole pref 600", 0, ""},
    {"ip rule add ipproto udp unreachable", 0, ""},
    {"ip rule add prohibit from 1.2.3.4", 0, ""},
    {"ip rule add goto 600 pref 400", 0, ""},
    {"ip rule add goto 300 pref 410", 2, "Error: Backward goto not supported.\n"},
    {"ip rule add goto 999 pref 410", 0, ""},
    {"ip rule add nop pref 411", 0, ""},
    {"ip rule add table main suppress_prefixlength 0 pref 412", 0, ""},
    {"ip rule add suppress_prefixlength 8", 0, ""},
    {"ip rule add", 1, "\"ip rule add\" requires arguments.\n"},
    {"ip rule add from all", 0, ""},
    {"ip rule add table 99 from foo", 1, "Error: any valid prefix is expected rather than \"foo\".\n"},
    {"ip rule add table foo", 255,
     "Error: argument \"foo\" is wrong: invalid table ID\n"
     "\n"},
    {"ip rule add table 99 fwmark foo", 255,
     "Error: argument \"foo\" is wrong: fwmark value is invalid\n"
     "\n"},
    {"ip rule add table 99 pref foo", 255,
     "Error: argument \"foo\" is wrong: preference value is invalid\n"
     "\n"},
    {"ip rule add table 99 iif lo", 0, ""},
    {"ip rule add table 99 foo", 255, "Error: argument \"foo\" is wrong: Failed to parse rule type\n"},
    {"ip rule add table 99 proto static", 0, ""},
    {"ip rule add from default table 99", 0, ""},
    {"ip rule add from 2001::/16 table 99", 2, "Error: Invalid source address.\n"},
    {"ip -6 rule add from 10.0.0.0/8 table 99", 1, "Error: inet6 prefix is expected rather than \"10.0.0.0/8\".\n"},
    {"ip rule add to 0/0 table 98", 0, ""},
    {"ip rule add tos foo table 98", 255,
     "Error: argument \"foo\" is wrong: TOS value is invalid\n"
     "\n"},
    {"ip rule add ipproto foo table 98", 255,
     "Error: argument \"foo\" is wrong: Invalid \"ipproto\" value\n"
     "\n"},
    {"ip rule add sport foo table 98", 255,
     "Error: argument \"foo\" is wrong: invalid port range\n"
     "\n"},
    {"ip rule add sport 9-5 table 98", 2, "Error: Invalid sport range.\n"},
    {"ip rule add uidrange 9-5 table 98", 2, "Error: Invalid uid range.\n"},
    {"ip rule add from 10.0.0.1/8 table 97", 0, ""},
    {"ip rule add priority 77 priority 78 table 97", 0, ""},
    {"ip rule add priority 0x4d table 97", 0, ""},
    {"ip rule show", 0,
     "0:\tfrom all lookup local\n"
     "77:\tfrom all lookup 97\n"
     "78:\tfrom all lookup 97\n"
     "393:\tfrom 10.0.0.1/8 lookup 97\n"
     "394:\tfrom all lookup 98\n"
     "395:\tfrom all lookup 99\n"
     "396:\tfrom all lookup 99 proto static\n"
     "397:\tfrom all iif lo lookup 99\n"
     "398:\tfrom all lookup main\n"
     "399:\tfrom all lookup main suppress_prefixlength 8\n"
     "400:\tfrom all goto 600\n"
     "410:\tfrom all goto 999 [unresolved]\n"
     "411:\tfrom all nop\n"
     "412:\tfrom all lookup main suppress_prefixlength 0\n"
     "497:\tfrom 1.2.3.4 prohibit\n"
     "498:\tfrom all ipproto udp unreachable\n"
     "499:\tnot from 10.1.0.1 to 10.2.0.0/16 tos 0x10 iif eth0 oif eth9 [detached] lookup 7\n"
     "500:\tfrom all fwmark 0x10/0xf0 lookup main\n"
     "600:\tfrom all uidrange 0-99 ipproto tcp sport 5 dport 80-90 blackhole\n"
     "32763:\tfrom all fwmark 0x1 lookup 100\n"
     "32764:\tfrom 10.0.0.0/8 lookup 100\n"
     "32765:\tfrom 10.0.0.0/8 lookup 100\n"
     "32766:\tfrom all lookup main\n"
     "32767:\tfrom all lookup default\n"},
    {"ip -4 rule list", 0,
     "0:\tfrom all lookup local\n"
     "77:\tfrom all lookup 97\n"
     "78:\tfrom all lookup 97\n"
     "393:\tfrom 10.0.0.1/8 lookup 97\n"
     "394:\tfrom all lookup 98\n"
     "395:\tfrom all lookup 99\n"
     "396:\tfrom all lookup 99 proto static\n"
     "397:\tfrom all iif lo lookup 99\n"
     "398:\tfrom all lookup main\n"
     "399:\tfrom all lookup main suppress_prefixlength 8\n"
     "400:\tfrom all goto 600\n"
     "410:\tfrom all goto 999 [unresolved]\n"
     "411:\tfrom all nop\n"
     "412:\tfrom all lookup main suppress_prefixlength 0\n"
     "497:\tfrom 1.2.3.4 prohibit\n"
     "498:\tfrom all ipproto udp unreachable\n"
     "499:\tnot from 10.1.0.1 to 10.2.0.0/16 tos 0x10 iif eth0 oif eth9 [detached] lookup 7\n"
     "500:\tfrom all fwmark 0x10/0xf0 lookup main\n"
     "600:\tfrom all uidrange 0-99 ipproto tcp sport 5 dport 80-90 blackhole\n"
     "32763:\tfrom all fwmark 0x1 lookup 100\n"
     "32764:\tfrom 10.0.0.0/8 lookup 100\n"
     "32765:\tfrom 10.0.0.0/8 lookup 100\n"
     "32766:\tfrom all lookup main\n"
     "32767:\tfrom all lookup default\n"},
    {"ip -6 rule", 0,
     "0:\tfrom all lookup local\n"
     "32766:\tfrom all lookup main\n"},
    {"ip -d rule", 0,
     "0:\tfrom all lookup local proto kernel\n"
     "77:\tfrom all lookup 97 proto unspec\n"
     "78:\tfrom all lookup 97 proto unspec\n"
     "393:\tfrom 10.0.0.1/8 lookup 97 proto unspec\n"
     "394:\tfrom all lookup 98 proto unspec\n"
     "395:\tfrom all lookup 99 proto unspec\n"
     "396:\tfrom all lookup 99 proto static\n"
     "397:\tfrom all iif lo lookup 99 proto unspec\n"
     "398:\tfrom all lookup main proto unspec\n"
     "399:\tfrom all lookup main suppress_prefixlength 8 proto unspec\n"
     "400:\tfrom all goto 600 proto unspec\n"
     "410:\tfrom all goto 999 [unresolved] proto unspec\n"
     "411:\tfrom all nop proto unspec\n"
     "412:\tfrom all lookup main suppress_prefixlength 0 proto unspec\n"
     "497:\tfrom 1.2.3.4 prohibit proto unspec\n"
     "498:\tfrom all ipproto udp unreachable proto unspec\n"
     "499:\tnot from 10.1.0.1 to 10.2.0.0/16 tos 0x10 iif eth0 oif eth9 [detached] lookup 7 proto unspec\n"
     "500:\tfrom all fwmark 0x10/0xf0 lookup main proto unspec\n"
     "600:\tfrom all uidrange 0-99 ipproto tcp sport 5 dport 80-90 blackhole proto unspec\n"
     "32763:\tfrom all fwmark 0x1 lookup 100 proto unspec\n"
     "32764:\tfrom 10.0.0.0/8 lookup 100 proto unspec\n"
     "32765:\tfrom 10.0.0.0/8 lookup 100 proto unspec\n"
     "32766:\tfrom all lookup main proto kernel\n"
     "32767:\tfrom all lookup default proto kernel\n"},
    {"ip -j rule", 0,
     "[{\"priority\":0,\"src\":\"all\",\"table\":\"local\"},{\"priority\":77,\"src\":\"all\",\"table\":\"97\"},{"
     "\"priority\":78,\"src\":\"all\",\"table\":\"97\"},{\"priority\":393,\"src\":\"10.0.0.1\",\"srclen\":8,"
     "\"table\":\"97\"},{\"priority\":394,\"src\":\"all\",\"table\":\"98\"},{\"priority\":395,\"src\":\"all\","
     "\"table\":\"99\"},{\"priority\":396,\"src\":\"all\",\"table\":\"99\",\"protocol\":\"static\"},{\"priority\":"
     "397,\"src\":\"all\",\"iif\":\"lo\",\"table\":\"99\"},{\"priority\":398,\"src\":\"all\",\"table\":\"main\"},{"
     "\"priority\":399,\"src\":\"all\",\"table\":\"main\",\"suppress_prefixlen\":8},{\"priority\":400,\"src\":"
     "\"all\",\"goto\":600},{\"priority\":410,\"src\":\"all\",\"goto\":999,\"unresolved\":null},{\"priority\":411,"
     "\"src\":\"all\",\"nop\":null},{\"priority\":412,\"src\":\"all\",\"table\":\"main\",\"suppress_prefixlen\":0},"
     "{\"priority\":497,\"src\":\"1.2.3.4\",\"action\":\"prohibit\"},{\"priority\":498,\"src\":\"all\",\"ipproto\":"
     "\"udp\",\"action\":\"unreachable\"},{\"priority\":499,\"not\":null,\"src\":\"10.1.0.1\",\"dst\":\"10.2.0.0\","
     "\"dstlen\":16,\"tos\":\"0x10\",\"iif\":\"eth0\",\"oif\":\"eth9\",\"oif_detached\":null,\"table\":\"7\"},{"
     "\"priority\":500,\"src\":\"all\",\"fwmark\":\"0x10\",\"fwmask\":\"0xf0\",\"table\":\"main\"},{\"priority\":"
     "600,\"src\":\"all\",\"uid_start\":0,\"uid_end\":99,\"ipproto\":\"tcp\",\"sport\":5,\"dport_start\":80,"
     "\"dport_end\":90,\"action\":\"blackhole\"},{\"priority\":32763,\"src\":\"all\",\"fwmark\":\"0x1\",\"table\":"
     "\"100\"},{\"priority\":32764,\"src\":\"10.0.0.0\",\"srclen\":8,\"table\":\"100\"},{\"priority\":32765,"
     "\"src\":\"10.0.0.0\",\"srclen\":8,\"table\":\"100\"},{\"priority\":32766,\"src\":\"all\",\"table\":\"main\"},"
     "{\"priority\":32767,\"src\":\"all\",\"table\":\"default\"}]\n"},
    {"ip -j -p rule", 0,
     "[ {\n"
     "        \"priority\": 0,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"local\"\n"
     "    },{\n"
     "        \"priority\": 77,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"97\"\n"
     "    },{\n"
     "        \"priority\": 78,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"97\"\n"
     "    },{\n"
     "        \"priority\": 393,\n"
     "        \"src\": \"10.0.0.1\",\n"
     "        \"srclen\": 8,\n"
     "        \"table\": \"97\"\n"
     "    },{\n"
     "        \"priority\": 394,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"98\"\n"
     "    },{\n"
     "        \"priority\": 395,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"99\"\n"
     "    },{\n"
     "        \"priority\": 396,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"99\",\n"
     "        \"protocol\": \"static\"\n"
     "    },{\n"
     "        \"priority\": 397,\n"
     "        \"src\": \"all\",\n"
     "        \"iif\": \"lo\",\n"
     "        \"table\": \"99\"\n"
     "    },{\n"
     "        \"priority\": 398,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"main\"\n"
     "    },{\n"
     "        \"priority\": 399,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"main\",\n"
     "        \"suppress_prefixlen\": 8\n"
     "    },{\n"
     "        \"priority\": 400,\n"
     "        \"src\": \"all\",\n"
     "        \"goto\": 600\n"
     "    },{\n"
     "        \"priority\": 410,\n"
     "        \"src\": \"all\",\n"
     "        \"goto\": 999,\n"
     "        \"unresolved\": null\n"
     "    },{\n"
     "        \"priority\": 411,\n"
     "        \"src\": \"all\",\n"
     "        \"nop\": null\n"
     "    },{\n"
     "        \"priority\": 412,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"main\",\n"
     "        \"suppress_prefixlen\": 0\n"
     "    },{\n"
     "        \"priority\": 497,\n"
     "        \"src\": \"1.2.3.4\",\n"
     "        \"action\": \"prohibit\"\n"
     "    },{\n"
     "        \"priority\": 498,\n"
     "        \"src\": \"all\",\n"
     "        \"ipproto\": \"udp\",\n"
     "        \"action\": \"unreachable\"\n"
     "    },{\n"
     "        \"priority\": 499,\n"
     "        \"not\": null,\n"
     "        \"src\": \"10.1.0.1\",\n"
     "        \"dst\": \"10.2.0.0\",\n"
     "        \"dstlen\": 16,\n"
     "        \"tos\": \"0x10\",\n"
     "        \"iif\": \"eth0\",\n"
     "        \"oif\": \"eth9\",\n"
     "        \"oif_detached\": null,\n"
     "        \"table\": \"7\"\n"
     "    },{\n"
     "        \"priority\": 500,\n"
     "        \"src\": \"all\",\n"
     "        \"fwmark\": \"0x10\",\n"
     "        \"fwmask\": \"0xf0\",\n"
     "        \"table\": \"main\"\n"
     "    },{\n"
     "        \"priority\": 600,\n"
     "        \"src\": \"all\",\n"
     "        \"uid_start\": 0,\n"
     "        \"uid_end\": 99,\n"
     "        \"ipproto\": \"tcp\",\n"
     "        \"sport\": 5,\n"
     "        \"dport_start\": 80,\n"
     "        \"dport_end\": 90,\n"
     "        \"action\": \"blackhole\"\n"
     "    },{\n"
     "        \"priority\": 32763,\n"
     "        \"src\": \"all\",\n"
     "        \"fwmark\": \"0x1\",\n"
     "        \"table\": \"100\"\n"
     "    },{\n"
     "        \"priority\": 32764,\n"
     "        \"src\": \"10.0.0.0\",\n"
     "        \"srclen\": 8,\n"
     "        \"table\": \"100\"\n"
     "    },{\n"
     "        \"priority\": 32765,\n"
     "        \"src\": \"10.0.0.0\",\n"
     "        \"srclen\": 8,\n"
     "        \"table\": \"100\"\n"
     "    },{\n"
     "        \"priority\": 32766,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"main\"\n"
     "    },{\n"
     "        \"priority\": 32767,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"default\"\n"
     "    } ]\n"},
    {"ip -j -d -p rule", 0,
     "[ {\n"
     "        \"priority\": 0,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"local\",\n"
     "        \"protocol\": \"kernel\"\n"
     "    },{\n"
     "        \"priority\": 77,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"97\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 78,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"97\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 393,\n"
     "        \"src\": \"10.0.0.1\",\n"
     "        \"srclen\": 8,\n"
     "        \"table\": \"97\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 394,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"98\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 395,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"99\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 396,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"99\",\n"
     "        \"protocol\": \"static\"\n"
     "    },{\n"
     "        \"priority\": 397,\n"
     "        \"src\": \"all\",\n"
     "        \"iif\": \"lo\",\n"
     "        \"table\": \"99\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 398,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"main\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 399,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"main\",\n"
     "        \"suppress_prefixlen\": 8,\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 400,\n"
     "        \"src\": \"all\",\n"
     "        \"goto\": 600,\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 410,\n"
     "        \"src\": \"all\",\n"
     "        \"goto\": 999,\n"
     "        \"unresolved\": null,\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 411,\n"
     "        \"src\": \"all\",\n"
     "        \"nop\": null,\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 412,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"main\",\n"
     "        \"suppress_prefixlen\": 0,\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 497,\n"
     "        \"src\": \"1.2.3.4\",\n"
     "        \"action\": \"prohibit\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 498,\n"
     "        \"src\": \"all\",\n"
     "        \"ipproto\": \"udp\",\n"
     "        \"action\": \"unreachable\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 499,\n"
     "        \"not\": null,\n"
     "        \"src\": \"10.1.0.1\",\n"
     "        \"dst\": \"10.2.0.0\",\n"
     "        \"dstlen\": 16,\n"
     "        \"tos\": \"0x10\",\n"
     "        \"iif\": \"eth0\",\n"
     "        \"oif\": \"eth9\",\n"
     "        \"oif_detached\": null,\n"
     "        \"table\": \"7\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 500,\n"
     "        \"src\": \"all\",\n"
     "        \"fwmark\": \"0x10\",\n"
     "        \"fwmask\": \"0xf0\",\n"
     "        \"table\": \"main\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 600,\n"
     "        \"src\": \"all\",\n"
     "        \"uid_start\": 0,\n"
     "        \"uid_end\": 99,\n"
     "        \"ipproto\": \"tcp\",\n"
     "        \"sport\": 5,\n"
     "        \"dport_start\": 80,\n"
     "        \"dport_end\": 90,\n"
     "        \"action\": \"blackhole\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 32763,\n"
     "        \"src\": \"all\",\n"
     "        \"fwmark\": \"0x1\",\n"
     "        \"table\": \"100\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 32764,\n"
     "        \"src\": \"10.0.0.0\",\n"
     "        \"srclen\": 8,\n"
     "        \"table\": \"100\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 32765,\n"
     "        \"src\": \"10.0.0.0\",\n"
     "        \"srclen\": 8,\n"
     "        \"table\": \"100\",\n"
     "        \"protocol\": \"unspec\"\n"
     "    },{\n"
     "        \"priority\": 32766,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"main\",\n"
     "        \"protocol\": \"kernel\"\n"
     "    },{\n"
     "        \"priority\": 32767,\n"
     "        \"src\": \"all\",\n"
     "        \"table\": \"default\",\n"
     "        \"protocol\": \"kernel\"\n"
     "    } ]\n"},
    {"ip rule show table 100", 0,
     "32763:\tfrom all fwmark 0x1 lookup 100\n"
     "32764:\tfrom 10.0.0.0/8 lookup 100\n"
     "32765:\tfrom 10.0.0.0/8 lookup 100\n"},
    {"ip rule show from 10.0.0.0/8", 0,
     "393:\tfrom 10.0.0.1/8 lookup 97\n"
     "499:\tnot from 10.1.0.1 to 10.2.0.0/16 tos 0x10 iif eth0 oif eth9 [detached] lookup 7\n"
     "32764:\tfrom 10.0.0.0/8 lookup 100\n"
     "32765:\tfrom 10.0.0.0/8 lookup 100\n"},
    {"ip rule show fwmark 1", 0, "32763:\tfrom all fwmark 0x1 lookup 100\n"},
    {"ip rule show pref 400", 0, "400:\tfrom all goto 600\n"},
    {"ip rule show iif eth0", 0,
     "499:\tnot from 10.1.0.1 to 10.2.0.0/16 tos 0x10 iif eth0 oif eth9 [detached] lookup 7\n"},
    {"ip rule show foo", 1, "Error: inet prefix is expected rather than \"foo\".\n"},
    {"ip rule del pref 400", 0, ""},
    {"ip rule del pref 400", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip rule del from 10.0.0.0/8", 0, ""},
    {"ip rule del from 10.0.0.0/8", 0, ""},
    {"ip rule del table 55", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip rule del", 1, "\"ip rule del\" requires arguments.\n"},
    {"ip rule del lookup main suppress_prefixlength 0", 0, ""},
    {"ip rule flush", 0, ""},
    {"ip rule", 0, "0:\tfrom all lookup local\n"},
    {"ip rule add pref 5 lookup local", 0, ""},
    {"ip rule del pref 0", 0, ""},
    {"ip rule", 0, "5:\tfrom all lookup local\n"},
    {"ip rule foo", 255, "Command \"foo\" is unknown, try \"ip rule help\".\n"}};

TEST(cmd_rule_is_as_on_linux)
{
    struct router r;
    router_start(&r);
    typed_table(r.net, cmd_rule_lines, ARRAY_LEN(cmd_rule_lines));
    router_end(&r);
}

TEST(cmd_rule_dump_makes_the_same_again)
{
    static char first[16384];
    struct router r, again;
    router_start(&r);
    TYPED(r.net, {"ip rule add not from 10.0.0.0/8 to 1.2.3.4 iif eth0 oif x tos 0x10 fwmark 1/7 lookup 9", 0, ""},
          {"ip rule add ipproto udp dport 53 uidrange 1-2 blackhole; ip rule add goto 40000 priority 7 proto static", 0,
           ""},
          {"ip rule add nop; ip rule del priority 32767; ip -6 rule add from 2001:db8::/32 table main sup_pl 0", 0, ""},
          {"dump | grep rule", 0,
           "ip rule del priority 32767\n"
           "ip rule add priority 6 nop\n"
           "ip rule add priority 7 proto static goto 40000\n"
           "ip rule add ipproto 17 dport 53-53 uidrange 1-2 priority 32764 blackhole\n"
           "ip rule add not from 10.0.0.0/8 to 1.2.3.4/32 iif eth0 oif x fwmark 0x1/0x7 tos 0x10 priority 32765 lookup "
           "9\n"
           "ip -6 rule add from 2001:db8::/32 priority 32765 suppress_prefixlength 0 lookup main\n"});
    str_copy(first, sizeof(first), typed_said);
    router_start(&again);
    CHECK_EQ(typed(again.net, first), 0);
    TYPED(again.net, {"dump | grep rule", 0, first});
    router_end(&again);
    router_end(&r);
}

/* All devices are in the group "default". */
TEST(cmd_rule_suppresses_by_group)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net, {"ip route add default via 10.1.0.2; ip route add 10.7.0.0/16 via 10.2.0.2 table 7", 0, ""},
          {"ip rule add table 7 suppress_ifgroup foo", 255,
           "Error: argument \"foo\" is wrong: Invalid \"suppress_ifgroup\" value\n\n"},
          {"ip rule add table 7 suppress_ifgroup 5 pref 10", 0, ""},
          {"ip route get 10.7.0.1", 0, "10.7.0.1 via 10.2.0.2 dev eth1 table 7 src 10.2.0.1 uid 0 \n    cache \n"},
          {"ip rule del pref 10; ip rule add table 7 sup_group default suppress_prefixlength 3 pref 11", 0, ""},
          {"ip route get 10.7.0.1", 0, "10.7.0.1 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache \n"},
          {"ip rule list pref 11", 0, "11:\tfrom all lookup 7 suppress_prefixlength 3 suppress_ifgroup default\n"},
          {"ip -j rule list pref 11", 0,
           "[{\"priority\":11,\"src\":\"all\",\"table\":\"7\",\"suppress_prefixlen\":3,\"suppress_ifgroup\":"
           "\"default\"}]\n"},
          {"ip rule save pref 11", 0, "ip rule add priority 11 suppress_prefixlength 3 suppress_ifgroup 0 lookup 7\n"},
          {"ip rule del suppress_ifgroup 6", 2, "RTNETLINK answers: No such file or directory\n"},
          {"ip rule add tos 0x20 table 7", 2, "Error: Invalid tos.\n"},
          {"ip rule add tos 3 table 7", 2, "Error: Invalid dsfield (tos): ECN bits must be 0.\n"},
          {"ip rule add l3mdev", 255, "Error: argument \"l3mdev\" is wrong: no rule here has it\n"},
          {"ip rule del suppress_ifgroup default", 0, ""}, {"ip rule list pref 11", 0, ""});
    router_end(&r);
}
