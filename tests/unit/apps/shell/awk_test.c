/* awk against mawk on the same text, and what is Weir's own against tables.
 *
 * What is compared is that on which mawk, the oracle (packages.txt), and gawk agree. They differ over whole numbers
 * beyond 2^31 (mawk prints 1e+10 for what POSIX wants as by %d) and over "0x10" as a number (mawk reads it); there Weir
 * does what gawk does, which the table says. */
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "tests/unit/apps/shell/tool.h"

static const char text[] = "eth0 100 20 up\n"
                           "eth1 7 300 down\n"
                           "lo 0 0 up\n"
                           "\n"
                           "wlan0: 12,5 x=y  a b c\n"
                           "  leading 3.5 -2 1e2\n"
                           "CPU0 10 007 .5\n"
                           "eth0 50 1 up\n";

static const char *const programs[] = {
    "awk '{print $1, $9}'",
    "awk '{print $1}'",
    "awk '{print}'",
    "awk 'NR==2'",
    "awk '/eth/'",
    "awk '!/eth/'",
    "awk '$2 > 5'",
    "awk '$2>0 || $3>0'",
    "awk '$2 > 5 {print $1}'",
    "awk '/eth/ {s += $2} END {print s}'",
    "awk '{s+=$2; n++} END {print s/n, s, n}'",
    "awk 'BEGIN {print 1/3, 2/3, 10/4, 1e6, 123456789, 0.1+0.2, -7%3, 2^10, 7/2*2}'",
    "awk -F: '{print $1}'",
    "awk -F, '{print NF, $2}'",
    "awk -F'[ ,=]+' '{print NF \": \" $2 \"|\" $3}'",
    "awk '{print NF; print $NF; print $(NF-1+1)}'",
    "awk '{$2 = \"x\"; print; print NF}'",
    "awk '{$7 = \"seven\"; print}'",
    "awk '{NF = 2; print}'",
    "awk 'BEGIN {OFS=\"-\"} {$1 = $1; print}'",
    "awk '{a[$1]++} END {print a[\"eth0\"], a[\"lo\"], a[\"none\"] + 0, length(a)}'",
    "awk '{c[$4]++} END {for (k in c) n += c[k]; print n}'",
    "awk '{print length, length($1), length()}'",
    "awk '{print toupper($1) tolower(\"ABC\")}'",
    "awk '{print substr($1, 2, 2), substr($1, 0), substr($1, 2)}'",
    "awk '{print index($0, \"0\")}'",
    "awk '{n = split($0, p); print n, p[1], p[n]}'",
    "awk '{n = split($0, p, \"[0-9]\"); print n, p[1], p[2]}'",
    "awk '{n = split(\"a:b:c\", p, \":\"); print n, p[3]}'",
    "awk '{gsub(/[0-9]/, \"<&>\"); print}'",
    "awk '{n = gsub(/e/, \"E\", $1); print n, $0}'",
    "awk '{sub(/t/, \"\\\\&\"); print}'",
    "awk '{gsub(/x*/, \"-\"); print}'",
    "awk '{sub(\"h\", \"H\", $1)} 1'",
    "awk '{if (match($0, /[0-9]+/)) print RSTART, RLENGTH; else print \"no\", RSTART, RLENGTH}'",
    "awk '{printf \"%-8s|%5d|%s\\n\", $1, $2, $3}'",
    "awk '{printf \"%.2f %5.1f %e %g %c|%x|%o|%%|%05d|%+d\\n\", $2, $2 / 7, $2, $2 / 3, 65, $2, $2, $2, $2}'",
    "awk 'BEGIN {x = sprintf(\"%3d:%s\", 7, \"z\"); print x, length(x)}'",
    "awk 'BEGIN {for (i = 0; i < 5; i++) {if (i == 1) continue; if (i == 4) break; print i}}'",
    "awk 'BEGIN {while (i < 3) print i++; do print --i; while (i > 0)}'",
    "awk 'BEGIN {print x == 0, x == \"\", \"a\" < \"b\", 10 < 9, \"10\" < \"9\", 1 == 1.0}'",
    "awk '{print ($2 == 7), ($2 == \"7\"), ($3 == 7), ($4 == .50)}'",
    "awk 'BEGIN {print 1 \" \" 2, 1 + 2 \"3\", -1 \"x\", 2 * 3 4}'",
    "awk 'BEGIN {print 1 ? \"y\" : \"n\", 0 ? 1 : 2 ? 3 : 4}'",
    "awk 'BEGIN {a[1]; a[2, 3] = 5; print (1 in a), (4 in a), ((2, 3) in a); delete a[1]; print (1 in a)}'",
    "awk 'BEGIN {x = y = 3; x += 2; x -= 1; x *= 6; x /= 4; x %= 4; x ^= 3; print x, y++, ++y, y--, --y}'",
    "awk 'NR == 2, NR == 4'",
    "awk '/eth1/, /wlan/ {print NR}'",
    "awk '/lo/, /nosuch/ {print NR}'",
    "awk '/eth0/ {next} {print \"x\" $1}'",
    "awk 'NR == 3 {exit 4} {print} END {print \"end\"}'",
    "awk 'END {print NR, $0}'",
    "awk '{$0 = \"a b c\"; print $2, NF}'",
    "awk -v x=5 -v 's=a\\tb' 'BEGIN {print x + 1, s}'",
    "awk '$1 ~ /^e/ && $4 !~ \"down\" {print $1}'",
    "awk '$1 ~ \"^\" \"l\"'",
    "awk 'BEGIN {print length(\"x\" \"yz\") + 1; print -2^2, !0, !1, !\"\", - -3, 1 - 1, 2 - -2}'",
    "awk 'BEGIN {print (1 > 2) ? \"a\" : \"b\"}'",
    "awk 'BEGIN {print(1, 2); print (1)(2); print (1, 2)}'",
    "awk '{ print $1 # comment\n }'",
    "awk 'BEGIN {\n  if (1)\n    print \"one\"\n  else\n    print \"two\"\n}'",
    "awk 'BEGIN {if (0) print 1; else if (1) print 2; else print 3}'",
    "awk 'BEGIN {print 10000 * 10000, 2^30, 1e10 / 3}'",
    "awk 'BEGIN {print substr(\"hello\", 2, 100), substr(\"hello\", 10), substr(\"\", 1)}'",
    "awk 'BEGIN {print \"a\\tb\\\\n\\\"q\\\"\\101\"}'",
    "awk 'BEGIN {printf \"%d%%\\n\", 99.9}'",
    "awk 'BEGIN {printf \"%5s|%-5s|%.1s|%*d\\n\", \"ab\", \"cd\", \"ef\", 4, 7}'",
    "awk '{print $1\"/\"$2}'",
    "awk '{ $3 = \"\"; print }'",
    "awk 'length($0) > 14'",
    "awk 'length > 14'",
    "awk '{x[NR] = $0} END {for (i = NR; i > 0; i--) print x[i]}'",
    "awk '{print NR % 2 ? \"odd\" : \"even\"}'",
    "awk '{m = $2 > m ? $2 : m} END {print m}'",
    "awk 'BEGIN {FS = \"=\"} {print $2}'",
    "awk 'BEGIN {RSTART = 1; $0 = \"x y\"; print $2, NF; $5 = \"e\"; print; print NF}'",
    "awk '1; END {print \"done\"}'",
    "awk '$NF == \"up\" {u++} $NF == \"down\" {d++} END {print u \" up,\", d \" down\"}'",
    "awk '{print $1} END {while (n < 2) {n++; if (n == 1) continue; print n}}'",
    "awk -F'[:,]' '{n += gsub(\"e\" \"t\", \"ET\", $1); print} END {print n}'",
    "awk -F'[0-9]+' '{if (match($1, \"t\" \"h\")) print RSTART, NF; sub(\"h\" \"*\", \"x\", $2); print $2}'",
    "awk '{FS = \":\"; print $1}'",
    "awk 'BEGIN {print NR, FNR}'",
    "awk 'BEGIN {NR = 10} {print NR, FNR}'",
    "awk '{FNR = 5; print NR, FNR}'",
    "awk '{print x, $1}' x=5",
    "awk '{print x, $1}' x=5 /nonexistent x=6",
    "awk '{NF = 5; print}' OFS=-",
    "awk 'BEGIN {printf \"%#x %#X %#o %#x %#06x|%2000s|\\n\", 255, 255, 8, 0, 10, \"w\"}'",
    "awk '{FS = \"[:,]\"; print $2, NF}'",
    "awk -F'\\' '{print $1}'",
    "awk 'BEGIN {print split(\"a\\\\b\", p, \"\\\\\"), p[2]}'",
};

