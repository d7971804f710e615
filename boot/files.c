/* Finds the boot files and hands them to lib/file.c. See files.h for the order.
 *
 * A file is the configuration itself, which becomes /etc/weir.conf, or a cpio archive, whose files appear under /etc;
 * which of the two, lib/file.c sees. All modules are entered, the one that conf= names or the first one as the
 * configuration, the others under the name on their command line; what conf= names may as well lie in an archive. A
 * loader's module keeps its memory: it is never given to the allocator.
 */
#include "boot/files.h"

#include "kernel/bootinfo.h"
#include "kernel/cmdline.h"
#include "kernel/fw_cfg.h"
#include "kernel/vm.h"
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/string.h"

#define CONF "weir.conf"

/* Used when nobody brings one: a console with defaults, nothing configured. */
static const char built_in[] = "# Built in: no configuration was given at boot.\n";

static char conf_name[64];

static int option_conf(const char *value)
{
    if (!value || !*value)
        return -EINVAL;
    return str_copy(conf_name, sizeof(conf_name), value) < sizeof(conf_name) ? 0 : -EINVAL;
}

BOOT_OPTION(conf, "conf", option_conf, "which boot module, or file in one, is the configuration");

/* The last part of a module's first word: GRUB gives "/boot/weir.conf quiet", QEMU's -initrd nothing. Static:
 * lib/file.c keeps the pointer.
 */
static const char *name_of(u32 i)
{
    static char names[BOOT_MODULES][sizeof(bootinfo.module[0].words)];
    str_copy(names[i], sizeof(names[i]), bootinfo.module[i].words);
    names[i][strcspn(names[i], " ")] = 0;
    const char *slash = strrchr(names[i], '/');
    return slash ? slash + 1 : names[i];
}

static void enter(const char *name, const void *p, size_t n, const char *from)
{
    char why[128];
    if (file_boot_add(name, p, n, why, sizeof(why)))
        log_write(LOG_ERR, "boot: %s from %s: %s", name, from, why);
    else
        log_write(LOG_INFO, "boot: %s from %s, %zu bytes", name, from, n);
}

/* The module that may be the configuration: the one that conf= names, else the first that holds anything. */
static u32 conf_module(bool *named)
{
    u32 first = bootinfo.modules;
    for (u32 i = bootinfo.modules; i--;) {
        *named = *conf_name && str_eq(name_of(i), conf_name);
        if (*named)
            return i;
        if (bootinfo.module[i].size)
            first = i;
    }
    return first;
}

/* What is entered later takes the place of what has the same name: so the weakest first. */
bool boot_files(void)
{
    size_t n = 0;
    bool named = false;
    u32 conf = conf_module(&named);
    void *p = fw_cfg_file("opt/weir/conf", &n);

    if (!p && n)
        log_write(LOG_ERR, "boot: fw_cfg opt/weir/conf: %zu bytes are too many", n);
    for (u32 i = bootinfo.modules; i--;) {
        const struct boot_module *m = &bootinfo.module[i];
        const char *name = name_of(i);
        bool to_name = *name && (i != conf || p); /* behind fw_cfg it is a file like the others */
        if (m->size && !(i == conf && named))
            enter(to_name ? name : CONF, vm_phys(m->base), m->size, "boot module");
    }
    if (p)
        enter(CONF, p, n, "fw_cfg");
    if (named)
        enter(CONF, vm_phys(bootinfo.module[conf].base), bootinfo.module[conf].size, "boot module");
    else if (*conf_name && file_boot_conf(conf_name))
        log_write(LOG_ERR, "boot: conf=%s: no boot module and no file in one has that name", conf_name);
    else if (*conf_name)
        log_write(LOG_INFO, "boot: weir.conf is %s", conf_name);
    if (bootinfo.modules_lost)
        log_write(LOG_WARN, "boot: %u modules beyond the first %u are not used", bootinfo.modules_lost, BOOT_MODULES);
    if (!file_boot_conf(CONF))
        return true;
    if (bootinfo.modules)
        log_write(LOG_WARN, "boot: no weir.conf in what was given: put it there, or name another by conf=");
    enter(CONF, built_in, sizeof(built_in) - 1, "the image");
    return false;
}
