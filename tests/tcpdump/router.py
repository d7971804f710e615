"""Frames of what one meets at a router, for generate.py: tunnels, routing protocols, groups, configuration, links."""
import ipaddress
import struct

import generate as g

# (type, length, value) of PPPoE, PPP, DHCP and kin, by the width of the first two
TLV8, TLV16 = "!BB", "!HH"


def tlv(form, kind, value, whole=0):
    """`whole`: the length counts the head, too."""
    head = struct.calcsize(form)
    return struct.pack(form, kind, len(value) + whole * head) + value


def four(text):
    return ipaddress.ip_address(text).packed


def gre(flags, proto, payload, words=b""):
    return struct.pack("!HH", flags, proto) + words + payload


def gre_packets():
    ip4 = g.ip(17, g.udp(7, 8, b"in gre"))[14:48]
    ip6 = g.ip6(58, g.icmp6(128, 0, struct.pack("!HH", 9, 3) + bytes(8)))[14:]
    arp = g.arp(1, g.A, g.HOST1, bytes(6), g.HOST2, pad=False)
    for flags, proto, words, payload in (
            (0x0000, 0x0800, b"", ip4), (0x2000, 0x0800, b"\0\0\0\x2a", ip4), (0xb000, 0x0800, b"\x12\x34\0\0\0\0\0\7\0\0\0\5", ip4),
            (0x0000, 0x86dd, b"", ip6), (0x0000, 0x6558, b"", arp), (0x2000, 0x6558, b"\0\0\1\0", arp), (0x0000, 0x9999, b"", b"what?"),
            (0x0000, 0x0000, b"", b""), (0x3001, 0x880b, b"\0\4\0\7\0\0\0\1", b"\xff\3\0\x21" + ip4),
            (0x2081, 0x880b, b"\0\0\0\7\0\0\0\3", b""), (0x1000, 0x0800, b"\0\0\0\5", ip4), (0x0003, 0x0800, b"", ip4), (0x0000, 0x8847, b"", b"\0\1\1\x40" + ip4)):
        yield g.ip(47, gre(flags, proto, payload, words))
    yield g.ip6(47, gre(0, 0x0800, ip4))
    yield g.ip(47, b"\x20\0\x08\0\0")
    yield g.ip(47, b"\x20\0")
    yield g.ip(47, b"\xb0\0\x08\0\0\0\0\0\0\0")


def tunnel_packets():
    ip4 = g.ip(17, g.udp(7, 8, b"inner"))[14:47]
    ip6 = g.ip6(17, g.udp(3, 4, b"6in4", g.SIX1, g.SIX2))[14:]
    frame = g.ip(1, g.icmp(8, 0, struct.pack("!HH", 7, 1), bytes(8)), pad=False)
    yield g.ip6(4, ip4)
    yield g.ip6(41, ip6)
    yield g.ip(4, g.ip(4, ip4)[14:67])
    yield g.ip(4, ip4[:15])
    for flags, vni, inner in ((0x08, 42, frame), (0x08, 0xffffff, g.arp(1, g.A, g.HOST1, bytes(6), g.HOST2)), (0x00, 7, g.tag(frame, (0x8100, 5))),
                              (0x08, 1, b"\1\2\3")):
        yield g.ip(17, g.udp(50000, 4789, bytes([flags, 0, 0, 0]) + struct.pack("!I", vni << 8) + inner))
    yield g.ip6(17, g.udp(50000, 4789, b"\x08\0\0\0\0\0\x63\0" + frame, g.SIX1, g.SIX2))
    yield g.ip(17, g.udp(50000, 4789, b"\x08\0\0\0\0"))
    for label in (b"\0\1\1\x40", b"\0\1\x40\xff\0\2\x01\x40", b"\0\0\1\x40", b"\0\0\x21\x01", b"\0\3\x01\x01", b"\0\0\x11\x01", b"\0\0\x31\x01"):
        yield g.eth(0x8847, label + ip4)
    yield g.eth(0x8847, b"\0\0\x21\x40" + ip6)
    yield g.eth(0x8847, b"\0\1\x00")
    yield g.ip(51, struct.pack("!BBHII", 17, 4, 0, 0x55, 1) + bytes(12) + g.udp(5, 6, b"ah"))
    yield g.ip(51, struct.pack("!BBHI", 17, 4, 0, 0x55))
    yield g.ip6(51, struct.pack("!BBHII", 17, 4, 0, 0x55, 1) + bytes(12) + g.udp(5, 6, b"ah", g.SIX1, g.SIX2))
    yield g.ip(50, b"\0\0\1\1")


