/* lspci: the PCI functions, as they were found at boot, with what their configuration space says now.
 *
 *     lspci [-n | -nn] [-v] [-k] [-D] [-s [[BUS:]SLOT][.FUNCTION]] [-d [VENDOR]:[DEVICE]] [-j]
 *
 * Parts of -s and -d that are left out, or *, match all. Names come from kernel/pci_names.c; what it does not know is
 * shown by numbers. Nothing is written to a device.
 */
#include "kernel/pci.h"
#include "kernel/pci_names.h"
#include "lib/cmd.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/parse.h"
#include "lib/string.h"

#define ANY       (~0u)
#define CAPS_MOST 48
#define CAP_MSI   0x05
#define CAP_MSIX  0x11

struct request {
    bool verbose, driver, domain;
    unsigned numbers; /* 0 names, 1 numbers, 2 both */
    u32 bus, slot, function, vendor, device;
};

/* ---- words ---- */

static bool read_hex(const char *s, size_t n, u32 most, u32 *v)
{
    char word[8];
    u64 got;

    if (!n || (n == 1 && *s == '*')) /* left out: any */
        return true;
    if (n >= sizeof(word))
        return false;
    memcpy(word, s, n);
    word[n] = 0;
    if (parse_hex(word, &got, NULL) || got > most)
        return false;
    *v = (u32)got;
    return true;
}

/* [[DOMAIN:]BUS:]SLOT[.FUNCTION]; ".0" alone is every function 0. */
static bool read_slot(const char *s, struct request *q)
{
    const char *colon = strrchr(s, ':'), *rest = colon ? colon + 1 : s;
    size_t slot = strcspn(rest, ".");

    if (colon) {
        size_t bus = (size_t)(colon - s);
        const char *first = memchr(s, ':', bus);
        const char *at = first ? first + 1 : s;
        u32 domain = 0;
        if ((first && !read_hex(s, (size_t)(first - s), 0, &domain)) ||
            !read_hex(at, (size_t)(colon - at), 0xff, &q->bus))
            return false;
    }
    return read_hex(rest, slot, 0x1f, &q->slot) &&
           (!rest[slot] || read_hex(rest + slot + 1, strlen(rest + slot + 1), 7, &q->function));
}

static bool read_ids(const char *s, struct request *q)
{
    const char *colon = strchr(s, ':');

    return colon && read_hex(s, (size_t)(colon - s), 0xffff, &q->vendor) &&
           read_hex(colon + 1, strlen(colon + 1), 0xffff, &q->device);
}

static int read_words(struct cmd_ctx *c, struct request *q, bool *help)
{
    struct option_reader o;
    int letter;

    *q = (struct request){false, false, false, 0, ANY, ANY, ANY, ANY, ANY};
    for (option_start(&o, c, "nvkDs:d:j"); (letter = option_next(&o)) > 0;) {
        switch (letter) {
        case 'n': q->numbers++; break;
        case 'v': q->verbose = true; /* fall through */
        case 'k': q->driver = true; break;
        case 'D': q->domain = true; break;
        case 'j': c->out->json = true; break;
        case 's':
            if (!read_slot(o.value, q))
                return cmd_usage(c, "-s \"%s\": [[BUS:]SLOT][.FUNCTION] is wanted, in hexadecimal", o.value);
            break;
        case 'd':
            if (!read_ids(o.value, q))
                return cmd_usage(c, "-d \"%s\": [VENDOR]:[DEVICE] is wanted, in hexadecimal", o.value);
            break;
        }
    }
    *help = o.help;
    if (o.bad)
        return option_refuse(&o);
    return o.at < c->argc ? cmd_usage(c, "\"%s\" is not understood", c->argv[o.at]) : 0;
}

static bool chosen(const struct request *q, const struct pci_function *f)
{
    return (q->bus == ANY || q->bus == f->bdf >> 8) && (q->slot == ANY || q->slot == (f->bdf >> 3 & 31u)) &&
           (q->function == ANY || q->function == (f->bdf & 7u)) && (q->vendor == ANY || q->vendor == f->dev.vendor) &&
           (q->device == ANY || q->device == f->dev.device);
}

/* ---- print ---- */

static void print_name(struct out *o, const struct request *q, const struct bus_dev *d)
{
    u16 class = (u16)(d->class_rev >> 16);
    const char *cn = pci_class_name(class), *vn = pci_vendor_name(d->vendor);
    const char *dn = pci_device_name(d->vendor, d->device);
    char unknown_class[16], unknown_vendor[32], unknown_device[24];

    if (q->numbers == 1) {
        out_text(o, "%04x: %04x:%04x", class, d->vendor, d->device);
    } else {
        fmt(unknown_class, sizeof(unknown_class), "Class %04x", class);
        fmt(unknown_vendor, sizeof(unknown_vendor), "Vendor %04x", d->vendor);
        fmt(unknown_device, sizeof(unknown_device), "Device %04x", d->device);
        out_text(o, "%s", cn ? cn : unknown_class);
        if (q->numbers)
            out_text(o, " [%04x]", class);
        out_text(o, ": %s %s", vn ? vn : unknown_vendor, dn ? dn : unknown_device);
        if (q->numbers)
            out_text(o, " [%04x:%04x]", d->vendor, d->device);
    }
    if (d->class_rev & 0xff)
        out_text(o, " (rev %02x)", d->class_rev & 0xff);
    out_text(o, "\n");
}

