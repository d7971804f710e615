/* Writable views in a dump (contract: dump_view.h). */
#include "net/dev/dump_view.h"

#include "lib/fmt.h"

void dump_view(struct out *o, const struct netdev *dev, const char *f, ...)
{
    char path[128];
    va_list ap;
    size_t n = fmt(path, sizeof(path), "/sys/class/net/%s/", dev->port.name);
    va_start(ap, f);
    fmt_v(path + n, sizeof(path) - n, f, ap);
    va_end(ap);
    out_text(o, " > ");
    out_word(o, path);
    out_text(o, "\n");
}
