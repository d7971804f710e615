/* tcpdump: packets as they come and go, as lines or as a pcap file.
 *
 *     tcpdump -i eth0 -nn tcp port 80         tcpdump -i any -c 10 icmp       tcpdump -i eth0 -w /tmp/a.pcap
 *     tcpdump -r /tmp/a.pcap -v               tcpdump -d 'tcp[13] & 2 != 0'
 *
 * Words and lines are those of tcpdump 4.99. -n is how it always is: nobody is asked for names. Each packet is written
 * as it comes, as -l and -U ask for. `-i any` captures on all devices: cooked packets (net/dev/tcpdump/sll2.h), as
 * tcpdump has it; filters see the frames.
 *
 * `-w -` goes where the command's output goes, unless that is a person's terminal: then over a second serial port,
 * /dev/ttySn, if there is one.
 */
#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/string.h"
#include "net/bpf/pcap_filter.h"
#include "net/dev/tap.h"
#include "net/dev/tcpdump/dump.h"
#include "net/dev/tcpdump/pcap_file.h"
#include "net/dev/tcpdump/sll2.h"
#include "net/dev/updown.h"

typedef unsigned long long ull;

#define RING_BYTES (2 * MIB)         /* as libpcap asks for */
#define FILE_MOST  (16 * MIB)        /* that -r reads */
#define LOOK_AGAIN (500 * NS_PER_MS) /* is the device still there? */

/* ---- words ---- */

struct request {
    const char *device, *write, *read;
    char *expression;           /* mem_alloc */
    u64 count;                  /* 0: until told to end */
    u32 snaplen, ring, program; /* program: how often -d */
    bool list, no_promisc, in, out;
    struct dump_form form;
};

static void flag(struct request *q, int letter)
{
    struct dump_form *f = &q->form;
    switch (letter) {
    case 'D': q->list = true; break;
    case 'p': q->no_promisc = true; break;
    case 'd': q->program += q->program < 3; break;
    case 'e': f->link = true; break;
    case 'q': f->quiet = true; break;
    case 'S': f->absolute = true; break;
    case 'A': f->ascii = true; break;
    case 'v': f->verbose += f->verbose < 3; break;
    case 't': f->time += f->time < 5; break;
    case 'x': f->hex += f->hex < 2; break;
    case 'X': f->text += f->text < 2; break;
    default: break; /* n, l, U: so it is */
    }
}

static bool direction(struct request *q, const char *word)
{
    q->in = str_eq(word, "in") || str_eq(word, "inout");
    q->out = str_eq(word, "out") || str_eq(word, "inout");
    return q->in || q->out;
}

/* The rest of the words, with blanks between. */
static char *join_words(struct cmd_ctx *c, int at)
{
    size_t size = 1;
    for (int i = at; i < c->argc; i++)
        size += strlen(c->argv[i]) + 1;
    char *text = mem_zalloc(size);
    for (int i = at; text && i < c->argc; i++) {
        if (i > at)
            str_append(text, size, " ");
        str_append(text, size, c->argv[i]);
    }
    return text;
}

static int read_words(struct cmd_ctx *c, struct request *q)
{
    struct option_reader o;
    *q = (struct request){.snaplen = PCAP_SNAP_MOST, .ring = RING_BYTES, .in = true, .out = true};
    option_start(&o, c, "i:nc:evqtSs:xXAlpUQ:w:r:DdB:");
    o.strict = true;
    for (int letter; (letter = option_next(&o)) > 0;)
        switch (letter) {
        case 'i': q->device = o.value; break;
        case 'w': q->write = o.value; break;
        case 'r': q->read = o.value; break;
        case 'c': q->count = option_number(&o, 1, UINT64_MAX / 16); break;
        case 's': q->snaplen = (u32)option_number(&o, 0, PCAP_SNAP_MOST); break;
        case 'B': q->ring = (u32)option_number(&o, 1, 65536) * 1024; break;
        case 'Q':
            if (!direction(q, o.value))
                return cmd_usage(c, "unknown capture direction `%s'", o.value);
            break;
        default: flag(q, letter);
        }
    if (o.bad)
        return option_refuse(&o) | (o.help ? 256 : 0);
    if (!q->snaplen)
        q->snaplen = PCAP_SNAP_MOST;
    if (q->read && (q->device || !q->in || !q->out))
        return cmd_usage(c, "-r reads a file: no device and no direction go with it");
    q->expression = join_words(c, o.at);
    return q->expression ? 0 : cmd_error(c, "no memory");
}

