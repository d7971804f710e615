/* nstat: counters of the MIBs, what they grew by since it was asked last.
 *
 *     nstat [-a] [-z] [-r] [-s] [-n] [-j [-p]] [PATTERN ...]
 *
 * -a: their whole values; -z: those that are 0, too; -r: forget what was shown before; -s: do not remember what is
 * shown now; -n: show nothing. What was shown last is the stack's, not a user's: there is one user.
 */
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "net/ip/mib.h"

#define MOST 512u /* counters */

struct nstat_net {
    u64 *last; /* MOST, in the order in which they are shown; NULL: never asked */
};

static void end(struct net *net, void *slot)
{
    mem_free(((struct nstat_net *)slot)->last);
}

NET_SLOT(nstat_net, struct nstat_net, NULL, end);

struct request {
    bool all, zeros, reset, keep, quiet;
    int patterns; /* from this word of argv on */
};

static bool read_option(struct cmd_ctx *c, struct request *q, char letter)
{
    switch (letter) {
    case 'a': q->all = true; return true;
    case 'z': q->zeros = true; return true;
    case 'r': q->reset = true; return true;
    case 's': q->keep = true; return true;
    case 'n': q->quiet = true; return true;
    case 'j': c->out->json = true; return true;
    case 'p': c->out->pretty = true; return true;
    default: return false;
    }
}

static int read_words(struct cmd_ctx *c, struct request *q)
{
    for (q->patterns = 1; q->patterns < c->argc && c->argv[q->patterns][0] == '-'; q->patterns++)
        for (const char *s = c->argv[q->patterns] + 1; *s; s++)
            if (!read_option(c, q, *s))
                return cmd_usage(c, "\"-%c\" is no option of it", *s);
    return 0;
}

static bool is_meant(const struct cmd_ctx *c, const struct request *q, const char *name)
{
    bool meant = q->patterns == c->argc;
    for (int i = q->patterns; i < c->argc; i++)
        meant |= str_match(c->argv[i], name);
    return meant;
}

static void show_one(struct cmd_ctx *c, const char *name, u64 v)
{
    if (c->out->json)
        out_u64(c->out, name, NULL, v);
    else
        out_text(c->out, "%-32s%-16llu%6s\n", name, (unsigned long long)v, "0.0");
}

/* Reads them all; remembers them where there is room to; shows them by `shown` (values to subtract, or NULL). */
static u32 walk(struct cmd_ctx *c, const struct request *q, u64 *values, const u64 *shown)
{
    static const enum mib_file files[] = {MIB_SNMP, MIB_SNMP6, MIB_NETSTAT};
    char name[MIB_NAME + 16];
    u32 n = 0;
    for (unsigned f = 0; f < ARRAY_LEN(files); f++)
        for (struct mib_at at = {0}; mib_next(&at, files[f]);) {
            if (mib_is_setting(&at) || n == MOST)
                continue;
            u64 v = (u64)mib_value(c->net, &at), more = v - (shown ? shown[n] : 0);
            values[n++] = v;
            fmt(name, sizeof(name), "%s%s", at.group, at.field);
            if (!q->quiet && (more || q->zeros) && is_meant(c, q, name))
                show_one(c, name, more);
        }
    return n;
}

static int cmd_nstat(struct cmd_ctx *c)
{
    struct nstat_net *nn = NET_GET(c->net, struct nstat_net, nstat_net);
    struct request q = {0};
    int status = read_words(c, &q);
    u64 *now = status ? NULL : mem_zalloc(2 * MOST * sizeof(*now));
    if (status)
        return status;
    if (!now)
        return cmd_error(c, "no memory");
    u64 *shown = now + MOST;
    conf_enter();
    bool since = nn->last && !q.reset && !q.all;
    if (since)
        memcpy(shown, nn->last, MOST * sizeof(*shown));
    conf_leave();
    if (!q.quiet)
        out_text(c->out, "#kernel\n");
    out_object(c->out, NULL);
    out_object(c->out, "kernel");
    walk(c, &q, now, since ? shown : NULL);
    out_end(c->out);
    out_end(c->out);
    if (q.keep) {
        mem_free(now);
        return 0;
    }
    conf_enter();
    u64 *old = nn->last;
    nn->last = now;
    conf_leave();
    mem_free(old);
    return 0;
}

CMD(nstat, .name = "nstat", .group = "network", .help = "counters of IP and what is above it, since last asked",
    .usage = "[-a] [-z] [-r] [-s] [-n] [-j [-p]] [PATTERN ...]", .run = cmd_nstat);
