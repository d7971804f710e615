/* Memory as files in Linux's layout.
 *
 *     /proc/meminfo   /proc/buddyinfo   /proc/slabinfo   /proc/iomem
 *
 * What Weir does not have is 0 (swap, page cache) or left out (huge pages): no figure is made up.
 */
#include "kernel/bootinfo.h"
#include "kernel/page.h"
#include "kernel/pci.h"
#include "kernel/slab.h"
#include "kernel/task.h"
#include "lib/file.h"
#include "lib/plat.h"

typedef unsigned long long ull;

#define KIB_A_PAGE (PAGE_SIZE / KIB)

/* ---- /proc/meminfo ---- */

struct sums {
    u64 slab_pages, stack_bytes;
};

static void add_slab(const struct slab_info *info, void *arg)
{
    ((struct sums *)arg)->slab_pages += info->pages;
}

static void add_stack(const struct task_info *info, void *arg)
{
    ((struct sums *)arg)->stack_bytes += info->stack_size;
}

static void line(struct out *o, const char *name, u64 kib)
{
    out_text(o, "%-15s %8llu kB\n", name, (ull)kib);
}

static int meminfo_show(struct file_req *r)
{
    struct page_info info;
    struct sums sums = {0};

    page_info(&info);
    slab_walk(add_slab, &sums);
    task_walk(add_stack, &sums);
    line(r->out, "MemTotal:", info.total * KIB_A_PAGE);
    line(r->out, "MemFree:", info.free * KIB_A_PAGE);
    line(r->out, "MemAvailable:", info.free * KIB_A_PAGE);
    line(r->out, "Buffers:", 0);
    line(r->out, "Cached:", 0);
    line(r->out, "SwapCached:", 0);
    line(r->out, "Active:", 0);
    line(r->out, "Inactive:", 0);
    line(r->out, "SwapTotal:", 0);
    line(r->out, "SwapFree:", 0);
    line(r->out, "Slab:", sums.slab_pages * KIB_A_PAGE);
    line(r->out, "SReclaimable:", 0);
    line(r->out, "SUnreclaim:", sums.slab_pages * KIB_A_PAGE);
    line(r->out, "KernelStack:", sums.stack_bytes / KIB);
    line(r->out, "MemLowest:", info.low_water * KIB_A_PAGE); /* Weir's own: the least that was ever free */
    return 0;
}
FILE_VIEW(meminfo, .path = "/proc/meminfo", .show = meminfo_show);

/* ---- /proc/buddyinfo ---- */

static int buddyinfo_show(struct file_req *r)
{
    struct page_info info;

    page_info(&info);
    out_text(r->out, "Node 0, zone   Normal ");
    for (unsigned order = 0; order < PAGE_ORDERS; order++)
        out_text(r->out, "%6llu ", (ull)info.blocks[order]);
    out_text(r->out, "\n");
    return 0;
}
FILE_VIEW(buddyinfo, .path = "/proc/buddyinfo", .show = buddyinfo_show);

/* ---- /proc/slabinfo ---- */

static void show_pool(const struct slab_info *i, void *arg)
{
    out_text(arg,
             "%-17s %6llu %6llu %6zu %4llu %4llu : tunables %4d %4d %4d : slabdata %6llu %6llu %6d : failures %llu\n",
             i->name, (ull)i->live, (ull)i->objects, i->slot, (ull)i->slots, (ull)i->block_pages, 0, 0, 0,
             (ull)i->blocks, (ull)i->blocks, 0, (ull)i->failures);
}

static int slabinfo_show(struct file_req *r)
{
    out_text(r->out, "slabinfo - version: 2.1\n"
                     "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables "
                     "<limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
    slab_walk(show_pool, r->out);
    return 0;
}
FILE_VIEW(slabinfo, .path = "/proc/slabinfo", .show = slabinfo_show);

/* ---- /proc/iomem: what the loader told, and the windows of PCI functions, each in order of address ---- */

struct range {
    u64 base, size;
    const char *what;
};

static void show_range(struct out *o, u64 base, u64 size, const char *indent, const char *what)
{
    out_text(o, "%s%08llx-%08llx : %s\n", indent, (ull)base, (ull)(base + size - 1), what);
}

/* The range with the lowest base above *after (or at it, for the first), from the loader's map or a BAR. */
static bool next_range(u64 after, bool first, struct range *found)
{
    static const char *const types[] = {
        "Reserved", "System RAM", "Reserved", "ACPI Tables", "ACPI Non-volatile Storage", "Unusable memory"};
    bool any = false;

    for (unsigned i = 0; i < bootinfo.regions; i++) {
        const struct boot_region *g = &bootinfo.region[i];
        if (!g->size || (first ? false : g->base <= after) || (any && g->base >= found->base))
            continue;
        *found = (struct range){g->base, g->size, types[g->type < ARRAY_LEN(types) ? g->type : 0]};
        any = true;
    }
    for (unsigned i = 0; i < pci_count(); i++) {
        const struct bus_dev *dev = &pci_at(i)->dev;
        for (unsigned b = 0; b < BUS_BARS; b++) {
            const struct bus_bar *bar = &dev->bar[b];
            if (bar->port || !bar->base || !bar->size || (!first && bar->base <= after) ||
                (any && bar->base >= found->base))
                continue;
            *found = (struct range){bar->base, bar->size, dev->name};
            any = true;
        }
    }
    return any;
}

static int iomem_show(struct file_req *r)
{
    struct range range;
    u64 after = 0, end = 0;

    for (bool first = true; next_range(after, first, &range); first = false) {
        show_range(r->out, range.base, range.size, range.base < end ? "  " : "", range.what);
        after = range.base;
        end = max(end, range.base + range.size);
    }
    return 0;
}
FILE_VIEW(iomem, .path = "/proc/iomem", .show = iomem_show);