static void print_size(struct out *o, u64 size)
{
    static const char units[] = "\0KMGT";
    unsigned u = 0;

    for (; size >= 1024 && !(size & 1023) && u < 4; u++)
        size >>= 10;
    out_text(o, " [size=%llu", (unsigned long long)size);
    if (u)
        out_text(o, "%c", units[u]);
    out_text(o, "]\n");
}

static void print_capability(struct out *o, struct bus_dev *d, unsigned at, u8 id)
{
    const char *name = pci_capability_name(id);
    u32 control = bus_cfg_read(d, at + 2, 2);

    out_text(o, "\tCapabilities: [%02x] ", at);
    if (id == CAP_MSI)
        out_text(o, "MSI: Enable%c Count=%u/%u", control & 1 ? '+' : '-', 1u << (control >> 4 & 7),
                 1u << (control >> 1 & 7));
    else if (id == CAP_MSIX)
        out_text(o, "MSI-X: Enable%c Count=%u Masked%c", control & 0x8000 ? '+' : '-', (control & 0x7ff) + 1,
                 control & 0x4000 ? '+' : '-');
    else if (name)
        out_text(o, "%s", name);
    else
        out_text(o, "#%02x", id);
    out_text(o, "\n");
}

static void print_capabilities(struct out *o, struct bus_dev *d)
{
    if (d->kind != BUS_PCI || !(bus_cfg_read(d, 6, 2) & 0x10))
        return;
    unsigned at = bus_cfg_read(d, 0x34, 1) & 0xfc;
    for (unsigned n = 0; n < CAPS_MOST && at >= 0x40 && at < 0x100; n++) {
        print_capability(o, d, at, (u8)bus_cfg_read(d, at, 1));
        at = bus_cfg_read(d, at + 1, 1) & 0xfc;
    }
}

static void print_details(struct out *o, const struct pci_function *f)
{
    struct bus_dev *d = (struct bus_dev *)&f->dev;
    u32 command = bus_cfg_read(d, 4, 2);

    if (d->subvendor || d->subdevice) {
        const char *vn = pci_vendor_name(d->subvendor);
        out_text(o, "\tSubsystem: %s Device %04x\n", vn ? vn : "Unknown", d->subdevice);
    }
    out_text(o, "\tFlags: %sfast devsel", command & 4 ? "bus master, " : "");
    if (d->intx_pin)
        out_text(o, ", IRQ %u (pin %c)", f->irq_line, 'A' + d->intx_pin - 1);
    out_text(o, "\n");
    for (unsigned i = 0; i < BUS_BARS; i++) {
        const struct bus_bar *b = &d->bar[i];
        if (!b->size)
            continue;
        if (!b->base)
            out_text(o, "\t%s at <unassigned>", b->port ? "I/O ports" : "Memory");
        else if (b->port)
            out_text(o, "\tI/O ports at %04llx", (unsigned long long)b->base);
        else
            out_text(o, "\tMemory at %08llx (%s-bit, %sprefetchable)", (unsigned long long)b->base,
                     b->wide ? "64" : "32", b->prefetch ? "" : "non-");
        print_size(o, b->size);
    }
    print_capabilities(o, d);
}

static void print_json(struct out *o, const struct pci_function *f)
{
    const struct bus_dev *d = &f->dev;

    out_object(o, NULL);
    out_str(o, "slot", NULL, d->name);
    out_fmt(o, "class", "%04x", d->class_rev >> 16);
    out_fmt(o, "vendor", "%04x", d->vendor);
    out_fmt(o, "device", "%04x", d->device);
    out_u64(o, "rev", NULL, d->class_rev & 0xff);
    if (bus_driver_name(d))
        out_str(o, "driver", NULL, bus_driver_name(d));
    out_array(o, "bars");
    for (unsigned i = 0; i < BUS_BARS; i++) {
        if (!d->bar[i].size)
            continue;
        out_object(o, NULL);
        out_u64(o, "bar", NULL, i);
        out_u64(o, "base", NULL, d->bar[i].base);
        out_u64(o, "size", NULL, d->bar[i].size);
        out_bool(o, "io", NULL, d->bar[i].port);
        out_end(o);
    }
    out_end(o);
    out_end(o);
}

static void print(struct out *o, const struct request *q, const struct pci_function *f)
{
    const struct bus_dev *d = &f->dev;

    out_text(o, "%s%02x:%02x.%x ", q->domain ? "0000:" : "", f->bdf >> 8, f->bdf >> 3 & 31, f->bdf & 7);
    print_name(o, q, d);
    if (q->verbose)
        print_details(o, f);
    if (q->driver && bus_driver_name(d))
        out_text(o, "\tKernel driver in use: %s\n", bus_driver_name(d));
    if (q->verbose)
        out_text(o, "\n");
}

static int cmd_lspci(struct cmd_ctx *c)
{
    struct request q;
    bool help = false;
    int status = read_words(c, &q, &help);

    if (status || help)
        return status;
    out_array(c->out, NULL);
    for (unsigned i = 0; i < pci_count() && !out_failed(c->out); i++) {
        const struct pci_function *f = pci_at(i);
        if (!chosen(&q, f))
            continue;
        if (c->out->json)
            print_json(c->out, f);
        else
            print(c->out, &q, f);
    }
    out_end(c->out);
    return 0;
}
CMD(lspci, .name = "lspci", .group = "system", .help = "the PCI functions",
    .usage = "[-n | -nn] [-v] [-k] [-D] [-s [[BUS:]SLOT][.FUNCTION]] [-d [VENDOR]:[DEVICE]] [-j]", .run = cmd_lspci);