def chunk(kind, flags, value):
    return struct.pack("!BBH", kind, flags, 4 + len(value)) + value + bytes(-len(value) % 4)


def sctp_packets():
    init = struct.pack("!IIHHI", 0x11111111, 65535, 10, 20, 0x22222222)
    head = struct.pack("!HHII", 5000, 6000, 0x1234, 0)
    data = struct.pack("!IHHI", 7, 1, 2, 46) + b"some data"
    for body in (chunk(1, 0, init), chunk(2, 0, init + b"\0\7\0\x0c" + bytes(8)), chunk(10, 0, bytes(16)), chunk(11, 0, b""), chunk(0, 3, data),
                 chunk(0, 7, data), chunk(3, 0, struct.pack("!IIHH", 9, 65000, 1, 1) + b"\0\2\0\3\0\0\0\5"), chunk(4, 0, b"\0\1\0\x08beat"),
                 chunk(5, 0, b"\0\1\0\x08beat"), chunk(6, 0, b""), chunk(6, 1, b"\0\x0c\0\x08bye!"), chunk(7, 0, b"\0\0\0\x09"), chunk(8, 0, b""),
                 chunk(14, 0, b""), chunk(14, 1, b""), chunk(9, 0, b"\0\1\0\x08\0\1\0\0"), chunk(11, 0, b"") + chunk(0, 3, data), chunk(12, 0, b"\0\0\0\1"),
                 chunk(13, 0, b""), chunk(200, 0, b"what"), b"\0\3\0\2", b"\0\3\xff\xff\0\0\0\0"):
        yield g.ip(132, head + body)
    yield g.ip6(132, head + chunk(10, 0, bytes(16)))
    yield g.ip(132, head[:8])


def ospf(kind, body, area="0.0.0.0"):
    head = struct.pack("!BBH", 2, kind, 24 + len(body)) + four("1.1.1.1") + four(area) + bytes(2) + bytes(2) + bytes(8)
    total = g.checksum(head[:16] + body)
    return head[:12] + struct.pack("!H", total) + head[14:] + body


def ospf3(kind, body):
    return struct.pack("!BBH", 3, kind, 16 + len(body)) + four("1.1.1.1") + four("0.0.0.1") + b"\0\0\0\0" + body


def lsa(kind, ident, router, body=b"", age=5):
    return struct.pack("!HBB", age, 2, kind) + four(ident) + four(router) + struct.pack("!IHH", 0x80000001, 0xabcd, 20 + len(body)) + body


def ospf_packets():
    mask, all5 = four("255.255.255.0"), "224.0.0.5"
    hello = mask + struct.pack("!HBBI", 10, 2, 1, 40) + four("10.0.0.1") + four("10.0.0.2")
    router = struct.pack("!BBH", 1, 0, 1) + four("10.0.0.1") + mask + struct.pack("!BBH", 3, 0, 10)
    for area, kind, body in (("0.0.0.0", 1, hello), ("0.0.0.1", 1, hello + four("2.2.2.2")), ("0.0.0.0", 2, struct.pack("!HBBI", 1500, 2, 7, 99) + lsa(1, "1.1.1.1", "1.1.1.1")),
                             ("0.0.0.0", 3, struct.pack("!I", 1) + four("1.1.1.1") + four("1.1.1.1")),
                             ("0.0.0.0", 4, struct.pack("!I", 2) + lsa(1, "1.1.1.1", "1.1.1.1", router) + lsa(2, "10.0.0.1", "1.1.1.1", mask + four("1.1.1.1"))),
                             ("0.0.0.0", 5, lsa(1, "1.1.1.1", "1.1.1.1")), ("0.0.0.0", 9, bytes(8))):
        yield g.ip(89, ospf(kind, body, area), g.HOST1, all5, ttl=1)
    hello3 = struct.pack("!IBBHHH", 5, 1, 0, 0x13, 10, 40) + four("1.1.1.1") + four("0.0.0.0")
    for kind, body in ((1, hello3), (1, hello3 + four("2.2.2.2")), (2, struct.pack("!IHBBI", 0x13, 1500, 0, 7, 99)), (3, bytes(2) + b"\x20\1" + four("0.0.0.1") + four("1.1.1.1")),
                       (4, struct.pack("!I", 0)), (5, b"")):
        yield g.ip6(89, ospf3(kind, body), g.SIX2, "ff02::5", hops=1)
    yield g.ip(89, b"\2\1\0", g.HOST1, all5)
    yield g.ip(89, b"\4\1\0\x18" + bytes(20), g.HOST1, all5)


