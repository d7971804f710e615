#!/usr/bin/env python3
"""What tests of filters and of tcpdump's lines compare with:  generate.py [FOLDER]

    packets.pcap     frames of every kind that Weir's tcpdump tells apart, whole, short and wrong
    filters.txt      each expression, whether each packet matches (a hexadecimal digit for four, the first packet in
                     the highest bit), and the program that Debian's tcpdump makes of it (-ddd, in one line)
    lines-*.txt      what Debian's tcpdump prints of the packets with those options
    cooked.pcap      packets as -i any has them, and cooked-*.txt what is printed of these

The packets are made from nothing but this file; the rest wants Debian's tcpdump. What was made is committed, so that
the tests need neither."""
import ipaddress
import struct
import subprocess
import sys
from pathlib import Path

import router

A, B, ALL = bytes.fromhex("020000000001"), bytes.fromhex("020000000002"), b"\xff" * 6
HOST1, HOST2, FAR = "10.0.0.1", "10.0.0.2", "192.168.5.9"
SIX1, SIX2 = "2001:db8::1", "fe80::2"
FORMS = {"plain": ["-nn"], "link": ["-nn", "-e"], "v": ["-nn", "-v"], "quiet": ["-nn", "-q"]}


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def eth(kind, payload, src=A, dst=B, pad=True):
    frame = dst + src + struct.pack("!H", kind) + payload
    return frame.ljust(60, b"\0") if pad else frame