/* ---- a run: what there is between packets and where they go ---- */

struct run {
    struct cmd_ctx *c;
    const struct request *q;
    struct pcap_filter filter;
    struct dump *dump; /* NULL with -w */
    struct out file;   /* of -w */
    const char *path;  /* of a file that is written by pieces */
    int write_err;
    u64 captured;
    u32 link;   /* PCAP_ETHERNET, PCAP_SLL2 */
    u8 *cooked; /* room for one packet, of all devices */
};

static int write_file(struct out *o, const char *p, size_t n)
{
    struct run *r = container_of(o, struct run, file);
    int err = r->path ? file_write(r->c->net, r->path, p, n, true) : 0;
    if (!r->path) {
        out_raw(r->c->out, p, n);
        err = out_failed(r->c->out) ? -EPIPE : 0;
    }
    r->write_err = err;
    return err;
}

/* A serial port that is nobody's; "": there is none. */
static void second_port(struct cmd_ctx *c, char *path, size_t size)
{
    struct file_stat st;
    for (unsigned i = 0; i < 4; i++) {
        fmt(path, size, "/dev/ttyS%u", i);
        if (!file_stat(c->net, path, &st) && st.writable)
            return;
    }
    *path = '\0';
}

static int open_output(struct run *r, char *port, size_t size)
{
    struct cmd_ctx *c = r->c;
    bool to_out = str_eq(r->q->write, "-");
    r->path = to_out ? NULL : r->q->write;
    if (to_out && c->out->columns) {
        second_port(c, port, size);
        if (!*port)
            return cmd_error(c, "-w -: a terminal shows no pcap, and there is no second serial port for it: "
                                "-w /tmp/NAME, or a pipe behind it");
        r->path = port;
    }
    int err = r->path ? file_write(c->net, r->path, "", 0, false) : 0;
    if (err)
        return cmd_error(c, "%s: %s", r->path, errno_text(err));
    out_init(&r->file, write_file, NULL, false);
    return 0;
}

static void complain_write(struct run *r)
{
    const char *path = r->path ? r->path : "standard output";
    if (r->write_err == -ENOSPC)
        cmd_error(r->c, "%s: no room: files in RAM have %llu MiB together; the capture ends", path,
                  FILE_TMP_BYTES / MIB);
    else if (r->write_err != -EPIPE && r->write_err != -EINTR)
        cmd_error(r->c, "%s: %s; the capture ends", path, errno_text(r->write_err));
}

/* False: it is enough. */
static bool give(struct run *r, const struct dump_packet *p)
{
    if (r->dump)
        dump_packet(r->dump, p);
    else
        pcap_write_packet(&r->file, p->wall_ns, p->bytes, p->kept, p->len);
    r->captured += !r->write_err;
    return !r->write_err && !out_failed(r->c->out) && r->captured != r->q->count && !task_interrupted();
}

static int compile(struct run *r)
{
    struct pcap_err err;
    const char *text = r->q->expression;
    int status = pcap_compile(&r->filter, text, r->q->snaplen, !r->q->read && !r->q->program, &err);
    if (status == -EINVAL) {
        cmd_error(r->c, "can't parse filter expression: %s", err.msg);
        if (*text)
            out_text(r->c->err, "    %s\n    %*s^\n", text, (int)err.col, "");
    } else if (status) {
        cmd_error(r->c, "%s", errno_text(status));
    }
    return status ? 1 : 0;
}

