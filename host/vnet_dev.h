/* The device's side of virtio-net, for tests: one pair of queues and one for commands, which it grants.
 *
 *     host_vnet_init(&v, BUS_PCI, features);  driver_bind(&v.d.host.dev);  dev_up(...)
 *     host_vnet_deliver(&v, header, frame, len)      a frame for the driver, in as many buffers as it takes
 *     v.frame[v.sent - 1], v.header[...]             what the driver sent, the last HOST_VNET_KEPT of it
 */
#ifndef HOST_VNET_DEV_H
#define HOST_VNET_DEV_H

#include "host/virtio_dev.h"

#define HOST_VNET_HDR   12u
#define HOST_VNET_KEPT  64u
#define HOST_VNET_FRAME 66000u

struct host_vnet {
    struct host_virtio d;
    bool slow;    /* takes what is sent only when host_vnet_take says so */
    bool refuses; /* commands */
    u32 sent, commands;
    bool promisc, allmulti; /* what commands said: */
    u32 vlans[128];         /* a bit each */
    u8 rss[512];            /* the last of that kind, */
    u32 rss_n;              /* so many bytes */
    u32 groups;             /* addresses of them in its table, */
    u8 group[6];            /* the last */
    u32 stations;           /* of them likewise */
    u8 station[6];          /* the first */
    struct {
        u8 header[HOST_VNET_HDR];
        u32 len;
        u8 *frame; /* HOST_VNET_FRAME */
    } kept[HOST_VNET_KEPT];
};

void host_vnet_init(struct host_vnet *v, enum bus_kind kind, u64 features);
void host_vnet_end(struct host_vnet *v);
/* The header as it is, but for num_buffers where that is 0: what it took. False: the driver has given too few buffers;
 * those that it had are lost, as a device would. */
bool host_vnet_deliver(struct host_vnet *v, const u8 header[HOST_VNET_HDR], const u8 *frame, u32 len);
void host_vnet_take(struct host_vnet *v); /* all that is to be sent, and tells of it */

#endif