def ip(proto, payload, src=HOST1, dst=HOST2, ttl=64, tos=0, ident=1, frag=0x4000, options=b"", **more):
    length = 20 + len(options)
    s, d = ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed
    head = struct.pack("!BBHHHBBH", 0x40 | length // 4, tos, length + len(payload), ident, frag, ttl, proto, 0) + s + d + options
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return eth(0x0800, head + payload, **more)


def pseudo(src, dst, proto, payload):
    s, d = ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed
    return s + d + (struct.pack("!BBH", 0, proto, len(payload)) if len(s) == 4 else struct.pack("!IHBB", len(payload), 0, 0, proto))


def ip6(proto, payload, src=SIX1, dst=SIX2, hops=64, flow=0, cls=0, **more):
    head = struct.pack("!IHBB", 6 << 28 | cls << 20 | flow, len(payload), proto, hops)
    return eth(0x86dd, head + ipaddress.ip_address(src).packed + ipaddress.ip_address(dst).packed + payload, **more)


def tcp(sport, dport, flags, seq=1000, ack=0, win=512, options=b"", data=b"", src=HOST1, dst=HOST2, urg=0):
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, (20 + len(options)) // 4 << 4, flags, win, 0, urg) + options
    body = head + data
    return body[:16] + struct.pack("!H", checksum(pseudo(src, dst, 6, body) + body)) + body[18:]


def udp(sport, dport, data=b"", src=HOST1, dst=HOST2):
    body = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    return body[:6] + struct.pack("!H", checksum(pseudo(src, dst, 17, body) + body)) + body[8:]


def icmp(kind, code, rest, data=b""):
    body = struct.pack("!BBH", kind, code, 0) + rest + data
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def icmp6(kind, code, rest, src=SIX1, dst=SIX2):
    body = struct.pack("!BBH", kind, code, 0) + rest
    return body[:2] + struct.pack("!H", checksum(pseudo(src, dst, 58, body) + body)) + body[4:]


def arp(op, sha, spa, tha, tpa, **more):
    return eth(more.pop("kind", 0x0806), struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + sha + ipaddress.ip_address(spa).packed + tha +
               ipaddress.ip_address(tpa).packed, **more)


def tag(frame, *tags):
    for tpid, tci in reversed(tags):
        frame = frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


def dns(ident, flags, name, qtype=1, answers=(), counts=None):
    q = b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0" + struct.pack("!HH", qtype, 1)
    n = counts or (1, len(answers), 0, 0)
    a = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", t, 1, 300, len(d)) + d for t, d in answers)
    return struct.pack("!HHHHHH", ident, flags, *n) + q + a


def dhcp(op, kind, options=b""):
    return (struct.pack("!BBBBIHH", op, 1, 6, 0, 0x12345678, 0, 0) + bytes(4) +
            (ipaddress.ip_address("10.0.0.77").packed if op == 2 else bytes(4)) + bytes(8) + A + bytes(10) + bytes(192) +
            b"\x63\x82\x53\x63\x35\x01" + bytes([kind]) + options + b"\xff")


def llc(payload, dst):
    return dst + A + struct.pack("!H", len(payload)) + payload.ljust(46, b"\0")


def tcp_packets():
    mss = bytes.fromhex("020405b4")
    syn = bytes.fromhex("020405b40402080a000003e800000000") + bytes.fromhex("01030307")
    stamp = bytes.fromhex("0101080a000003e9000007d0")
    yield ip(6, tcp(40000, 80, 0x02, 1000, options=syn, win=64240))
    yield ip(6, tcp(80, 40000, 0x12, 5000, 1001, options=syn, win=65160, src=HOST2, dst=HOST1), HOST2, HOST1)
    yield ip(6, tcp(40000, 80, 0x10, 1001, 5001, options=stamp))
    yield ip(6, tcp(40000, 80, 0x18, 1001, 5001, options=stamp, data=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
    yield ip(6, tcp(80, 40000, 0x10, 5001, 1028, src=HOST2, dst=HOST1), HOST2, HOST1)
    yield ip(6, tcp(80, 40000, 0x18, 5001, 1028, data=bytes(range(256)), src=HOST2, dst=HOST1), HOST2, HOST1)
    yield ip(6, tcp(40000, 80, 0x11, 1028, 5257))
    yield ip(6, tcp(40000, 80, 0x04, 1029, 0, win=0))
    yield ip(6, tcp(40001, 443, 0xc2, 77, options=mss))
    yield ip(6, tcp(40001, 443, 0x14, 78, 0))
    yield ip(6, tcp(22, 50000, 0x38, 1, 1, data=b"x", urg=1))
    yield ip(6, tcp(50001, 22, 0, 1, 1))
    yield ip(6, tcp(50001, 22, 0xff, 0xfffffff0, 9, data=b"abcdef" * 5))
    sack = bytes.fromhex("0101050a0000100000001400")
    yield ip(6, tcp(443, 40001, 0x10, 78, 4096, options=sack, src=FAR, dst=HOST1), FAR, HOST1)
    yield ip(6, tcp(1, 2, 0x10, 5, 6, options=bytes.fromhex("fe04abcd"), src=HOST1, dst=HOST2))
    yield ip(6, tcp(1, 2, 0x10, 5, 6, options=bytes.fromhex("03000000")))
    yield ip(6, tcp(1, 2, 0x10, 5, 6, options=bytes.fromhex("0220aaaa")))
    yield ip(6, tcp(1, 2, 0x02, 5, 6, options=bytes.fromhex("22020000")))
    yield ip(6, tcp(179, 30000, 0x18, 5, 6, data=b"\xff" * 16 + b"\0\x13\x04"))
    yield ip(6, tcp(40000, 8080, 0x18, 1, 1, data=b"plain text here, and\x01more"))
    bad = bytearray(ip(6, tcp(40000, 8080, 0x18, 1, 1, data=b"sum")))
    bad[50] ^= 0xff
    yield bytes(bad)
    yield ip6(6, tcp(40000, 80, 0x02, 9, src=SIX1, dst=SIX2, options=mss))
    yield ip6(6, tcp(80, 40000, 0x12, 99, 10, src=SIX2, dst=SIX1, options=mss), SIX2, SIX1)
    yield ip6(6, tcp(40000, 80, 0x18, 10, 100, src=SIX1, dst=SIX2, data=b"six"))
    yield ip(6, struct.pack("!HHIIBBHHH", 7, 8, 1, 2, 0x30, 2, 3, 4, 5))  # a header length that cannot be


def udp_packets():
    yield ip(17, udp(53000, 53, dns(0x1234, 0x0100, "example.com")))
    yield ip(17, udp(53, 53000, dns(0x1234, 0x8180, "example.com", answers=[(1, bytes([93, 184, 216, 34]))]), HOST2, HOST1), HOST2, HOST1)
    yield ip(17, udp(53000, 53, dns(7, 0x0100, "www.example.org", 28)))
    yield ip(17, udp(53, 53000, dns(7, 0x8183, "nowhere.example.org", 28), HOST2, HOST1), HOST2, HOST1)
    yield ip(17, udp(53, 53000, dns(8, 0x8580, "a.b", 1, [(1, b"\1\2\3\4"), (1, b"\1\2\3\5")]), HOST2, HOST1), HOST2, HOST1)
    yield ip(17, udp(53, 53000, dns(9, 0x8180, "m.b", 15, [(15, b"\0\x0a\xc0\x0c")]), HOST2, HOST1), HOST2, HOST1)
    yield ip(17, udp(53, 53000, dns(9, 0x8180, "m.b", 5, [(5, b"\xc0\x0c")]), HOST2, HOST1), HOST2, HOST1)
    yield ip(17, udp(53, 53000, dns(9, 0x8180, "m.b", 28, [(28, ipaddress.ip_address(SIX1).packed)]), HOST2, HOST1), HOST2, HOST1)
    yield eth(0x0800, ip(17, udp(68, 67, dhcp(1, 1), "0.0.0.0", "255.255.255.255"), "0.0.0.0", "255.255.255.255")[14:], dst=ALL)
    yield ip(17, udp(67, 68, dhcp(2, 2), HOST2, "10.0.0.77"), HOST2, "10.0.0.77")
    yield ip(17, udp(1000, 2000, b"hello, world"))
    yield ip(17, udp(1000, 2000))
    yield ip(17, udp(123, 123, bytes([0x23]) + bytes(47)), HOST1, FAR)
    yield ip(17, udp(5000, 5001, bytes(1400)))
    yield ip(17, udp(1, 65535, b"x" * 3), "172.16.0.1", "172.16.255.254", ttl=1, tos=0xb8)
    yield ip6(17, udp(1000, 2000, b"six", SIX1, SIX2))
    yield ip6(17, udp(53000, 53, dns(1, 0x0100, "six.example"), SIX1, SIX2))
    yield ip6(17, udp(546, 547, b"\1\0\0\1", SIX2, "ff02::1:2"), SIX2, "ff02::1:2")
    yield ip(17, struct.pack("!HHHH", 9, 10, 3, 0))  # a length that cannot be
    yield ip(17, struct.pack("!HHHH", 9, 10, 100, 0) + b"abc")
    yield ip(17, struct.pack("!HHHH", 9, 10, 11, 0) + b"abc")
    wrong = bytearray(ip(17, udp(9, 10, b"abcd")))
    wrong[40] ^= 1
    yield bytes(wrong)


def icmp_packets():
    inner = ip(17, udp(33000, 33434, b"probe"))[14:14 + 33]
    yield ip(1, icmp(8, 0, struct.pack("!HH", 7, 1), bytes(56)))
    yield ip(1, icmp(0, 0, struct.pack("!HH", 7, 1), bytes(56)), HOST2, HOST1)
    for code in (0, 1, 2, 3, 4, 13, 9):
        yield ip(1, icmp(3, code, struct.pack("!HH", 0, 1400), inner), FAR, HOST1)
    yield ip(1, icmp(11, 0, bytes(4), inner), FAR, HOST1)
    yield ip(1, icmp(11, 1, bytes(4), inner), FAR, HOST1)
    yield ip(1, icmp(5, 1, ipaddress.ip_address("10.0.0.254").packed, inner), HOST2, HOST1)
    yield ip(1, icmp(12, 0, bytes(4), inner), HOST2, HOST1)
    yield ip(1, icmp(13, 0, struct.pack("!HH", 1, 2), bytes(12)))
    yield ip(1, icmp(17, 0, struct.pack("!HH", 1, 2), bytes(4)))
    yield ip(1, icmp(99, 3, bytes(4)))
    yield ip(1, icmp(3, 3, bytes(4), ip(6, tcp(4, 5, 2))[14:42]), FAR, HOST1)
    yield ip6(58, icmp6(128, 0, struct.pack("!HH", 9, 3) + bytes(8)))
    yield ip6(58, icmp6(129, 0, struct.pack("!HH", 9, 3) + bytes(8), SIX2, SIX1), SIX2, SIX1)
    target = ipaddress.ip_address(SIX2).packed
    yield ip6(58, icmp6(135, 0, bytes(4) + target + b"\1\1" + A, SIX1, "ff02::1:ff00:2"), SIX1, "ff02::1:ff00:2", hops=255)
    yield ip6(58, icmp6(136, 0, b"\x60\0\0\0" + target + b"\2\1" + B, SIX2, SIX1), SIX2, SIX1, hops=255)
    yield ip6(58, icmp6(133, 0, bytes(4) + b"\1\1" + A, SIX2, "ff02::2"), SIX2, "ff02::2", hops=255)
    prefix = b"\3\4\x40\xc0" + struct.pack("!III", 86400, 14400, 0) + ipaddress.ip_address("2001:db8:1::").packed
    yield ip6(58, icmp6(134, 0, struct.pack("!BBHII", 64, 0x80, 1800, 0, 0) + b"\1\1" + A + b"\5\1\0\0\0\0\5\xdc" + prefix, SIX2, "ff02::1"),
              SIX2, "ff02::1", hops=255)
    quoted = struct.pack("!IHBB", 6 << 28, 11, 17, 64) + ipaddress.ip_address(SIX1).packed + ipaddress.ip_address(SIX2).packed + udp(33000, 33434, b"abc", SIX1, SIX2)
    for code in (0, 1, 3, 4):
        yield ip6(58, icmp6(1, code, bytes(4) + quoted, SIX2, SIX1), SIX2, SIX1)
    yield ip6(58, icmp6(2, 0, struct.pack("!I", 1280) + quoted, SIX2, SIX1), SIX2, SIX1)
    yield ip6(58, icmp6(3, 0, bytes(4) + quoted, SIX2, SIX1), SIX2, SIX1)
    yield ip6(58, icmp6(137, 0, bytes(4) + target + target, SIX2, SIX1), SIX2, SIX1)
    yield ip6(0, b"\x3a\0\5\2\0\0\1\0" + icmp6(131, 0, bytes(4) + ipaddress.ip_address("ff02::fb").packed, SIX2, "ff02::fb"), SIX2, "ff02::fb", hops=1)
    yield ip6(0, b"\x3a\0\5\2\0\0\1\0" + icmp6(143, 0, b"\0\0\0\1" + b"\4\0\0\0" + ipaddress.ip_address("ff02::fb").packed, SIX2, "ff02::16"), SIX2, "ff02::16", hops=1)
    yield ip6(58, icmp6(200, 1, bytes(4)))


def other_packets():
    yield arp(1, A, HOST1, bytes(6), HOST2, dst=ALL)
    yield arp(2, B, HOST2, A, HOST1, src=B, dst=A)
    yield arp(1, A, HOST1, bytes(6), HOST1, dst=ALL)
    yield arp(1, A, "0.0.0.0", bytes(6), HOST1, dst=ALL)
    yield arp(3, A, "0.0.0.0", A, "0.0.0.0", dst=ALL, kind=0x8035)
    yield arp(2, A, FAR, B, FAR)
    yield arp(9, A, FAR, B, FAR)
    yield tag(ip(6, tcp(40000, 80, 2)), (0x8100, 5))
    yield tag(ip(17, udp(1, 2, b"v")), (0x8100, 0xa006))
    yield tag(ip(17, udp(1, 2, b"q")), (0x88a8, 100), (0x8100, 5))
    yield tag(arp(1, A, HOST1, bytes(6), HOST2, dst=ALL), (0x8100, 0x1fff))
    yield tag(ip6(58, icmp6(128, 0, struct.pack("!HH", 9, 3))), (0x9100, 7))
    yield tag(ip(1, icmp(8, 0, struct.pack("!HH", 7, 1), bytes(8))), (0x8100, 0), (0x8100, 9), (0x8100, 4095))
    yield ip(17, udp(1000, 2000, bytes(100))[:64], frag=0x2000, ident=77)
    yield ip(17, bytes(44), frag=0x0008, ident=77)
    yield ip(6, b"\0\x50\x9c\x40" + bytes(40), frag=0x2010, ident=78)
    yield ip6(44, b"\x11\0\0\1\0\0\0\x07" + udp(1000, 2000, b"frag", SIX1, SIX2))
    yield ip6(44, b"\x06\0\0\x21\0\0\0\x07" + bytes(32))
    yield ip6(60, b"\x06\0\1\4\0\0\0\0" + tcp(5, 6, 2, src=SIX1, dst=SIX2))
    yield ip6(59, b"")
    yield ip6(99, b"unknown!")
    yield ip(2, bytes.fromhex("1600fa01efffffff"), HOST1, "239.255.255.255", ttl=1, options=b"\x94\4\0\0")
    yield ip(47, bytes.fromhex("00000800") + ip(17, udp(7, 8, b"in gre"))[14:42])
    yield ip(50, struct.pack("!II", 0x1234, 9) + bytes(16))
    yield ip(51, struct.pack("!BBHII", 6, 4, 0, 0x55, 1) + bytes(12) + tcp(1, 2, 2))
    yield ip(4, ip(1, icmp(8, 0, struct.pack("!HH", 1, 2)))[14:42])
    yield ip(41, ip6(17, udp(3, 4, b"6in4", SIX1, SIX2))[14:66])
    yield ip(132, struct.pack("!HHII", 5000, 6000, 1, 0) + bytes(20))
    yield ip(89, bytes(24), HOST1, "224.0.0.5", ttl=1)
    yield ip(103, b"\x20\0\0\0", HOST1, "224.0.0.13", ttl=1)
    yield ip(112, bytes.fromhex("2101640100010000") + bytes([10, 0, 0, 254]) + bytes(8), HOST1, "224.0.0.18", ttl=255)
    yield ip(253, b"experiment")
    yield ip(17, udp(1, 2, b"opts"), options=b"\x07\x07\x04" + bytes(4) + b"\0")
    yield ip(1, icmp(8, 0, struct.pack("!HH", 1, 2)), "127.0.0.1", "127.0.0.1", frag=0)
    yield eth(0x0800, ip(17, udp(1, 2, b"to all"), HOST1, "255.255.255.255")[14:], dst=ALL)
    yield eth(0x0800, ip(17, udp(5353, 5353, b"\0" * 12), HOST1, "224.0.0.251")[14:], dst=bytes.fromhex("01005e0000fb"))
    yield llc(bytes.fromhex("424203000000000080000200000000010000000080000200000000018001000014000200 0f00".replace(" ", "")), bytes.fromhex("0180c2000000"))
    yield llc(bytes.fromhex("42420300000202 3e8000020000000001000000008000020000000001800100001400020 00f000000".replace(" ", "")), bytes.fromhex("0180c2000000"))
    yield llc(bytes.fromhex("42420300000080"), bytes.fromhex("0180c2000000"))
    yield llc(bytes.fromhex("aaaa0300000c2000") + bytes(20), bytes.fromhex("01000ccccccc"))
    yield llc(b"\xfe\xfe\x03\x83" + bytes(20), bytes.fromhex("09002b000005"))
    yield llc(b"\xf0\xf0\x03" + bytes(20), B)
    yield llc(b"\xe0\xe0\x03" + b"\xff\xff" + bytes(28), ALL)
    yield eth(0x88cc, bytes.fromhex("0207040200000000010403056574683006020078000a05") + b"weir" + b"\0\0", dst=bytes.fromhex("0180c200000e"))
    yield eth(0x88b5, b"\1\2\3\4 an experiment")
    yield eth(0x8863, bytes.fromhex("1109000000040101 0000".replace(" ", "")), dst=ALL)
    yield eth(0x8864, bytes.fromhex("110000010016c021") + bytes(20))
    yield eth(0x8847, bytes.fromhex("00010140") + ip(17, udp(1, 2))[14:42])
    yield eth(0x8808, b"\0\1\0\xff", dst=bytes.fromhex("0180c2000001"))
    yield eth(0x9000, bytes(20))
    # what is short, or says of itself what it is not
    for whole in (ip(6, tcp(40000, 80, 2)), ip6(6, tcp(1, 2, 2, src=SIX1, dst=SIX2)), arp(1, A, HOST1, bytes(6), HOST2), ip(1, icmp(8, 0, bytes(4))),
                  ip(17, udp(5, 6, b"abc")), ip6(58, icmp6(135, 0, bytes(4) + target_of()))):
        for length in (14, 20, 33, 36, 46, 57):
            yield whole[:length]
    yield eth(0x0800, b"\x55" + bytes(40))
    yield eth(0x0800, b"\x43" + bytes(40))
    yield eth(0x86dd, b"\x40" + bytes(50))
    yield eth(0x0800, b"\x45\0\xff\xff" + ip(17, udp(1, 2, b"abc"))[18:])
    yield eth(0x0800, b"\x45\0\0\x10" + ip(17, udp(1, 2, b"abc"))[18:])


def target_of():
    return ipaddress.ip_address(SIX2).packed


def packets():
    return [*tcp_packets(), *udp_packets(), *icmp_packets(), *other_packets(), *router.packets()]


def pcap(frames, snaplen=262144, link=1):
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snaplen, link)
    for i, f in enumerate(frames):
        kept = f[:200] if i % 7 == 3 else f
        out += struct.pack("<IIII", 1700000000 + i // 10, i * 12345 % 1000000, len(kept), len(f)) + kept
    return out


EXPRESSIONS = """
ip
ip6
arp
rarp
tcp
udp
icmp
icmp6
igmp
sctp
pim
vrrp
igrp
ah
esp
stp
iso
netbeui
decnet
not ip
not arp and not ip6
! ip
!(arp or ip6)
ip and not tcp
tcp or udp
tcp || udp && port 53
tcp && port 80 || udp
host 10.0.0.1
src host 10.0.0.1
dst host 10.0.0.1
src or dst host 10.0.0.1
src and dst host 127.0.0.1
host 10.0.0.1 and host 10.0.0.2
host 10.0.0.1 or 192.168.5.9
host (10.0.0.254 or 192.168.5.9)
not host 10.0.0.1 and not 10.0.0.2
src 10.0.0.1
dst 10.0.0.2 and port 80
ip host 10.0.0.2
arp host 10.0.0.2
arp src 192.168.5.9
rarp host 10.0.0.1
ip src 192.168.5.9
host 10.0
host not 10.0.0.1
net 10.0.0.0/8
net 10
net 10.0
net 192.168
net 172.16.0.0/12
src net 10.0.0.0/24
dst net 192.168.5.0/24
net 10.0.0.0 mask 255.255.255.0
net 0.0.0.0/0
not net 10.0.0.0/8
net 224.0.0.0/4
ip net 10.0.0.0/30
arp net 192.168.0.0/16
host 2001:db8::1
src host fe80::2
dst host ff02::1
ip6 host 2001:db8::1
net 2001:db8::/32
net fe80::/10
ip6 net ff00::/8
src net 2001:db8::/32 and dst net fe80::/64
not host 2001:db8::1
port 80
tcp port 80
udp port 53
sctp port 5000
src port 80
dst port 443
tcp src port 80
tcp dst port 80 or 443
udp dst port 53
port 80 or 443
port 80 or port 443
port (80 or 443 or 22)
not port 80
not port 80 and not port 53 and not arp
port http
port domain
port ssh or https
tcp port domain
udp port domain
port ntp
port bootps or bootpc
src and dst port 5353
src or dst port 53
portrange 1-1024
tcp portrange 20-100
udp portrange 1000-2000
dst portrange 440-450
portrange 5000-5000
portrange http-https
portrange 100-50
src portrange 40000-50000
proto 17
ip proto 17
ip6 proto 58
ip proto \\tcp
ip proto \\udp
ip6 proto \\tcp
proto 47
ip proto 4
ip proto 89
ether proto 0x0806
ether proto \\arp
ether proto \\ip
ether proto \\ip6
ether proto 0x88cc
ether proto 0x42
ether host 02:00:00:00:00:01
ether src 02:00:00:00:00:02
ether dst ff:ff:ff:ff:ff:ff
ether src or dst 02:00:00:00:00:02
ether src and dst 02:00:00:00:00:02
not ether host 02:00:00:00:00:02
ether broadcast
ether multicast
broadcast
multicast
ip multicast
ip6 multicast
not broadcast and not multicast
vlan
vlan 5
vlan 100
vlan and tcp
vlan 5 and tcp port 80
vlan 100 and vlan 5
vlan and vlan and vlan
vlan and not arp
vlan and arp
vlan 7 and ip6
tcp or vlan 5 and tcp
vlan and icmp[icmptype] = icmp-echo
(vlan and ip) or ip
not vlan
tcp[13] & 2 != 0
tcp[tcpflags] & tcp-syn != 0
tcp[tcpflags] & (tcp-syn|tcp-fin) != 0
tcp[tcpflags] == tcp-syn
tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)
tcp[tcpflags] & (tcp-rst|tcp-push) != 0 and port 80
tcp[13] = 18
tcp[0:2] = 80
tcp[4:4] > 4000
tcp[12] >> 4 > 5
tcp[2:2] & 1 = 0
tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420
udp[4:2] > 20
udp[8:2] = 0x1234
icmp[icmptype] == icmp-echo
icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply
icmp[0] = 3 and icmp[1] = 4
icmp[icmpcode] > 2
icmp6[icmp6type] == icmp6-neighborsolicit
icmp6[icmp6type] = icmp6-echo or icmp6[0] = 129
icmp6[0] > 130
ip[0] & 0xf != 5
ip[0] & 0xf > 5
ip[2:2] < 100
ip[2:2] > 576
ip[6:2] & 0x1fff = 0
ip[6:2] & 0x3fff != 0
ip[8] < 5
ip[9] = 17
ip[12:4] = 0x0a000001
ip[1] & 0xfc >> 2 = 46
(ip[1] & 0xfc) >> 2 = 46
ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0
(ip[2:2] - ((ip[0]&0xf)<<2)) > 8
ip[16] >= 224
ip[19] = 0xff
ip[0] = 0x45 and ip[20] = 8
ip[ip[9]] = 0
ip6[6] = 58
ip6[0] & 0xf0 = 0x60
ip6[40] = 128
ip6[4:2] > 30
arp[6:2] = 1
arp[7] = 2
ether[0] & 1 = 1
ether[0] & 1 == 0 and ip[16] >= 224
ether[12:2] = 0x88b5
ether[6:4] = 0x02000000
ether[len - 1] = 0
ether[20] * 2 > 10
ether[14] / 16 = 4
ether[15] % 3 = 1
ether[1] = -ether[5]
ether[0] ^ 2 = 0
ether[3] | ether[5] = 2
ether[5] + ether[11] = 3
ether[5] - ether[11] < 5
ether[5] << ether[5] = 8
ether[5] >> 1 = 1
ether[11] / ether[5] = 0
ether[100] = 0
not ether[100] = 0
ether[50:4] != 0
1 = 1
1 = 2 or arp
2 + 3 * 4 = 14
len > 100
len <= 60
len = 60
len < 60 or len > 1000
less 60
greater 100
greater 60 and less 80
len - 14 > 46
ip[2:2] + 14 = len
ip[2:2] + 14 != len and ip
tcp and (port 80 or port 443) and not src 10.0.0.2
(tcp port 80) or (udp port 53)
(host 10.0.0.1 and (port 80 or (port 53 and not tcp)))
not (tcp or udp or icmp or arp or ip6)
not not tcp
tcp and not (src port 80) and not (dst port 80)
host 10.0.0.1 and not (port 22 or 80 or 443) and (icmp or udp)
ip or ip6 and tcp
tcp and ip or udp and ip6
icmp or icmp6 or arp
""".strip().split("\n")


def run(*words):
    return subprocess.run(words, capture_output=True, encoding="latin-1", check=True,
                          env={"TZ": "UTC", "PATH": "/usr/bin:/usr/sbin:/bin"}).stdout


def program(path, expression):
    return " ".join(run("tcpdump", "-r", str(path), "-ddd", expression).split())


def verdicts(path, expression, count):
    """By the numbers that tcpdump gives to packets that match: it is asked for the time, which no two share."""
    told = run("tcpdump", "-tt", "-nn", "-q", "-r", str(path), expression)
    matched = {line.split()[0] for line in told.splitlines() if line[:1].isdigit()}
    bits = "".join(str(int(stamp(i) in matched)) for i in range(count))
    bits += "0" * (-count % 4)
    return "".join(f"{int(bits[i:i + 4], 2):x}" for i in range(0, len(bits), 4))


def stamp(i):
    return f"{1700000000 + i // 10}.{i * 12345 % 1000000:06d}"


def lines(path, words):
    return run("tcpdump", *words, "-r", str(path))


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    path = folder / "packets.pcap"
    frames = packets()
    path.write_bytes(pcap(frames))
    with open(folder / "filters.txt", "w", encoding="ascii") as f:
        for e in EXPRESSIONS:
            f.write(f"{e}\t{verdicts(path, e, len(frames))}\t{program(path, e)}\n")
    cooked = folder / "cooked.pcap"
    cooked.write_bytes(pcap(router.cooked_packets(), link=276))
    for name, words in FORMS.items():
        (folder / f"lines-{name}.txt").write_text(lines(path, words), encoding="latin-1")
        (folder / f"cooked-{name}.txt").write_text(lines(cooked, words), encoding="latin-1")


if __name__ == "__main__":
    main()
