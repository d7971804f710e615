/* Finds the boot files and hands them to lib/file.c. See files.h for the order.
 *
 * A file is the configuration itself, which becomes /etc/weir.conf, or a cpio archive, whose files appear under /etc;
 * which of the two, lib/file.c sees. All modules are entered, the one that conf= names or the first one as the
 * configuration, the others under the name on their command line. A loader's module keeps its memory: it is never given
 * to the allocator.
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

BOOT_OPTION(conf, "conf", option_conf, "the name of the boot module that is the configuration");

/* The last part of a module's first word: GRUB gives "/boot/weir.conf quiet", QEMU's -initrd nothing. */
static void name_of(const struct boot_module *m, char *p, size_t size)
{
    char words[sizeof(m->words)];
    str_copy(words, sizeof(words), m->words);
    words[strcspn(words, " ")] = 0;
    const char *slash = strrchr(words, '/');
    str_copy(p, size, slash ? slash + 1 : words);
}

static bool enter(const char *name, const void *p, size_t n, const char *from)
{
    char why[128];
    int err = file_boot_add(name, p, n, why, sizeof(why));
    if (err)
        log_write(LOG_ERR, "boot: %s from %s: %s", name, from, why);
    else
        log_write(LOG_INFO, "boot: %s from %s, %zu bytes", name, from, n);
    return !err;
}

static bool enter_module(const struct boot_module *m, const char *name)
{
    return m->size && enter(name, vm_phys(m->base), m->size, "boot module");
}

static bool conf_by_name(void)
{
    char name[64];
    for (u32 i = 0; *conf_name && i < bootinfo.modules; i++) {
        name_of(&bootinfo.module[i], name, sizeof(name));
        if (str_eq(name, conf_name))
            return enter_module(&bootinfo.module[i], CONF);
    }
    if (*conf_name)
        log_write(LOG_ERR, "boot: conf=%s: no boot module of that name", conf_name);
    return false;
}

static bool conf_from_fw_cfg(void)
{
    size_t n;
    void *p = fw_cfg_file("opt/weir/conf", &n);
    if (!p && n)
        log_write(LOG_ERR, "boot: fw_cfg opt/weir/conf: %zu bytes are too many", n);
    return p && enter(CONF, p, n, "fw_cfg");
}

bool boot_files(void)
{
    char name[64];
    bool found = conf_by_name() || conf_from_fw_cfg();

    for (u32 i = 0; i < bootinfo.modules; i++) {
        name_of(&bootinfo.module[i], name, sizeof(name));
        if (*conf_name && str_eq(name, conf_name))
            continue;
        if (!found)
            found = enter_module(&bootinfo.module[i], CONF);
        else if (*name && !str_eq(name, CONF))
            enter_module(&bootinfo.module[i], name);
    }
    if (!found)
        enter(CONF, built_in, sizeof(built_in) - 1, "the image");
    if (bootinfo.modules_lost)
        log_write(LOG_WARN, "boot: %u modules beyond the first %u are not used", bootinfo.modules_lost, BOOT_MODULES);
    return found;
}