def sealed(body, at, pseudo=b""):
    return body[:at] + struct.pack("!H", g.checksum(pseudo + body)) + body[at + 2:]


def vrrp_packets():
    two = sealed(bytes.fromhex("2101640101010000") + four("10.0.0.254") + bytes(8), 6)
    yield g.ip(112, two, g.HOST1, "224.0.0.18", ttl=255)
    yield g.ip(112, sealed(bytes.fromhex("2107ff0201010000") + four("10.0.0.254") + four("10.0.0.253") + b"password", 6), g.HOST1, "224.0.0.18", ttl=255)
    three = bytes.fromhex("3105640100640000") + four("10.0.0.254")
    yield g.ip(112, sealed(three, 6, g.pseudo(g.HOST1, "224.0.0.18", 112, three)), g.HOST1, "224.0.0.18", ttl=255)
    yield g.ip(112, three, g.HOST1, "224.0.0.18", ttl=254)
    six = bytes.fromhex("3105000100640000") + four(g.SIX2)
    yield g.ip6(112, sealed(six, 6, g.pseudo(g.SIX2, "ff02::12", 112, six)), g.SIX2, "ff02::12", hops=255)
    yield g.ip(112, two[:5], g.HOST1, "224.0.0.18", ttl=255)
    yield g.ip(112, bytes.fromhex("2201640101010000") + bytes(12), g.HOST1, "224.0.0.18", ttl=255)


def group_packets():
    ra = b"\x94\4\0\0"
    group = four("239.1.2.3")
    for to, body in (("224.0.0.1", b"\x11\x64\0\0" + bytes(4)), ("239.1.2.3", b"\x11\x0a\0\0" + group), ("224.0.0.1", b"\x11\0\0\0" + bytes(4)), ("239.1.2.3", b"\x12\0\0\0" + group),
                     ("239.1.2.3", b"\x16\0\0\0" + group), ("224.0.0.2", b"\x17\0\0\0" + group), ("224.0.0.1", b"\x11\x64\0\0" + bytes(4) + b"\2\x7d\0\0"),
                     ("239.1.2.3", b"\x11\x8a\0\0" + group + b"\x0a\x7d\0\1" + four("10.0.0.9")), ("224.0.0.22", b"\x22\0\0\0\0\0\0\1" + b"\4\0\0\0" + group),
                     ("224.0.0.22", b"\x22\0\0\0\0\0\0\2" + b"\1\0\0\1" + group + four("10.0.0.9") + b"\3\0\0\0" + four("239.1.2.4")),
                     ("224.0.0.1", b"\x99\1\0\0" + bytes(4)), ("224.0.0.22", b"\x22\0\0\0\0\0\0\3" + b"\4\0\0\0" + group)):
        yield g.ip(2, sealed(body, 2), g.HOST1, to, ttl=1, options=ra)
    yield g.ip(2, b"\x16\0\0\0")
    yield g.ip(2, b"\x16\0\x12\x34" + group)
    six = four("ff05::1:3")
    hbh = b"\x3a\0\5\2\0\0\1\0"
    for to, kind, rest in (("ff02::1", 130, b"\x27\x10\0\0" + bytes(16)), ("ff05::1:3", 130, b"\x03\xe8\0\0" + six), ("ff05::1:3", 131, bytes(4) + six), ("ff02::2", 132, bytes(4) + six),
                           ("ff02::1", 130, b"\x27\x10\0\0" + bytes(16) + b"\2\x7d\0\0"), ("ff05::1:3", 130, b"\x03\xe8\0\0" + six + b"\2\x7d\0\1" + four(g.SIX1)),
                           ("ff02::16", 143, b"\0\0\0\1" + b"\4\0\0\0" + six), ("ff02::16", 143, b"\0\0\0\2" + b"\3\0\0\1" + six + four(g.SIX1) + b"\2\0\0\0" + four("ff05::9"))):
        yield g.ip6(0, hbh + g.icmp6(kind, 0, rest, g.SIX2, to), g.SIX2, to, hops=1)


