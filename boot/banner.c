/* The lines that boot tells. Facts are asked for from who has them; nothing is kept here.
 *
 * The build id is the linker's note: a hash over the image, the same for the same sources and tools.
 */
#include "boot/banner.h"

#include "drivers/driver.h"
#include "kernel/bootinfo.h"
#include "kernel/console.h"
#include "kernel/cpuid.h"
#include "kernel/entropy.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/time.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

extern const u8 image_build_id[];

#define NOTE_HEAD 16 /* sizes, type, "GNU\0" */

void banner_hello(void)
{
    const u8 *id = image_build_id + NOTE_HEAD;
    log_write(LOG_INFO, "Weir %s, build %02x%02x%02x%02x%02x%02x, loaded by %s%s%s", WEIR_VERSION, id[0], id[1], id[2],
              id[3], id[4], id[5], bootinfo.loader, *bootinfo.loader_name ? ", " : "", bootinfo.loader_name);
}

static void memory_lines(void)
{
    struct page_info pages;
    u64 by_type[BOOT_BAD + 1] = {0};

    page_info(&pages);
    for (u32 i = 0; i < bootinfo.regions; i++) {
        u32 type = bootinfo.region[i].type;
        by_type[type <= BOOT_BAD && type ? type : BOOT_RESERVED] += bootinfo.region[i].size;
    }
    log_write(LOG_INFO, "memory: %llu KiB RAM in %u regions, %llu KiB free; ACPI %llu KiB, bad %llu KiB",
              page_ram() / KIB, bootinfo.regions, pages.free * PAGE_SIZE / KIB,
              (by_type[BOOT_ACPI] + by_type[BOOT_NVS]) / KIB, by_type[BOOT_BAD] / KIB);
    if (bootinfo.regions_lost)
        log_write(LOG_WARN, "memory: %u regions beyond the first %u are not used", bootinfo.regions_lost, BOOT_REGIONS);
}

void banner_machine(void)
{
    char console[96];

    memory_lines();
    log_write(LOG_INFO, "cpu: %u x %s%s%s", cpu_count(), *cpu_features.model ? cpu_features.model : cpu_features.vendor,
              cpu_features.hypervisor ? ", under " : "", cpu_features.hypervisor_name);
    log_write(LOG_INFO, "clock: %s, %s", clock_source(), clock_calibrated());
    console_summary(console, sizeof(console));
    log_write(LOG_INFO, "console: %s", console);
}

void banner_device(const struct bus_dev *dev)
{
    log_write(LOG_INFO, "%s: %04x:%04x class %06x: %s", dev->name, dev->vendor, dev->device, dev->class_rev >> 8,
              dev->driver ? dev->driver->name : "no driver");
}

void banner_entropy(void)
{
    char what[96];
    entropy_summary(what, sizeof(what));
    log_write(LOG_INFO, "entropy: %s", what);
}

/* People and harnesses wait for it: a console that was told to show fewer messages is told this one all the same. */
void banner_ready(void)
{
    char text[64];

    fmt(text, sizeof(text), "weir: ready in %llu ms\n", clock_ns() / NS_PER_MS);
    log_write(LOG_NOTICE, "%s", text);
    if (load_relaxed(&log_console_level) <= LOG_NOTICE)
        console_write(text, strlen(text));
}