static int open_dump(struct run *r)
{
    r->dump = mem_alloc(sizeof(*r->dump));
    if (!r->dump)
        return cmd_error(r->c, "no memory");
    dump_init(r->dump, r->c->out, &r->q->form);
    return 0;
}

static void close_dump(struct run *r)
{
    mem_free(r->cooked);
    if (r->dump)
        dump_exit(r->dump);
    mem_free(r->dump);
    pcap_filter_free(&r->filter);
}

static const char *link_name(u32 link)
{
    return link == PCAP_SLL2 ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)";
}

/* Of the device with that number now; "?": there is none. */
static void name_of(struct net *net, u32 ifindex, char name[PORT_NAME])
{
    str_copy(name, PORT_NAME, "?");
    rcu_enter();
    const struct netdev *dev = netdev_at(net, ifindex);
    if (dev)
        str_copy(name, PORT_NAME, dev->port.name);
    rcu_exit();
}

/* ---- -r ---- */

/* Does the filter look at the receiver's address, which a cooked packet has not? */
static bool asks_receiver(const struct pcap_filter *f)
{
    for (u32 i = 0; i < f->n; i++) {
        u32 code = f->insn[i].code, mode = code & 0xe0;
        if ((code & 7) == CBPF_LD && (mode == CBPF_ABS || mode == CBPF_IND) && f->insn[i].k < 6)
            return true;
    }
    return false;
}

/* Cooked packets are seen by filters as frames. */
static bool matches(struct run *r, struct pcap_reader *in)
{
    u8 kept[SLL2_HLEN];
    bool cooked = in->link == PCAP_SLL2;
    u32 less = cooked ? SLL2_MORE : 0;
    if (cooked && in->kept < SLL2_HLEN)
        return !r->q->expression[0];
    if (cooked)
        sll2_as_ether(in->bytes, kept);
    struct cbpf_view v = {.p = in->bytes + less, .linear = in->kept - less, .there = in->kept - less, .len = in->len};
    bool found = cbpf_run(r->filter.insn, &v);
    if (cooked)
        memcpy(in->bytes, kept, sizeof(kept));
    return found;
}

static bool give_read(struct run *r, const struct pcap_reader *in)
{
    char name[PORT_NAME];
    struct dump_packet p = {.bytes = in->bytes, .kept = in->kept, .len = in->len, .wall_ns = in->wall_ns};
    if (in->link == PCAP_SLL2) {
        name_of(r->c->net, in->kept >= SLL2_HLEN ? sll2_ifindex(in->bytes) : 0, name);
        p.cooked = name;
    }
    return give(r, &p);
}

static int read_packets(struct run *r, struct cmd_io *io, const char *name)
{
    struct pcap_reader in;
    int err = pcap_open(&in, io);
    if (err)
        return cmd_error(r->c, "%s: %s", name, err == -EINVAL ? in.why : errno_text(err));
    out_text(r->c->err, "reading from file %s, link-type %s, snapshot length %u\n", name, link_name(in.link),
             in.snaplen);
    if (in.link == PCAP_SLL2)
        out_text(r->c->err, "Warning: interface names might be incorrect\n");
    if (in.link == PCAP_SLL2 && asks_receiver(&r->filter)) {
        pcap_close(&in);
        return cmd_error(r->c, "a cooked packet does not say to which station it went: not to be asked of %s", name);
    }
    if (r->q->write)
        pcap_write_header(&r->file, in.snaplen, in.link);
    for (bool more = true; more && (err = pcap_next_packet(&in)) > 0;)
        if (matches(r, &in))
            more = give_read(r, &in);
    pcap_close(&in);
    if (r->write_err)
        complain_write(r);
    if (err < 0)
        cmd_error(r->c, "pcap_loop: %s", err == -EINVAL ? in.why : errno_text(err));
    return err < 0 || r->write_err;
}

