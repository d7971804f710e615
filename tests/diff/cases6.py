"""IPv6 packets, as cases4.py has those of IPv4."""
import struct

from cases4 import pieces
from packets import addr, eth, ext, frag6, icmp6, ip6, tcp, udp

ME, HOST = "2001:db8:1::1", "2001:db8:1::2"
FAR, SMALL = "2001:db8:9::5", "2001:db8:8::5"
LINK = "fe80::ff:fe00:101"  # the router's on eth0
PLACES = {"on": FAR, "link": "2001:db8:2::2", "here": ME, "other": "2001:db8:2::1", "small": SMALL, "fe80": LINK}


def payload(kind, src, dst):
    return {"udp": (17, udp(src, dst)), "tcp": (6, tcp(src, dst)), "ping": (58, icmp6(src, dst, 128)), "gre": (47, b"\0" * 8)}[kind]


def frame(src, dst, proto, data, card="eth0", to=None, **f):
    return [(card, eth(card, ip6(src, dst, proto, data, **f), 0x86dd, to))]


def one(name, src, dst, kind, card="eth0", **fields):
    proto, data = payload(kind, src, dst)
    return name, frame(src, dst, fields.pop("proto", proto), data, card, **fields)


def fields(random):
    values = {"version": [0, 4, 5, 7, 15], "tc": [1, 2, 3, 0xb8, 0xff], "flow": [1, 0x12345, 0xfffff], "hops": [0, 1, 2, 3, 128, 255],
              "len": [0, 1, 8, 23, 25, 100, 1440, 65535], "proto": [0, 1, 2, 4, 41, 43, 44, 50, 51, 59, 60, 103, 132, 135, 136, 139, 140, 253, 255]}
    for place, dst in PLACES.items():
        for kind in ("udp", "tcp", "ping", "gre"):
            yield one(f"ip6/plain/{kind}/{place}", HOST, dst, kind)
            for field, several in values.items():
                for v in several:
                    yield one(f"ip6/{field}={v:#x}/{kind}/{place}", HOST, dst, kind, **{field: v})
    for n in range(60):
        yield one(f"ip6/any/{n}", HOST, random.choice(list(PLACES.values())), random.choice(("udp", "ping")), tc=random.randrange(256),
                  hops=random.choice((1, 2, 64)), flow=random.getrandbits(20))


STRANGE = ["::", "::1", "::2", "::ffff:10.9.0.5".replace("10.9.0.5", "a09:5"), "::a09:5", "64:ff9b::1", "100::1", "2001::1", "2001:db8:1::", "2001:db8:1::1", "2001:db8:1::2",
           "2001:db8:2::", "2001:db8:2::1", "2001:db8:20::1", "2001:db8:21::1", "2001:db8:22::1", "2001:db8:23::1", "2001:db8:24::1", "2001:db8:77::1", "2002:a00:1::1",
           "fc00::1", "fd00::1", "fe80::", "fe80::1", "fe80::2", LINK, "fe80::ff:fe00:102", "fec0::1", "ff00::1", "ff01::1", "ff02::1", "ff02::2", "ff02::1:ff00:1", "ff02::1:ff00:2",
           "ff02::5", "ff05::2", "ff08::1", "ff0e::1", "ff02::", "4000::1", "e000::1"]
MACS = {"one": None, "group": "333300000001", "all": "ffffffffffff", "other": "020000000999"}


def addresses(_random):
    for kind in ("udp", "ping", "tcp", "gre"):
        for strange in STRANGE:
            yield one(f"ip6/dst={strange}/{kind}", HOST, strange, kind)
            yield one(f"ip6/dst={strange}/hops=1/{kind}", HOST, strange, kind, hops=1)
            yield one(f"ip6/dst={strange}/from fe80/{kind}", "fe80::2", strange, kind)
            for place in ("on", "here", "small", "fe80"):
                yield one(f"ip6/src={strange}/{kind}/{place}", strange, PLACES[place], kind)
    for strange in STRANGE + [FAR]:
        for mac, to in MACS.items():
            for kind in ("udp", "ping"):
                yield one(f"ip6/mac={mac}/dst={strange}/{kind}", HOST, strange, kind, to=to)


