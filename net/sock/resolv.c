/* /etc/resolv.conf (contract: resolv.h).
 *
 *     [what a person wrote]    or, where he wrote nothing,    [eth0.dhcp's part] [eth1.dhcp's part] ...
 *
 * All of it under conf_lock; who reads gets a copy, since he may be slow.
 */
#include "net/sock/resolv.h"

#include "lib/conf.h"
#include "lib/file.h"
#include "lib/string.h"

#define OWNERS 8u
#define OWNER  32u

struct resolv_net {
    struct { /* all under conf_lock; owner "": free */
        char owner[OWNER];
        char text[RESOLV_TEXT];
    } * part;   /* OWNERS of them, made when the first speaks */
    char *said; /* a person's words; NULL: none */
};

static void end(struct net *net, void *slot)
{
    struct resolv_net *rn = slot;
    mem_free(rn->part);
    mem_free(rn->said);
}

NET_SLOT(resolv_net, struct resolv_net, NULL, end);

static struct resolv_net *resolv(struct net *net)
{
    return NET_GET(net, struct resolv_net, resolv_net);
}

static int put(struct resolv_net *rn, const char *owner, const char *text)
{
    u32 at = OWNERS;
    for (u32 i = OWNERS; i-- > 0;) {
        if (str_eq(rn->part[i].owner, owner)) {
            at = i;
            break;
        }
        if (!rn->part[i].owner[0])
            at = i;
    }
    if (at == OWNERS || strlen(owner) >= OWNER || strlen(text) >= RESOLV_TEXT)
        return -ENOSPC;
    str_copy(rn->part[at].owner, OWNER, text[0] ? owner : "");
    str_copy(rn->part[at].text, RESOLV_TEXT, text);
    return 0;
}

int resolv_put(struct net *net, const char *owner, const char *text)
{
    struct resolv_net *rn = resolv(net);
    int err = -ENOMEM;
    conf_enter();
    if (!rn->part)
        rn->part = mem_zalloc(OWNERS * sizeof(*rn->part));
    if (rn->part)
        err = put(rn, owner, text);
    conf_leave();
    return err;
}

static int show(struct file_req *r)
{
    struct resolv_net *rn = r->net ? resolv(r->net) : NULL;
    char *text = rn ? mem_alloc(OWNERS * RESOLV_TEXT + FILE_PATH_MAX) : NULL;
    if (!text)
        return rn ? -ENOMEM : 0;
    text[0] = 0;
    conf_enter(); /* printed behind it: who reads may be slow */
    if (rn->said)
        str_copy(text, OWNERS * RESOLV_TEXT, rn->said);
    for (u32 i = 0; !rn->said && rn->part && i < OWNERS; i++)
        str_append(text, OWNERS * RESOLV_TEXT, rn->part[i].text);
    conf_leave();
    out_text(r->out, "%s", text);
    mem_free(text);
    return 0;
}

static int store(struct file_req *r)
{
    struct resolv_net *rn = resolv(r->net);
    char *text = NULL;
    if (r->len >= OWNERS * RESOLV_TEXT)
        return -EFBIG;
    if (r->data[strspn(r->data, " \t\n")] && !(text = str_dup(r->data)))
        return -ENOMEM;
    mem_free(rn->said);
    rn->said = text;
    return 0;
}

static void dump(struct out *o)
{
    struct resolv_net *rn = net_first ? resolv(net_first) : NULL;
    if (rn && rn->said)
        out_text(o, "cat >/etc/resolv.conf <<'EOF'\n%s%sEOF\n", rn->said, str_ends(rn->said, "\n") ? "" : "\n");
}

FILE_VIEW(resolv_conf, .path = "/etc/resolv.conf", .show = show, .store = store, .dump = dump);
