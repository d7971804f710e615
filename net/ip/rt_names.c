/* Names of numbers in routes, rules and addresses (contract: rt_names.h).
 *
 * What Debian's /etc/iproute2 has by default is known without a file, for nobody should need one to read `proto bgp`.
 * Names of tables are the administrator's: those are looked for in the file, from its beginning each time, since a
 * command asks for a few.
 */
#include "net/ip/rt_names.h"

#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/fib.h"

#define TABLES_FILE "/etc/iproute2/rt_tables"
#define FILE_MOST   65536u

struct named {
    u32 number;
    const char *name;
};

static const struct named tables[] = {{TABLE_LOCAL, "local"}, {TABLE_MAIN, "main"}, {TABLE_DEFAULT, "default"}};
static const struct named protos[] = {{PROTO_UNSPEC, "unspec"},
                                      {PROTO_REDIRECT, "redirect"},
                                      {PROTO_KERNEL, "kernel"},
                                      {PROTO_BOOT, "boot"},
                                      {PROTO_STATIC, "static"},
                                      {8, "gated"},
                                      {PROTO_RA, "ra"},
                                      {10, "mrt"},
                                      {11, "zebra"},
                                      {12, "bird"},
                                      {13, "dnrouted"},
                                      {14, "xorp"},
                                      {15, "ntk"},
                                      {PROTO_DHCP, "dhcp"},
                                      {18, "keepalived"},
                                      {42, "babel"},
                                      {186, "bgp"},
                                      {187, "isis"},
                                      {188, "ospf"},
                                      {189, "rip"},
                                      {192, "eigrp"}};
static const struct named scopes[] = {{SCOPE_GLOBAL, "global"},
                                      {SCOPE_NOWHERE, "nowhere"},
                                      {SCOPE_HOST, "host"},
                                      {SCOPE_LINK, "link"},
                                      {SCOPE_SITE, "site"}};
static const struct named types[] = {
    {ROUTE_UNICAST, "unicast"},         {ROUTE_LOCAL, "local"},         {ROUTE_BROADCAST, "broadcast"},
    {ROUTE_ANYCAST, "anycast"},         {ROUTE_MULTICAST, "multicast"}, {ROUTE_BLACKHOLE, "blackhole"},
    {ROUTE_UNREACHABLE, "unreachable"}, {ROUTE_PROHIBIT, "prohibit"},   {ROUTE_THROW, "throw"}};
static const struct named ipprotos[] = {{1, "icmp"},  {2, "igmp"}, {4, "ipencap"}, {6, "tcp"},        {17, "udp"},
                                        {41, "ipv6"}, {47, "gre"}, {50, "esp"},    {58, "ipv6-icmp"}, {132, "sctp"}};

static const char *name_of(const struct named *n, unsigned count, u32 number, char buf[RT_NAME])
{
    for (unsigned i = 0; i < count; i++)
        if (n[i].number == number)
            return n[i].name;
    fmt(buf, RT_NAME, "%u", number);
    return buf;
}

static bool number_of(const struct named *n, unsigned count, const char *word, u32 most, u32 *number)
{
    for (unsigned i = 0; i < count; i++)
        if (str_eq(word, n[i].name)) {
            *number = n[i].number;
            return true;
        }
    return !parse_u32(word, 0, most, number, NULL);
}

static bool byte_of(const struct named *n, unsigned count, const char *word, u8 *to)
{
    u32 v;
    if (!number_of(n, count, word, 255, &v))
        return false;
    *to = (u8)v;
    return true;
}

/* ---- tables ---- */

static const char *tables_text(struct rt_names *n)
{
    size_t len;
    if (!n->tried && n->net && file_load(n->net, TABLES_FILE, FILE_MOST, &n->text, &len))
        n->text = NULL;
    n->tried = true;
    return n->text;
}

void rt_names_end(struct rt_names *n)
{
    mem_free(n->text);
    n->text = NULL;
}

/* The next line that names a table; false at the end. */
static bool next_line(struct parse *ps, u32 *id, struct token *name)
{
    struct token t;
    char number[16];
    while (parse_next(ps, &t)) {
        if (t.kind != TOKEN_WORD || str_copy_n(number, sizeof(number), t.p, t.n) >= sizeof(number) ||
            parse_u32(number, 0, UINT32_MAX, id, NULL))
            continue;
        if (parse_next(ps, name) && name->kind == TOKEN_WORD)
            return true;
    }
    return false;
}

const char *rt_table_name(struct rt_names *n, u32 id, char buf[RT_NAME])
{
    const char *known = name_of(tables, ARRAY_LEN(tables), id, buf);
    if (known != buf || !tables_text(n))
        return known;
    struct parse ps;
    struct token name;
    u32 at;
    for (parse_init(&ps, n->text, strlen(n->text), "", '#'); next_line(&ps, &at, &name);)
        if (at == id) {
            str_copy_n(buf, RT_NAME, name.p, name.n);
            break;
        }
    return buf;
}

bool rt_table_id(struct rt_names *n, const char *word, u32 *id)
{
    if (number_of(tables, ARRAY_LEN(tables), word, UINT32_MAX, id))
        return true;
    if (!tables_text(n))
        return false;
    struct parse ps;
    struct token name;
    for (parse_init(&ps, n->text, strlen(n->text), "", '#'); next_line(&ps, id, &name);)
        if (token_is(&name, word))
            return true;
    return false;
}

/* ---- the others ---- */

const char *rt_proto_name(u8 proto, char buf[RT_NAME])
{
    return name_of(protos, ARRAY_LEN(protos), proto, buf);
}

bool rt_proto_of(const char *word, u8 *proto)
{
    return byte_of(protos, ARRAY_LEN(protos), word, proto);
}

const char *rt_scope_name(u8 scope, char buf[RT_NAME])
{
    return name_of(scopes, ARRAY_LEN(scopes), scope, buf);
}

bool rt_scope_of(const char *word, u8 *scope)
{
    return byte_of(scopes, ARRAY_LEN(scopes), word, scope);
}

const char *rt_type_name(u8 type, char buf[RT_NAME])
{
    return name_of(types, ARRAY_LEN(types), type, buf);
}

bool rt_type_of(const char *word, u8 *type)
{
    return !char_is_digit(*word) && byte_of(types, ARRAY_LEN(types), word, type);
}

const char *rt_ipproto_name(u8 proto, char buf[RT_NAME])
{
    const char *name = name_of(ipprotos, ARRAY_LEN(ipprotos), proto, buf);
    if (name == buf)
        fmt(buf, RT_NAME, "ipproto-%u", proto);
    return name;
}

bool rt_ipproto_of(const char *word, u8 *proto)
{
    return byte_of(ipprotos, ARRAY_LEN(ipprotos), word, proto);
}