static int read_file(struct run *r)
{
    struct io_mem mem;
    char *p;
    size_t n;
    if (str_eq(r->q->read, "-"))
        return read_packets(r, r->c->in, "-");
    int err = file_load(r->c->net, r->q->read, FILE_MOST, &p, &n);
    if (err)
        return cmd_error(r->c, "%s: %s", r->q->read, errno_text(err));
    io_mem_init(&mem, p, n);
    int status = read_packets(r, &mem.io, r->q->read);
    mem_free(p);
    return status;
}

/* ---- live ---- */

struct live {
    struct netdev *dev; /* NULL: any */
    struct tap *tap;
    bool promisc;
};

/* Under conf_lock. The device that -i names, or the first that is up; counted. */
static int find_device(struct cmd_ctx *c, const char *name, struct netdev **to)
{
    struct netdev *dev = NULL;
    *to = NULL;
    if (name && str_eq(name, "any"))
        return 0;
    if (name)
        dev = netdev_find(c->net, name);
    else
        while ((dev = netdev_next(c->net, dev)) && !(dev->flags & DEV_UP))
            ;
    if (!dev)
        return name ? cmd_error(c, "%s: No such device exists", name) : cmd_error(c, "no suitable device found");
    if (!(dev->flags & DEV_UP))
        return cmd_error(c, "%s: That device is not up", name);
    netdev_get(dev);
    *to = dev;
    return 0;
}

static int start(struct run *r, struct live *l)
{
    const struct request *q = r->q;
    struct tap_how how = {.insn = r->filter.insn, .snaplen = q->snaplen, .ring = q->ring, .in = q->in, .out = q->out};
    conf_enter();
    int status = find_device(r->c, q->device, &l->dev);
    how.dev = l->dev;
    r->link = l->dev ? PCAP_ETHERNET : PCAP_SLL2;
    if (!l->dev) /* cooked, a packet is longer, and no longer than was asked for */
        how.snaplen = max(q->snaplen, SLL2_HLEN) - SLL2_MORE;
    if (!status && !l->dev && !(r->cooked = mem_alloc(PCAP_SNAP_MOST)))
        status = cmd_error(r->c, "no memory");
    if (!status && !(l->tap = tap_open(r->c->net, &how))) {
        status = cmd_error(r->c, "no memory for the ring of packets");
        if (l->dev)
            netdev_put(l->dev);
    }
    l->promisc = !status && l->dev && !q->no_promisc;
    if (l->promisc)
        dev_promisc(l->dev, 1);
    conf_leave();
    return status;
}

static void stop(struct live *l)
{
    conf_enter();
    if (l->promisc)
        dev_promisc(l->dev, -1);
    tap_close(l->tap);
    if (l->dev)
        netdev_put(l->dev);
    conf_leave();
}

static void banner(struct run *r, const struct live *l)
{
    struct out *o = r->c->err;
    if (!l->dev)
        out_text(o, "tcpdump: data link type LINUX_SLL2\n");
    if (r->dump && !r->q->form.verbose)
        out_text(o, "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n");
    out_text(o, "%slistening on %s, link-type %s, snapshot length %u bytes\n",
             r->dump && !r->q->form.verbose ? "" : "tcpdump: ", l->dev ? l->dev->port.name : "any", link_name(r->link),
             r->q->snaplen);
}

static void plural(struct out *o, u64 n, const char *what)
{
    out_text(o, "%llu packet%s %s\n", (ull)n, n == 1 ? "" : "s", what);
}

static void summary(struct run *r, const struct live *l)
{
    u64 matched, dropped;
    tap_counts(l->tap, &matched, &dropped);
    plural(r->c->err, r->captured, "captured");
    plural(r->c->err, matched, "received by filter");
    plural(r->c->err, dropped, "dropped by kernel");
}

