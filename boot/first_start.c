/* Nobody brought a configuration: the first network card comes up and asks for an address, by DHCP and, as every
 * interface that is up, by router advertisements; forwarding stays off. The console is told so, and what to type next.
 *
 * On the boot command line: ip=off leaves everything down, and no card takes an address by itself, of IPv6 neither,
 * until net.ipv6.conf.X.disable_ipv6 says otherwise; ip=dhcp is what happens anyway.
 */
#include "boot/first_start.h"

#include "apps/dhcpc/dhcpc.h"
#include "kernel/cmdline.h"
#include "lib/errno.h"
#include "lib/script.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/net.h"

static bool off;

static int option_ip(const char *value)
{
    if (!value || (!str_eq(value, "off") && !str_eq(value, "none") && !str_eq(value, "dhcp") && !str_eq(value, "on")))
        return -EINVAL;
    off = str_eq(value, "off") || str_eq(value, "none");
    return 0;
}

BOOT_OPTION(ip, "ip", option_ip, "off, dhcp: without a configuration, whether the first card asks for an address");

void first_start_quiet(void)
{
    static const char *const names[] = {"net.ipv6.conf.all.disable_ipv6", "net.ipv6.conf.default.disable_ipv6"};
    for (unsigned i = 0; off && i < ARRAY_LEN(names); i++)
        sysctl_set(net_first, names[i], "1");
}

static void loopback_up(void)
{
    struct script_env env;
    struct out null;
    static const char line[] = "ip link set lo up";
    out_null_init(&null);
    script_env_init(&env, net_first, &null, &null, NULL);
    script_text(&env, line, sizeof(line) - 1);
    script_env_free(&env);
}

static bool find_card(struct link *l)
{
    for (u32 index = 0; link_next(net_first, &index, l);)
        if (l->ether)
            return true;
    return false;
}

void first_start(void)
{
    struct link card;
    struct dhcpc_how how = {0};
    int err;

    if (off || !find_card(&card))
        return;
    loopback_up();
    struct dhcpc *d = dhcpc_start(net_first, card.name, &how, &err, NULL);
    if (!d) {
        log_write(LOG_WARN, "weir: no configuration, and no DHCP on %s: %s", card.name, errno_text(err));
        return;
    }
    dhcpc_put(d);
    log_write(LOG_NOTICE, "weir: no configuration was given: %s asks for an address by DHCP; forwarding is off",
              card.name);
    log_write(LOG_NOTICE, "weir: `ip addr` shows what came of it, `dhclient -x %s` ends it, `help` lists what there is",
              card.name);
}