def lengths(_random):
    for name, dst in (("on", FAR), ("here", ME)):
        p = ip6(HOST, dst, 58, icmp6(HOST, dst, 128))
        for n in range(0, len(p)):
            yield f"ip6/cut={n}/{name}", [("eth0", eth("eth0", p[:n], 0x86dd))]
        for n in (1, 2, 7, 100):
            yield f"ip6/padded={n}/{name}", [("eth0", eth("eth0", p + b"\xa5" * n, 0x86dd))]
    for n in (0, 1, 7, 8, 9, 100, 1451, 1452):
        yield f"ip6/udp of {n}", frame(HOST, FAR, 17, udp(HOST, FAR, data=b"x" * n))
        yield f"ip6/ping of {n}", frame(HOST, ME, 58, icmp6(HOST, ME, 128, data=b"y" * n))
    for name, (dst, mtu) in {"small": (SMALL, 1300), "route1400": ("2001:db8:11::5", 1400)}.items():
        for n in sorted({mtu - 1, mtu, mtu + 1, mtu + 8, 1500, 1279, 1280, 1281}):
            yield f"ip6/mtu/{name}/{n}", frame(HOST, dst, 17, udp(HOST, dst, data=b"m" * (n - 48)))
            yield f"ip6/mtu/{name}/{n}/ping", frame(HOST, dst, 58, icmp6(HOST, dst, 128, data=b"m" * (n - 48)))
            yield f"ip6/mtu/{name}/{n}/error", frame(HOST, dst, 58, icmp6(HOST, dst, 1, data=b"m" * (n - 48)))
            yield f"ip6/mtu/{name}/{n}/hops", frame(HOST, dst, 17, udp(HOST, dst, data=b"m" * (n - 48)), hops=1)
            yield f"ip6/mtu/{name}/{n}/frag", frame(HOST, dst, 44, frag6(17, 8, 1, 7) + b"m" * (n - 48))


OPTIONS = {
    "pad1": b"\0" * 6, "padn": b"\1\4\0\0\0\0", "padn 0": b"\1\0\1\2\0\0", "padn set": b"\1\4\1\2\3\4", "padn 8": b"\1\5" + b"\0" * 5 + b"\1\5" + b"\0" * 5, "padn 12": b"\1\x0c" + b"\0" * 12,
    "pad1 x8": b"\0" * 14, "ra": b"\5\2\0\0", "ra 1": b"\5\2\0\1", "ra 3": b"\5\3\0\0\0", "ra odd": b"\0\5\2\0\0", "jumbo": b"\xc2\4\0\1\0\0", "jumbo small": b"\xc2\4\0\0\0\x20",
    "jumbo 2": b"\xc2\2\0\0", "calipso": b"\7\x0a" + b"\0" * 10, "ioam": b"\x31\2\0\0", "home": b"\xc9\x10" + addr(HOST), "home short": b"\xc9\4" + b"\0" * 4,
    "tunnel limit": b"\4\1\4", "00": b"\x1e\2\0\0", "20": b"\x3e\2\0\0", "40": b"\x5e\2\0\0", "80": b"\x9e\2\0\0", "c0": b"\xde\2\0\0", "40 later": b"\x1e\1\0\x5e\1\0",
    "80 later": b"\1\0\x9e\2\0\0", "c0 later": b"\1\2\0\0\xde\0", "over": b"\x1e\x20\0\0", "padn over": b"\1\x20\0\0", "cut": b"\0\0\0\0\0\x1e", "cut padn": b"\0\0\0\0\0\1",
    "80 over": b"\x9e\x20\0\0", "two ra": b"\5\2\0\0\5\2\0\0",
}


def options(random):
    places = dict(PLACES, many="ff02::1", nogroup="ff02::5", noway="2001:db8:77::1", prohibit="2001:db8:21::1")
    for place, dst in places.items():
        for kind, number in (("hop", 0), ("dst", 60)):
            for name, o in OPTIONS.items():
                proto, data = payload("ping", HOST, dst)
                yield f"ip6/{kind}/{name}/{place}", frame(HOST, dst, number, ext(proto, o) + data)
                yield f"ip6/{kind}/{name}/hops=1/{place}", frame(HOST, dst, number, ext(proto, o) + data, hops=1)
    for n in range(200):
        o = bytes(random.choice((0, 1, 5, 2, 4, 0x1e, 0x5e, 0x9e, 0xde, 0xc2, random.randrange(256))) for _ in range(random.choice((6, 14))))
        dst = random.choice((FAR, ME))
        proto, data = payload("ping", HOST, dst)
        yield f"ip6/{'hop' if n % 2 else 'dst'}/any {o.hex()}/{n}", frame(HOST, dst, 0 if n % 2 else 60, ext(proto, o) + data)