def pim_packets():
    def pim(kind, body):
        return sealed(bytes([0x20 | kind, 0, 0, 0]) + body, 2)
    hello = tlv(TLV16, 1, b"\0\x69") + tlv(TLV16, 19, b"\0\0\0\1") + tlv(TLV16, 20, b"\1\2\3\4")
    unicast, group, source = b"\1\0" + four("10.0.0.1"), b"\1\0\0\x20" + four("239.1.2.3"), b"\1\0\4\x20" + four("10.0.0.9")
    inner = g.ip(17, g.udp(7, 8, b"register"), "10.0.0.9", "239.1.2.3")[14:50]
    for kind, body in ((0, hello), (1, b"\0\0\0\0" + inner), (1, b"\x40\0\0\0" + inner), (2, group + unicast), (3, unicast + b"\0\1\0\xd2" + group + b"\0\1\0\0" + source),
                       (4, b"\0\1\x1e\0" + unicast), (5, group + unicast + struct.pack("!II", 0x80000000, 1)), (8, b"\1\0\0\x96" + unicast + group)):
        yield g.ip(103, pim(kind, body), g.HOST1, "224.0.0.13", ttl=1)
    all_flags, net, six = b"\1\0\7\x20" + four("10.0.0.9"), b"\1\0\0\x08" + four("239.0.0.0"), b"\2\0" + four(g.SIX1)
    more = tlv(TLV16, 1, b"\xff\xff") + tlv(TLV16, 2, b"\x81\xf4\x09\xc4") + tlv(TLV16, 24, six) + tlv(TLV16, 21, b"\1\0\0\0") + tlv(TLV16, 99, b"abc")
    for kind, body in ((0, more), (0, tlv(TLV16, 1, b"\0\0")), (0, tlv(TLV16, 19, b"\0\1")), (0, b"\0\1\0\x09\0"), (3, unicast + b"\0\2\0\x3c" + group + b"\0\1\0\1" + all_flags + all_flags + net + b"\0\0\0\1" + b"\1\0\0\x18" + four("10.9.0.0")),
                       (6, unicast + b"\0\1\0\xd2" + group + b"\0\1\0\0" + source), (5, group + unicast + struct.pack("!II", 7, 1)), (8, b"\0\1\0\x96" + unicast),
                       (4, b"\0\1\x1e\0" + unicast + net + b"\1\1\0\0" + unicast + b"\0\x96\5\0"), (2, group), (3, unicast[:3])):
        yield g.ip(103, pim(kind, body), g.HOST1, "224.0.0.13", ttl=1)
    yield g.ip(103, sealed(b"\x21\0\0\0\0\0\0\0", 2) + inner, g.HOST1, "224.0.0.13", ttl=1)
    yield g.ip(103, bytes([0x20, 0, 1, 2]) + hello, g.HOST1, "224.0.0.13", ttl=1)
    body = bytes([0x20, 0, 0, 0]) + hello
    yield g.ip6(103, sealed(body, 2, g.pseudo(g.SIX2, "ff02::d", 103, body)), g.SIX2, "ff02::d", hops=1)
    yield g.ip(103, b"\x10\0\0\0\0\0\0\0", g.HOST1, "224.0.0.13")
    yield g.ip(103, b"\x20", g.HOST1, "224.0.0.13")


