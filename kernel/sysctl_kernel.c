/* The tunables under kernel.*: by Linux's names, with Linux's values.
 *
 *     kernel.printk     four numbers; the first is what the console shows (levels below it), the others are fixed
 *     kernel.panic      what follows a panic: 0 halts, n reboots after n seconds, -1 at once (panic= on the command
 * line) kernel.hostname   a name for this machine kernel.ostype, osrelease, version, arch: what this is; read-only
 */
#include "kernel/build_id.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "lib/sysctl.h"

/* Linux's other three: the level of messages that name none (Weir has none such), the least that the first may be, and
 * the first's default. */
static const u64 fixed[] = {4, 1, 7};

static int printk_show(struct net *net, const char *star, struct out *o)
{
    out_text(o, "%u\t%llu\t%llu\t%llu", load_relaxed(&log_console_level), (unsigned long long)fixed[0],
             (unsigned long long)fixed[1], (unsigned long long)fixed[2]);
    return 0;
}

/* The first number, or all four, of which the others must be what they are. */
static int printk_store(struct net *net, const char *star, const char *text)
{
    u64 v[4], n = 0;
    char word[8];

    while (*text) {
        size_t len = strcspn(text, " \t\n");
        if (len && (n == 4 || str_copy_n(word, sizeof(word), text, len) >= sizeof(word) ||
                    parse_u64(word, 0, 8, &v[n++], NULL)))
            return -EINVAL;
        text += len + (text[len] != 0);
    }
    if (!n || v[0] < fixed[1])
        return -EINVAL;
    for (u64 i = 1; i < n; i++)
        if (v[i] != fixed[i - 1])
            return -EINVAL;
    store_relaxed(&log_console_level, (u32)v[0]);
    return 0;
}

/* panic_then counts otherwise: -1 halts, 0 reboots at once. */
static int panic_show(struct net *net, const char *star, struct out *o)
{
    int then = load_relaxed(&panic_then);
    out_text(o, "%d", then < 0 ? 0 : then == 0 ? -1 : then);
    return 0;
}

static int panic_store(struct net *net, const char *star, const char *text)
{
    char word[16];
    i64 v;

    size_t len = strcspn(text, " \t\n");
    if (text[len + strspn(text + len, " \t\n")] || str_copy_n(word, sizeof(word), text, len) >= sizeof(word) ||
        parse_i64(word, -1, 86400, &v, NULL))
        return -EINVAL;
    store_relaxed(&panic_then, v == 0 ? -1 : v < 0 ? 0 : (int)v);
    return 0;
}

static char hostname[65] = "weir";

static int ostype_show(struct net *net, const char *star, struct out *o)
{
    out_text(o, "Weir");
    return 0;
}

static int osrelease_show(struct net *net, const char *star, struct out *o)
{
    out_text(o, "%s", WEIR_VERSION);
    return 0;
}

static int version_show(struct net *net, const char *star, struct out *o)
{
    out_text(o, "#%.16s SMP PREEMPT", build_id());
    return 0;
}

static int arch_show(struct net *net, const char *star, struct out *o)
{
    out_text(o, "x86_64");
    return 0;
}

SYSCTL(printk, .name = "kernel.printk", .type = SYSCTL_CALL, .show = printk_show, .store = printk_store,
       .text = "7\t4\t1\t7", .help = "the console shows messages of a level below the first number");
SYSCTL(panic, .name = "kernel.panic", .type = SYSCTL_CALL, .show = panic_show, .store = panic_store, .text = "0",
       .help = "seconds from a panic to the reboot; 0 halts, -1 reboots at once");
SYSCTL(hostname, .name = "kernel.hostname", SYSCTL_GLOBAL(hostname), .type = SYSCTL_STRING, .text = "weir",
       .help = "a name for this machine");
SYSCTL(ostype, .name = "kernel.ostype", .type = SYSCTL_CALL, .access = SYSCTL_RO, .show = ostype_show,
       .help = "what this is");
SYSCTL(osrelease, .name = "kernel.osrelease", .type = SYSCTL_CALL, .access = SYSCTL_RO, .show = osrelease_show,
       .help = "its version");
SYSCTL(version, .name = "kernel.version", .type = SYSCTL_CALL, .access = SYSCTL_RO, .show = version_show,
       .help = "which build of it");
SYSCTL(arch, .name = "kernel.arch", .type = SYSCTL_CALL, .access = SYSCTL_RO, .show = arch_show,
       .help = "what it runs on");