def routing(kind, left, addresses=(), length=None):
    body = struct.pack(">BB", kind, left) + b"\0" * 4 + b"".join(addr(a) for a in addresses)
    return lambda following: bytes((following, len(body) // 8 if length is None else length)) + body


def chains(_random):
    hop, dst, pad = (lambda f: ext(f, b"\1\4\0\0\0\0")), (lambda f: ext(f, b"\1\4\0\0\0\0")), (lambda f: ext(f, b"\x1e\2\0\0"))
    ah = lambda f: bytes((f, 4)) + b"\0" * 22  # noqa: E731
    one_frag, first_frag, later_frag = (lambda f: frag6(f, 0, 0, 9)), (lambda f: frag6(f, 0, 1, 9)), (lambda f: frag6(f, 8, 0, 9))
    several = {
        "hop": [(0, hop)], "hop hop": [(0, hop), (0, hop)], "dst hop": [(60, dst), (0, hop)], "hop dst": [(0, hop), (60, dst)], "dst": [(60, dst)], "dst dst": [(60, dst), (60, pad)],
        "dst x8": [(60, dst)] * 8, "dst x9": [(60, dst)] * 9, "dst x12": [(60, dst)] * 12, "frag": [(44, one_frag)], "hop frag": [(0, hop), (44, one_frag)], "dst frag": [(60, dst), (44, one_frag)],
        "frag dst": [(44, one_frag), (60, dst)], "frag hop": [(44, one_frag), (0, hop)], "frag frag": [(44, one_frag), (44, one_frag)], "first": [(44, first_frag)], "later": [(44, later_frag)],
        "ah": [(51, ah)], "ah dst": [(51, ah), (60, dst)], "hop rt0": [(0, hop), (43, routing(0, 0))], "dst rt0": [(60, dst), (43, routing(0, 0))], "rt0 dst": [(43, routing(0, 0)), (60, dst)],
    }
    for kind in (0, 1, 2, 3, 4, 5, 253, 255):
        for left in (0, 1, 2, 255):
            for n in (0, 1, 2):
                several[f"rt{kind} left={left} n={n}"] = [(43, routing(kind, left, [FAR, ME][:n]))]
    several["rt0 odd"], several["rt2 odd"], several["rt4 odd"] = [(43, routing(0, 1, [FAR], 1))], [(43, routing(2, 1, [FAR], 1))], [(43, routing(4, 1, [FAR], 1))]
    several["rt0 over"], several["hop over"], several["dst over"] = [(43, routing(0, 0, [], 200))], [(0, lambda f: bytes((f, 200)) + b"\0" * 6)], [(60, lambda f: bytes((f, 200)) + b"\0" * 6)]
    for place, to in dict(PLACES, noway="2001:db8:77::1").items():
        for name, headers in several.items():
            for kind in ("ping", "udp", "gre"):
                proto, data = payload(kind, HOST, to)
                following = proto
                for number, make in reversed(headers):
                    data, following = make(following) + data, number
                yield f"ip6/chain/{name}/{kind}/{place}", frame(HOST, to, following, data)
                if kind == "udp":
                    yield f"ip6/chain/{name}/{kind}/hops=1/{place}", frame(HOST, to, following, data, hops=1)
        for number in (59, 99, 139, 253):
            yield f"ip6/chain/dst then {number}/{place}", frame(HOST, to, 60, ext(number, b"\1\4\0\0\0\0") + b"12345678")
            yield f"ip6/chain/hop then {number}/{place}", frame(HOST, to, 0, ext(number, b"\1\4\0\0\0\0") + b"12345678")
        for n in range(0, 16):
            for number in (0, 43, 44, 51, 60):
                yield f"ip6/chain/{number} cut to {n}/{place}", frame(HOST, to, number, (b"\x3a\1" + b"\0" * 14)[:n])


def routes(_random):
    for dst in ("2001:db8:20::1", "2001:db8:21::1", "2001:db8:22::1", "2001:db8:23::1", "2001:db8:24::1", "2001:db8:30::1", "2001:db8:32::1", "2001:db8:33::1", "2001:db8:34::1",
                "2001:db8:77::1", "2001:db8:9:1::1", "2001:db8:9:2::1", "2001:db8:2::", "2001:db8:1::"):
        for src, card in ((HOST, "eth0"), ("2001:db8:1::77", "eth0"), ("2001:db8:2::2", "eth1"), ("2001:db8:3::2", "eth2"), ("2001:db8:78::1", "eth0")):
            for kind in ("udp", "ping", "tcp", "gre"):
                yield one(f"ip6/routes/{dst}/{src}/{kind}", src, dst, kind, card)
                yield one(f"ip6/routes/{dst}/{src}/{kind}/hops=1", src, dst, kind, card, hops=1)
        yield f"ip6/routes/{dst}/later", frame(HOST, dst, 44, frag6(17, 8, 0, 5) + b"8bytes!!")


def errors(_random):
    for hops, dst, why in ((1, FAR, "hops"), (64, "2001:db8:77::1", "net"), (64, "2001:db8:20::1", "host"), (64, "2001:db8:21::1", "prohibit"), (64, ME, "here"), (64, SMALL, "big")):
        for kind in [*range(0, 6), 100, 127, *range(128, 138), 200, 255]:
            data = icmp6(HOST, dst, kind, data=b"z" * 1400 if why == "big" else ip6(FAR, HOST, 17, udp(FAR, HOST)))
            if not (why == "here" and 130 <= kind <= 137):
                yield f"ip6/error of icmp {kind}/{why}", frame(HOST, dst, 58, data, hops=hops)
        for n in (0, 1, 3, 4, 7, 8, 100, 1184, 1183, 1185, 1192, 1400):
            if why != "big":
                yield f"ip6/error quotes {n}/{why}", frame(HOST, dst, 17, udp(HOST, dst, data=b"q" * n), hops=hops)
        for proto in (1, 2, 6, 17, 50, 58, 59, 255):
            for n in (0, 1, 4, 7, 8):
                yield f"ip6/error of proto {proto} of {n}/{why}", frame(HOST, dst, proto, b"\x80" * n, hops=hops)
    for check in (0, 1, 0x1234):
        yield f"ip6/udp check={check:#x}/here", frame(HOST, ME, 17, udp(HOST, ME, check=check))
        yield f"ip6/udp check={check:#x}/on", frame(HOST, FAR, 17, udp(HOST, FAR, check=check))
        yield f"ip6/icmp check={check:#x}", frame(HOST, ME, 58, icmp6(HOST, ME, 128, check=check))


def echo(_random):
    for dst in (ME, "2001:db8:2::1", "2001:db8:24::1", "2001:db8:1::", LINK, "ff02::1", "ff02::2", "ff05::2"):
        for src in (HOST, "fe80::2"):
            for kind in (128, 129, 139, 140, 144, 153, 200):
                for code in (0, 1):
                    yield f"ip6/icmp {kind}/{code}/{src}/{dst}", frame(src, dst, 58, icmp6(src, dst, kind, code))
            for tc in (0, 1, 3, 0xb8, 0xff):
                yield one(f"ip6/ping tc={tc:#x}/{src}/{dst}", src, dst, "ping", tc=tc)
            yield one(f"ip6/ping flow/{src}/{dst}", src, dst, "ping", flow=0x54321)
            for hops in (0, 1, 255):
                yield one(f"ip6/ping hops={hops}/{src}/{dst}", src, dst, "ping", hops=hops)
    for n in range(0, 10):
        yield f"ip6/icmp short {n}", frame(HOST, ME, 58, icmp6(HOST, ME, 128)[:n])
    for src in ("2001:db8:2::2", "2001:db8:9::1", "2001:db8:8::1", "2001:db8:77::1", "2001:db8:20::1"):
        yield one(f"ip6/ping from {src}", src, ME, "ping")


def fragment_frames(dst, parts, ident, proto=58, card="eth0", **f):
    return [(card, eth(card, ip6(HOST, dst, 44, frag6(proto, at, int(more), ident) + d, **f), 0x86dd)) for at, d, more in parts]


def fragments(random):
    ident = 0x40000
    for dst, where in ((ME, "here"), (FAR, "on")):
        for n in (40, 104, 1448):
            ping = icmp6(HOST, dst, 128, data=bytes(i & 255 for i in range(n - 8)))
            a, b, c = pieces(ping, (16, 16))
            for name, order in (("abc", (a, b, c)), ("acb", (a, c, b)), ("bac", (b, a, c)), ("bca", (b, c, a)), ("cab", (c, a, b)), ("cba", (c, b, a)), ("ab", (a, b)), ("aabc", (a, a, b, c)),
                                ("abcc", (a, b, c, c)), ("abbc", (a, b, b, c)), ("cacb", (c, a, c, b))):
                ident += 1
                yield f"ip6/fragments/{where}/{n}/{name}", fragment_frames(dst, order, ident)
    ping = icmp6(HOST, ME, 128, data=bytes(i & 255 for i in range(72)))
    odd = {"overlap front": [(0, ping[:32], True), (24, ping[24:], False)], "overlap back": [(24, ping[24:], False), (0, ping[:32], True)], "inside": [(0, ping[:48], True), (8, ping[8:24], True), (48, ping[48:], False)],
           "around": [(8, ping[8:16], True), (0, ping[:48], True), (48, ping[48:], False)], "same other": [(0, ping[:24], True), (0, b"\x80" * 24, True), (24, ping[24:], False)],
           "twice last": [(0, ping[:24], True), (24, ping[24:], False), (24, ping[24:], False)], "two ends": [(24, ping[24:48], False), (48, ping[48:], False), (0, ping[:24], True)],
           "end inside": [(48, ping[48:], False), (24, ping[24:48], False), (0, ping[:24], True)], "beyond end": [(24, ping[24:48], False), (48, ping[48:], True), (0, ping[:24], True)],
           "not 8": [(0, ping[:20], True), (20, ping[20:], False)], "not 8 later": [(8, ping[:20], True)], "empty": [(0, b"", True), (0, ping, False)], "empty last": [(0, ping, True), (80, b"", False)],
           "empty whole": [(0, b"", False)], "tiny": [(i, ping[i:i + 8], i + 8 < 80) for i in range(0, 80, 8)], "whole with more": [(0, ping, True)], "atomic": [(0, ping, False)],
           "atomic twice": [(0, ping, False), (0, ping, False)], "atomic within": [(0, ping[:40], True), (0, ping, False), (40, ping[40:], False)]}
    for dst, where in ((ME, "here"), (FAR, "on")):
        for name, parts in odd.items():
            ident += 1
            yield f"ip6/fragments/{where}/{name}", fragment_frames(dst, parts, ident)
    for at, n in ((65528, 8), (65528, 7), (65528, 1400), (65520, 8), (65520, 16), (65512, 24), (65488, 40), (65488, 48)):
        for first in (False, True):
            ident += 1
            yield f"ip6/fragments/over/{at}+{n}{'/first' if first else ''}", fragment_frames(ME, ([(0, ping[:16], True)] if first else []) + [(at, b"l" * n, False)], ident)
    for total in (3000, 9000, 65528):
        big = icmp6(HOST, ME, 128, data=bytes(i * 7 & 255 for i in range(total - 8)))
        parts = pieces(big, [1440] * (total // 1440))
        for name, order in (("forth", parts), ("back", parts[::-1])):
            ident += 1
            yield f"ip6/fragments/big/{total}/{name}", fragment_frames(ME, order, ident)
    for ecns in ((0, 1, 2), (1, 2, 2), (2, 3, 2), (1, 1, 1), (0, 3, 0), (3, 3, 3), (1, 2, 3)):
        ident += 1
        yield f"ip6/fragments/ecn {ecns}", [fragment_frames(ME, pieces(ping, (16, 16)), ident, tc=e)[j] for j, e in enumerate(ecns)]
    for name, data, proto in (("udp", udp(HOST, ME, data=b"u" * 64), 17), ("gre", b"g" * 64, 47), ("short udp", b"u" * 4, 17), ("dst ping", ext(58, b"\1\4\0\0\0\0") + ping, 60), ("dst cut", b"\x3a\x08" + b"\0" * 14, 60)):
        ident += 1
        yield f"ip6/fragments/{name}", fragment_frames(ME, pieces(data, (16,)), ident, proto)
        ident += 1
        yield f"ip6/fragments/{name} tiny first", fragment_frames(ME, pieces(data, (8, 8)), ident, proto)
    for n in range(150):
        ident += 1
        size = random.randrange(9, 40) * 8
        whole = icmp6(HOST, ME, 128, data=random.randbytes(size - 8))
        parts = pieces(whole, [random.randrange(1, 6) * 8 for _ in range(3)])
        parts += random.sample(parts, random.randrange(0, 2))
        if random.random() < 0.4:
            at = random.randrange(0, size // 8) * 8
            part = whole[at:at + 8 * random.randrange(1, 5)]
            parts.append((at, part, at + len(part) < size))
        random.shuffle(parts)
        yield f"ip6/fragments/any/{n}", fragment_frames(ME, parts, ident)


GROUPS = {"ip6 header fields": fields, "ip6 addresses": addresses, "ip6 lengths and mtu": lengths, "ip6 options": options, "ip6 chains of headers": chains, "ip6 routes and rules": routes,
          "ip6 errors": errors, "ip6 icmp": echo, "ip6 fragments": fragments}
