/* /proc/net/softnet_stat: what each CPU's way in has done, a line for each, in Linux's 15 columns of hexadecimal
 * digits:
 *
 *     0 processed    1 dropped (backlog full, flow limit)   2 time_squeeze   3-8 always 0   9 received_rps
 *     10 flow_limit_count   11 backlog: 13 and 14 together   12 CPU   13 input_qlen   14 process_qlen
 */
#include "lib/file.h"
#include "net/dev/backlog.h"
#include "net/dev/napi.h"
#include "net/dev/rx.h"

static int softnet_show(struct file_req *r)
{
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        struct backlog_seen b;
        backlog_seen(r->net, cpu, &b);
        out_text(r->out, "%08x %08x %08x %08x %08x %08x %08x %08x %08x %08x %08x %08x %08x %08x %08x\n",
                 (u32)dev_rx_processed(r->net, cpu), (u32)b.dropped, (u32)softnet_squeezed(r->net, cpu), 0, 0, 0, 0, 0,
                 0, (u32)b.woken, (u32)b.limited, b.input + b.process, cpu, b.input, b.process);
    }
    return 0;
}

FILE_VIEW(softnet_stat, .path = "/proc/net/softnet_stat", .show = softnet_show);