TEST(awk_as_mawk)
{
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        if (!TOOL_COMPARE(programs[i], text, sizeof(text) - 1)) {
            test_skip("no mawk on this machine");
            return;
        }
    }
}

/* Options are taken whole, however long they are. */
TEST(awk_takes_long_values)
{
    static struct tool_result r;
    char line[700], want[512];
    memset(want, 'v', sizeof(want) - 2);
    str_copy(want + sizeof(want) - 2, 2, "\n");
    fmt(line, sizeof(line), "awk -v x=%.*s 'BEGIN {print x}'", (int)sizeof(want) - 2, want);
    tool_run(&r, line, "", 0);
    CHECK_STR(r.out, want);
}

/* The end of an input without lines knows how many there were. */
TEST(awk_counts_to_nothing)
{
    TOOL_COMPARE("awk 'END {print NR, NF, $0}'", "", 0);
}

struct answer {
    const char *line, *out, *err;
    int status;
};

TEST(awk_of_its_own)
{
    static const struct answer answers[] = {
        {"awk '{print > \"/tmp/x\"}'", "", "line 1, column 8: awk writes no files", 2},
        {"awk '{print | \"sort\"}'", "", "awk writes no files and pipes", 2},
        {"awk 'function f() {}'", "", "`function`", 2},
        {"awk '{getline x}'", "", "getline", 2},
        {"awk 'BEGIN {print sin(1)}'", "", "no floating point", 2},
        {"awk 'BEGIN {print f(1)}'", "", "no functions of one's own", 2},
        {"awk 'BEGIN {print 1'", "", "is not closed", 2},
        {"awk 'BEGIN {print \"x}'", "", "a text is not closed", 2},
        {"awk '/x'", "", "a pattern is not closed", 2},
        {"awk '/(/'", "", "Unmatched (", 2},
        {"awk ''", "", "empty", 2},
        {"awk", "", "which program", 2},
        {"awk 'BEGIN {RS = \"\"}'", "", "RS is not to be had here", 2},
        {"awk -v OFMT=%.2f 'BEGIN {print 1}'", "", "OFMT is not to be had here", 2},
        {"awk -v 1x=3 'BEGIN {print 1}'", "", "NAME=VALUE was expected", 2},
        {"awk -v print=3 'BEGIN {print[1] = 2}'", "", "an expression was expected", 2},
        {"awk -v a=3 'BEGIN {a[1] = 2}'", "", "an array here", 2},
        {"awk -f /nonexistent", "", "No such file", 2},
        {"awk 'BEGIN {printf \"%.21f\", 1}'", "", "at most 20 places", 2},
        {"awk 'BEGIN {printf \"%9999999s\", 1}'", "", "more than 4 MiB", 2},
        {"awk 'BEGIN {print 2^0.5}'", "", "an exponent is a whole number", 2},
        {"awk 'BEGIN {print 1e21}'", "", "out of range", 2},
        {"awk '{next} BEGIN {next}'", "", "next has no meaning", 2},
        {"awk 'BEGIN {break}'", "", "outside of a loop", 2},
        {"awk 'BEGIN {a = 1; a[1] = 2}'", "", "an array here", 2},
        {"awk 'BEGIN {print 1/0}'", "", "division by zero", 2},
        {"awk 'BEGIN {x = 10^20; print x * 10}'", "", "out of range", 2},
        {"awk 'BEGIN {print $-1}'", "", "$-1", 2},
        {"awk 'BEGIN {$2000 = 1}'", "", "there are the fields 0 to 1024", 2},
        {"awk 'BEGIN {while (1) x = x \"0123456789012345678901234567890123456789\"}'", "", "more than 4 MiB", 2},
        {"awk 'BEGIN {print ((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))}'", "",
         "too deep", 2},
        {"awk 'BEGIN {print 100000 * 100000, 2^53, 3000000000 + 3000000000, 2^31}'",
         "10000000000 9007199254740992 6000000000 2147483648\n", NULL, 0},
        {"awk 'BEGIN {$0 = \"0x10 7\"; print $1 + 1, ($1 > 5), ($1 > \"5\"); printf \"%d\\n\", $1}'", "1 0 0\n0\n",
         NULL, 0},
        {"awk 'BEGIN {print 18446744073709551615 + 1}'", "18446744073709551616\n", NULL, 0},
        {"awk 'BEGIN {printf \"%d %x %u\\n\", 18446744073709551615, 18446744073709551615, -1}'",
         "18446744073709551615 ffffffffffffffff 18446744073709551615\n", NULL, 0},
        {"awk 'BEGIN {printf \"%s|%s|%c|\\n\", \"only\"}'", "only|||\n", NULL, 0},
        {"awk 'BEGIN {print substr(\"hello\", -1, 3) substr(\"hello\", 1.5, 1)}'", "he\n", NULL, 0},
        {"awk 'BEGIN {x = \"old\"; print x, (x = \"a longer text\"), x}'", "old a longer text a longer text\n", NULL,
         0},
        {"awk 'BEGIN {$0 = \"a b\"; print $1, ($0 = \"c d e\"), $3}'", "a c d e e\n", NULL, 0},
        {"awk 'BEGIN {a[1] = 1; a[2] = 2; for (k in a) {delete a; print k}; print length(a)}'", "1\n2\n0\n", NULL, 0},
    };
    static struct tool_result r;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct answer *a = &answers[i];
        tool_run(&r, a->line, "", 0);
        bool same = str_eq(r.out, a->out) || a->status;
        if (!same || r.status != a->status || (a->err && !strstr(r.err, a->err)))
            test_failed(__FILE__, __LINE__, "%s: %d \"%s\" (%s)", a->line, r.status, r.out, r.err);
    }
}
