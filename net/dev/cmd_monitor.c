/* ip monitor [link]: what happens to devices, as it happens, until Ctrl-C.
 *
 * An event says which device it is about; what is shown is how that device is when it is shown. Who reads too slowly is
 * told how many events he missed.
 */
#include "lib/iproute.h"
#include "lib/string.h"
#include "net/dev/link_show.h"

static void show_event(struct ip_words *w, u32 type, const struct dev_notice *n)
{
    struct out *o = w->c->out;
    struct netdev *dev = type == DEV_EVENT_GONE ? NULL : netdev_hold(w->c->net, n->name);

    if (!dev && type != DEV_EVENT_GONE)
        return; /* renamed or gone since: an event of its own says so */
    out_object(o, NULL);
    if (dev) {
        link_show_head(w, dev, LINK_SHOW_EVENT);
        netdev_put(dev);
    } else {
        out_bool(o, "deleted", "Deleted ", true);
        out_u64(o, "ifindex", "%llu: ", n->index);
        out_str(o, "ifname", "%s", n->name);
    }
    out_text(o, "\n");
    out_end(o);
}

static void follow(struct ip_words *w)
{
    struct follower f;
    struct dev_notice n;
    struct event e;

    follow_start(&f, netdev_feed(w->c->net));
    while (!out_failed(w->c->out) && follow_read(&f, &e, &n, sizeof(n), ~0ull) > 0) {
        if (e.lost)
            out_text(w->c->err, "ip monitor: %llu events were missed\n", (unsigned long long)e.lost);
        if (e.type != DEV_EVENT_ANNOUNCE)
            show_event(w, e.type, &n);
    }
    follow_end(&f);
}

static int cmd_monitor(struct cmd_ctx *c)
{
    struct ip_words w;
    int status = ip_begin(&w, c);

    if (status)
        return status;
    for (const char *word; (word = ip_word(&w));)
        if (!ip_is(word, "link") && !ip_is(word, "all"))
            return ip_fail(&w, IP_WRONG, "Argument \"%s\" is unknown, try \"ip monitor help\".", word);
    follow(&w);
    return 0;
}

CMD(monitor, .name = "ip monitor", .least = 2, .group = "network", .help = "what happens to devices, as it happens",
    .usage = "[link | all]", .run = cmd_monitor);
