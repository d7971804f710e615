/* route: the tables of main routes as net-tools has them; what is newer is `ip route`.
 *
 *     route [-n] [-4 | -6]
 *     route add | del [-net | -host] TARGET [netmask M] [gw A] [metric N] [mss N] [reject] [[dev] IF]
 *
 * A change becomes words of `ip route`, which does it and says what is wrong.
 */
#include "lib/cmd.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/route_table.h"

/* ---- changed ---- */

#define WORDS 24

struct words {
    struct cmd_ctx *c;
    char *word[WORDS];
    int n;
    char target[FMT_IPADDR_MAX + 8], metric[16];
};

static void put(struct words *w, char *word)
{
    if (w->n + 1 < WORDS)
        w->word[w->n++] = word;
    w->word[w->n] = NULL;
}

/* How many bits a mask of ones and then zeros has; -1: it is none. */
static int mask_bits(const char *text)
{
    struct ipaddr a;
    if (parse_addr(text, &a, NULL) || !ipaddr_is4(&a))
        return -1;
    u32 m = load_be32(a.b + ADDR4_AT), n = m ? 32 - (u32)__builtin_ctz(m) : 0;
    return n == 0 || m == ~0u << (32 - n) ? (int)n : -1;
}

struct target {
    const char *text;
    bool net, host;
    int bits; /* by netmask; -1: not said */
};

static int put_target(struct words *w, const struct target *t)
{
    struct ipprefix p;
    if (!t->text)
        return cmd_usage(w->c, "which route?");
    if (str_eq(t->text, "default")) {
        put(w, (char *)"default");
        return 0;
    }
    if (parse_prefix(t->text, &p, NULL))
        return cmd_error(w->c, "\"%s\" is no address", t->text);
    if (t->bits >= 0)
        p.bits = (u8)t->bits;
    else if (t->net && !strchr(t->text, '/'))
        return cmd_error(w->c, "a network wants its mask: -net %s netmask M, or %s/N", t->text, t->text);
    if (t->host && p.bits != ipaddr_bits(&p.addr))
        return cmd_error(w->c, "netmask %u doesn't make sense with host route", p.bits);
    fmt(w->target, sizeof(w->target), "%pI/%u", &p.addr, p.bits);
    put(w, w->target);
    return 0;
}

static const char *value(struct cmd_ctx *c, int *i)
{
    if (*i + 1 < c->argc)
        return c->argv[++*i];
    cmd_usage(c, "\"%s\" wants a value", c->argv[*i]);
    return NULL;
}

/* The words behind the target; the status. */
static int read_rest(struct words *w, int i, struct target *t, const char **type)
{
    static const struct {
        const char *old, *now;
    } same[] = {{"gw", "via"}, {"dev", "dev"}, {"metric", "metric"}, {"mss", "advmss"}};
    struct cmd_ctx *c = w->c;
    for (; i < c->argc; i++) {
        const char *word = c->argv[i], *to = NULL;
        for (unsigned k = 0; k < ARRAY_LEN(same); k++)
            to = str_eq(word, same[k].old) ? same[k].now : to;
        if (to || str_eq(word, "netmask")) {
            const char *v = value(c, &i);
            if (!v)
                return 2;
            if (!to && (t->bits = mask_bits(v)) < 0)
                return cmd_error(c, "bogus netmask %s", v);
            if (to)
                put(w, (char *)to);
            if (to)
                put(w, (char *)v);
        } else if (str_eq(word, "reject")) {
            *type = "unreachable";
        } else if (i + 1 == c->argc) {
            put(w, (char *)"dev");
            put(w, c->argv[i]);
        } else {
            return cmd_usage(c, "\"%s\" is not known here", word);
        }
    }
    return 0;
}

static int change(struct cmd_ctx *c, int i, bool v6)
{
    struct words head = {.c = c}, rest = {.c = c};
    struct target t = {.bits = -1};
    const char *type = NULL;
    char *verb = c->argv[i++];

    for (; i < c->argc && (str_eq(c->argv[i], "-net") || str_eq(c->argv[i], "-host")); i++)
        *(c->argv[i][1] == 'n' ? &t.net : &t.host) = true;
    t.text = i < c->argc ? c->argv[i++] : NULL;
    int status = read_rest(&rest, i, &t, &type);
    put(&head, (char *)"ip");
    if (v6)
        put(&head, (char *)"-6");
    put(&head, (char *)"route");
    put(&head, verb);
    if (type)
        put(&head, (char *)type);
    status = status ? status : put_target(&head, &t);
    for (int k = 0; !status && k < rest.n; k++)
        put(&head, rest.word[k]);
    return status ? status : cmd_run_within(c, head.n, head.word, NULL);
}

static int cmd_net_route(struct cmd_ctx *c)
{
    bool numeric = false, v6 = false;
    int i = 1;
    for (; i < c->argc && c->argv[i][0] == '-'; i++)
        for (const char *s = c->argv[i] + 1; *s; s++) {
            if (!strchr("n46ev", *s))
                return cmd_usage(c, "\"-%c\" is no option of it", *s);
            numeric |= *s == 'n';
            v6 |= *s == '6';
        }
    if (i == c->argc)
        return route_table_show(c, numeric, false, v6);
    if (str_eq(c->argv[i], "add") || str_eq(c->argv[i], "del"))
        return change(c, i, v6);
    return cmd_usage(c, "\"%s\" is not known here", c->argv[i]);
}

CMD(net_route, .name = "route", .group = "network", .help = "the main routes, as net-tools shows them",
    .usage = "[-n] [-4|-6] | add|del [-net|-host] TARGET [netmask M] [gw A] [metric N] [mss N] [reject] [[dev] IF]",
    .run = cmd_net_route);
