/* Cooked packets (contract: sll2.h): built of frames, seen as frames, and printed.
 *
 * Each line begins with the device and the way, as tcpdump has it: "eth0  In  IP ...". A tag's own type is told, with
 * -e its number too. What the sender's address is depends on the hardware: six bytes are printed as a MAC address.
 */
#include "net/dev/tcpdump/sll2.h"

#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"

#define PROTO_8023 1
#define PROTO_LLC  4

void sll2_build(u8 *to, const struct sll2_from *from, const u8 *frame, u32 kept)
{
    u16 type = load_be16(frame + 12);
    store_be16(to, type < ETH_LENGTH ? PROTO_LLC : type);
    store_be16(to + 2, 0);
    store_be32(to + 4, from->ifindex);
    store_be16(to + 8, from->hardware);
    to[10] = from->way;
    to[11] = sizeof(struct macaddr);
    memcpy(to + 12, frame + 6, sizeof(struct macaddr));
    memset(to + 18, 0, 2);
    memcpy(to + SLL2_HLEN, frame + ETH_HLEN, kept - ETH_HLEN);
}

void sll2_as_ether(u8 *p, u8 kept[SLL2_HLEN])
{
    memcpy(kept, p, SLL2_HLEN);
    memset(p + SLL2_MORE, 0, sizeof(struct macaddr));
    memcpy(p + SLL2_MORE + 6, kept + 12, sizeof(struct macaddr));
    store_be16(p + SLL2_MORE + 12, load_be16(kept) == PROTO_LLC ? 0 : load_be16(kept));
}

static const char *type_name(u16 type)
{
    const char *name = dump_type_name(type);
    return name ? name : "Unknown";
}

static void print_header(struct dump *d, const u8 *p, u16 type, u32 length)
{
    dump_text(d, "ifindex %u ", sll2_ifindex(p));
    if (p[11] == sizeof(struct macaddr))
        dump_text(d, "%pM ", p + 12);
    if (d->form.quiet)
        return;
    if (type == PROTO_LLC || type == PROTO_8023)
        dump_text(d, type == PROTO_LLC ? "802.2" : "802.3");
    else
        dump_text(d, "ethertype %s (0x%04x)", type_name(type), type);
    dump_text(d, ", length %u: ", length);
}

static void print_tag(struct dump *d, u16 tci, u16 type)
{
    if (d->form.link)
        dump_text(d, "vlan %u, p %u%s, ", tci & VLAN_VID, tci >> VLAN_PCP_AT, tci & VLAN_DEI ? ", DEI" : "");
    if (!d->form.quiet && type >= ETH_LENGTH)
        dump_text(d, "ethertype %s, ", type_name(type));
}

static u32 print_payload(struct dump *d, const struct span *whole, u16 type, const struct span *s)
{
    if (type == PROTO_LLC || type < ETH_LENGTH)
        return dump_llc(d, s);
    if (dump_ether(d, type, s))
        return 0;
    if (!d->form.link)
        print_header(d, whole->p, type, whole->len);
    if (!d->form.hex && !d->form.text && !d->form.quiet)
        dump_hex(d, s->p, s->n, true);
    return 0;
}

u32 dump_sll2(struct dump *d, const struct span *s, const char *ifname)
{
    static const char *const ways[] = {"In", "B", "M", "P", "Out"};
    const u8 *p = span_need(s, 0, SLL2_HLEN);
    u32 at = SLL2_HLEN;
    if (!p) {
        dump_text(d, " [|sll2]");
        return 0;
    }
    u16 type = load_be16(p);
    dump_text(d, "%-5s %-3s ", ifname, p[10] < ARRAY_LEN(ways) ? ways[p[10]] : "?");
    if (d->form.link)
        print_header(d, p, type, s->len);
    while (eth_is_vlan(type) || type == 0x9100) {
        const u8 *tag = span_need(s, at, VLAN_HLEN);
        if (!tag) {
            dump_text(d, " [|vlan]");
            return at;
        }
        type = load_be16(tag + 2);
        print_tag(d, load_be16(tag), type);
        at += VLAN_HLEN;
    }
    struct span in = span_behind(s, at);
    return at + print_payload(d, s, type, &in);
}