/* A packet of all devices: cooked, in a line that begins with where it was seen. */
static bool give_cooked(struct run *r, const struct tap_packet *p, struct dump_packet *d)
{
    char name[PORT_NAME];
    struct sll2_from from = {.ifindex = p->ifindex, .way = (u8)p->pkttype, .hardware = DEV_TYPE_ETHER};
    if (p->kept < ETH_HLEN)
        return true;
    rcu_enter();
    const struct netdev *dev = netdev_at(r->c->net, p->ifindex);
    if (dev)
        from.hardware = (u16)dev->type;
    rcu_exit();
    sll2_build(r->cooked, &from, p->bytes, p->kept);
    name_of(r->c->net, p->ifindex, name);
    d->bytes = r->cooked;
    d->kept += SLL2_MORE;
    d->len += SLL2_MORE;
    d->cooked = name;
    return give(r, d);
}

/* The device is not there any more, or went down: told, and true. */
static bool is_over(struct run *r, const struct live *l)
{
    if (!l->dev || (!load_acquire(&l->dev->gone) && l->dev->flags & DEV_UP))
        return false;
    cmd_error(r->c, "pcap_loop: The interface %s", load_acquire(&l->dev->gone) ? "disappeared" : "went down");
    return true;
}

static int capture(struct run *r, struct live *l)
{
    struct tap_packet p;
    bool more = true, over = false;
    while (more && !over) {
        int got = tap_next(l->tap, &p, clock_ns() + LOOK_AGAIN);
        over = got != 1 && is_over(r, l);
        if (got < 0)
            break;
        if (!got) {
            more = !out_failed(r->c->out);
            continue;
        }
        struct dump_packet d = {
            .bytes = p.bytes, .kept = p.kept, .len = p.len, .wall_ns = wall_ns() - (clock_ns() - p.stamp)};
        more = l->dev ? give(r, &d) : give_cooked(r, &p, &d);
    }
    return over;
}

static int live(struct run *r)
{
    struct live l = {0};
    int status = start(r, &l);
    if (status)
        return status;
    banner(r, &l);
    if (r->q->write)
        pcap_write_header(&r->file, r->q->snaplen, r->link);
    status = r->write_err ? 1 : capture(r, &l);
    if (r->write_err)
        complain_write(r);
    summary(r, &l);
    stop(&l);
    return status || (r->write_err && r->write_err != -EPIPE && r->write_err != -EINTR);
}

/* ---- all ---- */

static int list_devices(struct cmd_ctx *c)
{
    unsigned n = 0;
    for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));)
        out_text(c->out, "%u.%s%s%s\n", ++n, dev->port.name, dev->flags & DEV_UP ? " [Up, Running" : " [none",
                 dev->flags & DEV_UP ? dev->carrier ? ", Connected]" : ", Disconnected]" : "]");
    out_text(c->out, "%u.any (Pseudo-device that captures on all interfaces) [Up, Running]\n", n + 1);
    return 0;
}

static int work(struct run *r)
{
    char port[16];
    int status = compile(r);
    if (!status && r->q->program) {
        cbpf_print(r->c->out, r->filter.insn, r->filter.n, (enum cbpf_style)r->q->program);
        return 0;
    }
    if (!status)
        status = r->q->write ? open_output(r, port, sizeof(port)) : open_dump(r);
    if (status)
        return status;
    return r->q->read ? read_file(r) : live(r);
}

static int cmd_tcpdump(struct cmd_ctx *c)
{
    struct request q;
    int status = read_words(c, &q);
    if (status)
        return status & 255;
    struct run r = {.c = c, .q = &q};
    if (q.list)
        status = list_devices(c);
    else
        status = work(&r);
    close_dump(&r);
    mem_free(q.expression);
    return status;
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    if (c->argc < 3 || !str_eq(c->argv[c->argc - 2], "-i"))
        return;
    for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
    offer(arg, "any");
}

CMD(tcpdump, .name = "tcpdump", .help = "show packets as they come and go, or write them to a file",
    .usage = "[-i IF|any] [-c N] [-Q in|out|inout] [-nevqtSxXAplU] [-s N] [-B KIB] [-w FILE|-] [-r FILE|-] [-D] [-d] "
             "[EXPRESSION]",
    .group = "network", .run = cmd_tcpdump, .complete = complete);