def config_packets():
    options = tlv(TLV8, 61, b"\1" + g.A) + tlv(TLV8, 50, four("10.0.0.77")) + tlv(TLV8, 12, b"box") + tlv(TLV8, 55, bytes([1, 3, 6, 15]))
    reply = tlv(TLV8, 54, four(g.HOST2)) + tlv(TLV8, 51, b"\0\0\x0e\x10") + tlv(TLV8, 1, four("255.255.255.0")) + tlv(TLV8, 3, four(g.HOST2)) + tlv(TLV8, 6, four(g.HOST2) + four("10.0.0.3")) + tlv(TLV8, 15, b"example.com")
    for kind in (1, 3, 4, 7, 8):
        yield g.ip(17, g.udp(68, 67, g.dhcp(1, kind, options), "0.0.0.0", "255.255.255.255"), "0.0.0.0", "255.255.255.255")
    for kind in (2, 5, 6):
        yield g.ip(17, g.udp(67, 68, g.dhcp(2, kind, reply), g.HOST2, "10.0.0.77"), g.HOST2, "10.0.0.77")
    relayed = bytearray(g.dhcp(1, 1, options))
    relayed[3] = 1
    relayed[24:28] = four("10.9.0.1")
    yield g.ip(17, g.udp(67, 67, bytes(relayed), g.HOST1, g.HOST2))
    flagged = bytearray(g.dhcp(1, 3))
    flagged[8:12] = b"\0\5\x80\0"
    yield g.ip(17, g.udp(68, 67, bytes(flagged)))
    yield g.ip(17, g.udp(68, 67, bytes([9, 1, 6, 0]) + bytes(240)))
    yield g.ip(17, g.udp(68, 67, b"\1\1\6\0short"))
    duid = tlv(TLV16, 1, b"\0\1\0\1\x12\x34\x56\x78" + g.A)
    ia = tlv(TLV16, 3, struct.pack("!III", 1, 100, 200) + tlv(TLV16, 5, four(g.SIX1) + struct.pack("!II", 300, 400)))
    for kind in (*range(1, 12), 14):
        yield g.ip6(17, g.udp(546, 547, bytes([kind, 0xab, 0xcd, 0xef]) + duid + tlv(TLV16, 8, b"\0\0") + ia, g.SIX2, "ff02::1:2"), g.SIX2, "ff02::1:2")
    yield g.ip6(17, g.udp(547, 547, b"\x0c\0" + four(g.SIX1) + four(g.SIX2) + tlv(TLV16, 9, b"\1\xab\xcd\xef" + duid), g.SIX2, g.SIX1), g.SIX2, g.SIX1)
    yield g.ip6(17, g.udp(547, 546, b"\7\0", g.SIX2, g.SIX1), g.SIX2, g.SIX1)
    for first in (0x1b, 0xe3, 0x24, 0x25, 0x1a, 0x26):
        yield g.ip(17, g.udp(123, 123, bytes([first, 2, 6, 0xec]) + bytes(4) + bytes(4) + four("192.0.2.1") + struct.pack("!QQQQ", 0xe8fe8f0000000000, 0xe8fe8f0080000000, 0xe8fe8f0100000000, 0xe8fe8f0180000000)))
    yield g.ip(17, g.udp(123, 123, b"\x23\0"))
    then = 0xe8fe8f0000000000
    for head, delays, what, times, more in (
            (b"\x23\0\3\xfa", (0x12345, 0x8000), b"INIT", (0, 0, 0, then + 123456789), b""), (b"\x24\1\x0a\xe9", (0xffff8000, 0x10000), b"GPS\0", (then, then + (7 << 30), then + (3 << 32), then + (5 << 32)), b""),
            (b"\x64\3\xff\5", (1, 2), b"\x0a\0\0\1", (then, then, then - (1 << 31), then - (3 << 33)), b""), (b"\xa5\x10\x11\xee", (0, 0), bytes(4), (then, 0, 0, then), b""),
            (b"\xe1\xc8\6\0", (0, 0), b"abcd", (1 << 63, then, 1 << 32, (1 << 64) - 1), b"\0\0\0\1" + bytes(16)), (b"\x24\2\6\0", (0, 0), bytes(4), (then, then, then, then), b"\0\0\0\1" + bytes(3))):
        yield g.ip(17, g.udp(123, 123, head + struct.pack("!II", *delays) + what + struct.pack("!QQQQ", *times) + more))
    yield g.ip(17, g.udp(123, 123, b"\x17" + bytes(47)))
    yield g.ip(17, g.udp(123, 123, b"\x16\x82\0\7\6\x15\0\1\0\2\0\0"))


def link_packets():
    stations = bytes.fromhex("0180c2000000")
    pvst = bytes.fromhex("000002027c80010000000000010000000080010000000000018001010014000200 0f000000000000020001".replace(" ", ""))
    yield g.llc(bytes.fromhex("aaaa0300000c010b") + pvst, bytes.fromhex("01000ccccccd"))
    yield g.llc(bytes.fromhex("424203000003027c") + bytes(100), stations)
    yield g.llc(bytes.fromhex("424203000002027c80010000000000010000000080010000000000018001010014000200 0f0000000000".replace(" ", "")), stations)
    lldp = tlv_lldp(1, b"\4" + g.A) + tlv_lldp(2, b"\5eth0") + tlv_lldp(3, b"\0\x78") + tlv_lldp(4, b"uplink") + tlv_lldp(5, b"switch") + tlv_lldp(6, b"a switch") + tlv_lldp(7, b"\0\x14\0\4") + \
        tlv_lldp(8, b"\5\1\x0a\0\0\1\2\0\0\0\1\0") + tlv_lldp(127, b"\0\x80\xc2\1\0\7") + tlv_lldp(0, b"")
    yield g.eth(0x88cc, lldp, dst=bytes.fromhex("0180c200000e"))
    yield g.eth(0x88cc, tlv_lldp(1, b"\4" + g.A) + tlv_lldp(2, b"\3" + g.A) + tlv_lldp(3, b"\0\x78") + tlv_lldp(0, b""), dst=bytes.fromhex("0180c200000e"))
    tags = tlv(TLV16, 0x0101, b"") + tlv(TLV16, 0x0103, b"\1\2\3\4")
    for code, session, body in ((0x09, 0, tags), (0x07, 0, tags + tlv(TLV16, 0x0102, b"bras") + tlv(TLV16, 0x0104, b"cookie12")), (0x19, 0, tags), (0x65, 7, tags), (0xa7, 7, tlv(TLV16, 0x0203, b"gone")), (0x42, 0, b"")):
        yield g.eth(0x8863, struct.pack("!BBHH", 0x11, code, session, len(body)) + body)
    ip4 = g.ip(17, g.udp(7, 8, b"in ppp"))[14:48]
    ip6 = g.ip6(58, g.icmp6(128, 0, struct.pack("!HH", 9, 3) + bytes(8)))[14:]
    lcp = tlv(TLV8, 1, b"\5\xd4", 1) + tlv(TLV8, 3, b"\xc0\x23", 1) + tlv(TLV8, 5, b"\1\2\3\4", 1)
    for proto, body in ((0x0021, ip4), (0x0057, ip6), (0xc021, ctrl(1, 1, lcp)), (0xc021, ctrl(2, 1, lcp)), (0xc021, ctrl(9, 3, b"\1\2\3\4")), (0xc021, ctrl(10, 3, b"\1\2\3\4")), (0xc021, ctrl(5, 4, b"")),
                        (0x8021, ctrl(1, 1, tlv(TLV8, 3, four("10.0.0.7"), 1))), (0x8021, ctrl(3, 1, tlv(TLV8, 3, four("10.0.0.7"), 1))), (0x8057, ctrl(1, 1, tlv(TLV8, 1, b"\1\2\3\4\5\6\7\x08", 1))),
                        (0xc023, ctrl(1, 1, b"\4user\4pass")), (0xc023, ctrl(2, 1, b"\2ok")), (0xc223, ctrl(1, 2, b"\4abcdname")), (0xc223, ctrl(3, 2, b"welcome")), (0x9999, b"what")):
        yield g.eth(0x8864, struct.pack("!BBHHH", 0x11, 0, 1, 2 + len(body), proto) + body)
    yield from (g.eth(0x8864, struct.pack("!BBHHH", 0x11, 0, 1, 2 + len(body), proto) + body) for proto, body in negotiations())
    yield g.eth(0x8864, b"\x11\0\0\1\0\2", pad=False)
    yield g.eth(0x8863, b"\x11\x09\0\0", pad=False)
    lacp = b"\1\1\1\x14\x80\0" + g.A + b"\0\1\x80\0\0\1\x3d\0\0\0" + b"\2\x14\x80\0" + g.B + b"\0\1\x80\0\0\2\x3d\0\0\0" + b"\3\x10\0\0" + bytes(12) + bytes(52)
    yield g.eth(0x8809, lacp, dst=bytes.fromhex("0180c2000002"))
    yield g.eth(0x8809, lacp[:60], dst=bytes.fromhex("0180c2000002"))[:60]


def negotiations():
    def option(kind, value):
        return tlv(TLV8, kind, value, 1)
    lcp, ip4, ip6 = 0xc021, 0x8021, 0x8057
    many = ((1, b"\5\xd4"), (2, bytes(4)), (3, b"\xc2\x23\5"), (5, b"\1\2\3\4"), (7, b""), (8, b""), (99, b"ab"))
    return ((lcp, ctrl(1, 1, b"".join(option(*o) for o in many))), (lcp, ctrl(4, 1, option(3, b"\xc0\x23") + option(17, b"\5\xd4"))), (lcp, ctrl(1, 2, b"\1\1")),
            (lcp, ctrl(1, 2, b"\1\x40\1")), (lcp, ctrl(7, 2, b"\1\1\0\4")), (lcp, ctrl(5, 2, b"bye")), (lcp, ctrl(11, 2, b"\1\2\3\4")), (lcp, b"\1\1\0\xff\1\4\5\xd4"),
            (ip4, ctrl(1, 1, option(3, four("10.0.0.7")) + option(0x81, four("10.0.0.8")) + option(0x83, four("10.0.0.9")) + option(0x77, b"xx"))), (ip4, ctrl(5, 1, b"")),
            (ip4, ctrl(1, 1, option(3, b"\1\2"))), (ip6, ctrl(1, 1, option(1, b"\1\2\3\4\5\6\7\x08") + option(9, b"zz"))))


def ctrl(code, ident, body):
    return struct.pack("!BBH", code, ident, 4 + len(body)) + body


def tlv_lldp(kind, value):
    return struct.pack("!H", kind << 9 | len(value)) + value


def cooked(frame, way, ifindex=7777, hardware=1):
    """As tcpdump -i any has it; nobody's interface has that number."""
    kind = struct.unpack("!H", frame[12:14])[0]
    head = struct.pack("!HHIHBB", kind if kind >= 0x600 else 4, 0, ifindex, hardware, way, 6)
    return head + frame[6:12] + bytes(2) + frame[14:]


def cooked_packets():
    tcp = g.ip(6, g.tcp(1, 2, 2))
    frames = [g.ip(17, g.udp(1, 2, b"abc")), g.ip(1, g.icmp(8, 0, struct.pack("!HH", 7, 1), bytes(56))), g.arp(1, g.A, g.HOST1, bytes(6), g.HOST2),
              g.ip6(58, g.icmp6(128, 0, struct.pack("!HH", 9, 3))), g.tag(tcp, (0x8100, 5)),
              next(f for f in g.other_packets() if f[12:16] == b"\0\x26BB"), g.eth(0x88b5, b"an experiment"), g.eth(0x8863, struct.pack("!BBHH", 0x11, 9, 0, 0)), tcp[:40]]
    return [*(cooked(f, i % 6) for i, f in enumerate(frames)), cooked(tcp, 0, hardware=772), cooked(tcp, 4)[:19], cooked(g.tag(tcp, (0x8100, 5)), 1)[:22]]


def packets():
    return [*gre_packets(), *tunnel_packets(), *sctp_packets(), *ospf_packets(), *vrrp_packets(), *group_packets(), *pim_packets(), *config_packets(), *link_packets()]
