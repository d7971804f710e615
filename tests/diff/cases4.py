"""IPv4 packets: good ones, and each field of them wrong in turn. A case is (name, [(card, frame), ...])."""
import struct

from packets import addr, csum, eth, icmp, ip4, tcp, udp

ME, HOST = "10.1.0.1", "10.1.0.2"  # the router on eth0, a station there
FAR = "10.9.0.5"                   # by a gateway on eth1
SMALL = "10.8.0.5"                 # by one on eth2, whose MTU is 1300
PLACES = {"on": FAR, "link": "10.2.0.2", "here": ME, "other": "10.2.0.1", "small": SMALL, "via6": "10.10.0.5"}
ECHO = icmp(8)
USED = {}


def payload(kind, src, dst):
    return {"udp": (17, udp(src, dst)), "tcp": (6, tcp(src, dst)), "ping": (1, ECHO), "gre": (47, b"\0" * 8)}[kind]


def fresh(first="10.40"):
    """A source that was never used: Linux tells each of them of no route, or of one that says no, five times at once and
    then once a second, whatever icmp_ratelimit says (net.ipv4.route.error_cost, of the machine and not of a namespace)."""
    USED[first] = USED.get(first, 0) + 1
    return f"{first}.{USED[first] // 250}.{USED[first] % 250 + 1}"


def one(name, src, dst, kind, card="eth0", **fields):
    src = fresh() if src == HOST else src
    proto, data = payload(kind, src, dst)
    return name, [(card, eth(card, ip4(src, dst, fields.pop("proto", proto), data, **fields)))]


def fields(random):
    """Every field of the header, for packets to everywhere."""
    values = {"version": [0, 3, 5, 6, 15], "ihl": [0, 1, 4, 6, 7, 11, 15], "tos": [1, 2, 3, 4, 8, 0x10, 0x1c, 0xb8, 0xff],
              "len": [0, 19, 20, 21, 27, 28, 40, 43, 45, 60, 1500, 65535], "id": [0, 1, 0xffff],
              "frag": [0x4000, 0x8000, 0xc000], "ttl": [0, 1, 2, 3, 128, 255], "check": [0, 1, 0xffff],
              "proto": [0, 2, 3, 4, 41, 50, 51, 58, 59, 60, 89, 103, 132, 136, 253, 255]}
    for place, dst in PLACES.items():
        for kind in ("udp", "tcp", "ping", "gre"):
            yield one(f"ip4/plain/{kind}/{place}", HOST, dst, kind)
            for field, several in values.items():
                for v in several:
                    yield one(f"ip4/{field}={v:#x}/{kind}/{place}", HOST, dst, kind, **{field: v})
    for n in range(60):
        tos, ttl, ident = random.randrange(256), random.choice((1, 2, 64)), random.getrandbits(16)
        yield one(f"ip4/any/{n}", HOST, random.choice(list(PLACES.values())), random.choice(("udp", "ping")), tos=tos,
                  ttl=ttl, id=ident, frag=random.choice((0, 0x4000)))


STRANGE = ["0.0.0.0", "0.0.0.1", "0.255.0.1", "10.1.0.0", "10.1.0.1", "10.1.0.2", "10.1.0.255", "10.2.0.0", "10.2.0.1",
           "10.2.0.255", "10.2.0.9", "10.3.0.1", "10.20.0.1", "10.22.0.1", "10.23.0.1", "10.24.0.1", "10.24.5.6", "10.25.0.255",
           "127.0.0.1", "127.1.2.3", "169.254.1.1", "192.0.2.1", "198.18.0.1", "223.255.255.255", "224.0.0.1", "224.0.0.5",
           "224.0.1.1", "239.1.2.3", "240.0.0.1", "250.1.1.1", "255.255.255.254", "255.255.255.255", "100.64.0.1", "1.2.3.4"]
MACS = {"one": None, "group": "01005e000001", "all": "ffffffffffff", "other": "020000000999"}


def addresses(_random):
    for kind in ("udp", "ping", "tcp", "gre"):
        for strange in STRANGE:
            yield one(f"ip4/dst={strange}/{kind}", HOST, strange, kind)
            yield one(f"ip4/dst={strange}/ttl=1/{kind}", HOST, strange, kind, ttl=1)
            for place in ("on", "here", "small"):
                yield one(f"ip4/src={strange}/{kind}/{place}", strange, PLACES[place], kind)
    for strange in STRANGE + [FAR, HOST, ME]:
        for mac, to in MACS.items():
            for kind in ("udp", "ping"):
                src = fresh()
                proto, data = payload(kind, src, strange)
                yield f"ip4/mac={mac}/dst={strange}/{kind}", [("eth0", eth("eth0", ip4(src, strange, proto, data), to=to))]
    for src in STRANGE:
        for dst in ("255.255.255.255", "224.0.0.1", "10.1.0.255", "127.0.0.1"):
            yield one(f"ip4/src={src}/dst={dst}", src, dst, "ping")
    for source in ("01005e000001", "ffffffffffff", "000000000000", "020000000101"):
        yield f"ip4/ethsrc={source}", [("eth0", eth("eth0", ip4(HOST, FAR, 1, ECHO), source=source))]
        yield f"ip4/ethsrc={source}/here", [("eth0", eth("eth0", ip4(HOST, ME, 1, ECHO), source=source))]


def lengths(_random):
    """Frames that are longer or shorter than their packet."""
    whole = ip4(HOST, FAR, 17, udp(HOST, FAR))
    here = ip4(HOST, ME, 1, ECHO)
    for name, p in (("on", whole), ("here", here)):
        for n in range(0, len(p)):
            yield f"ip4/cut={n}/{name}", [("eth0", eth("eth0", p[:n]))]
        for n in (1, 2, 7, 100):
            yield f"ip4/padded={n}/{name}", [("eth0", eth("eth0", p + b"\xa5" * n))]
    for n in (0, 1, 7, 8, 9, 100, 1471, 1472):
        yield f"ip4/udp of {n}", [("eth0", eth("eth0", ip4(HOST, FAR, 17, udp(HOST, FAR, data=b"x" * n))))]
        yield f"ip4/ping of {n}", [("eth0", eth("eth0", ip4(HOST, ME, 1, icmp(8, data=b"y" * n))))]


def mtus(_random):
    ways = {"small": (SMALL, 1300), "route1400": ("10.11.0.5", 1400), "lock1000": ("10.12.0.5", 1000)}
    for name, (dst, mtu) in ways.items():
        for n in sorted({mtu - 1, mtu, mtu + 1, mtu + 8, 1500, mtu - 28}):
            for frag in (0, 0x4000, 0x2000, 0x6000, 0x0010, 0x2010, 0x4010):
                for options in (b"", b"\x07\x0b\x04" + b"\0" * 8, b"\x94\x04\0\0", b"\x94\x04\0\0\x07\x07\x04\0\0\0\0"):
                    data = udp(HOST, dst, data=bytes(i & 255 for i in range(n - 28 - len(options) - (-len(options) % 4))))
                    p = ip4(HOST, dst, 17, data, frag=frag, options=options)
                    yield f"ip4/mtu/{name}/{n}/frag={frag:#x}/opt={options[:1].hex()}{len(options)}", [("eth0", eth("eth0", p))]
    for n in (1301, 1500):  # what answers, and to whom
        for proto, data in ((1, icmp(8, data=b"e" * (n - 28))), (1, icmp(3, 1, data=b"e" * (n - 28))),
                            (6, tcp(HOST, SMALL, data=b"t" * (n - 40)))):
            yield f"ip4/mtu/df/{proto}/{n}/{data[0]}", [("eth0", eth("eth0", ip4(HOST, SMALL, proto, data, frag=0x4000)))]


OPTIONS = {
    "nop": b"\1\1\1\1", "eol": b"\0\0\0\0", "eol then": b"\0\7\7\4", "eol junk": b"\1\0\xff\xff",
    "rr": b"\x07\x0b\x04" + b"\0" * 8, "rr full": b"\x07\x07\x08" + b"\1\2\3\4", "rr half": b"\x07\x0b\x08" + b"\1\2\3\4" + b"\0" * 4,
    "rr 9": b"\x07\x27\x04" + b"\0" * 36, "rr short": b"\x07\x06\x04\0\0\0", "rr short full": b"\x07\x05\x06\0\0",
    "rr 3": b"\x07\x03\x04\0", "rr 2": b"\x07\x02\0\0", "rr ptr 0": b"\x07\x07\0\0\0\0\0", "rr ptr 3": b"\x07\x07\x03\0\0\0\0",
    "rr ptr 5": b"\x07\x0b\x05" + b"\0" * 8, "rr ptr 6": b"\x07\x07\x06\0\0\0\0", "rr ptr 255": b"\x07\x07\xff\0\0\0\0",
    "rr twice": b"\x07\x07\x04\0\0\0\0\x07\x07\x04\0\0\0\0",
    "ts": b"\x44\x0c\x05\x00" + b"\0" * 8, "ts addr": b"\x44\x14\x05\x01" + b"\0" * 16, "ts pre": b"\x44\x0c\x05\x03" + addr(ME) + b"\0" * 4,
    "ts pre out": b"\x44\x0c\x05\x03" + addr("10.2.0.1") + b"\0" * 4, "ts pre other": b"\x44\x0c\x05\x03" + addr("1.2.3.4") + b"\0" * 4,
    "ts pre two": b"\x44\x14\x05\x03" + addr(ME) + b"\0" * 4 + addr(FAR) + b"\0" * 4,
    "ts full": b"\x44\x08\x09\x00" + b"\1\2\3\4", "ts full addr": b"\x44\x0c\x0d\x01" + b"\1" * 8, "ts over 15": b"\x44\x08\x09\xf0" + b"\1\2\3\4",
    "ts over 14": b"\x44\x08\x09\xe0" + b"\1\2\3\4", "ts kind 2": b"\x44\x0c\x05\x02" + b"\0" * 8, "ts kind 7": b"\x44\x0c\x05\x07" + b"\0" * 8,
    "ts ptr 4": b"\x44\x0c\x04\x00" + b"\0" * 8, "ts ptr 0": b"\x44\x0c\0\0" + b"\0" * 8, "ts ptr 6": b"\x44\x0c\x06\0" + b"\0" * 8,
    "ts 3": b"\x44\x03\x05\0", "ts 4": b"\x44\x04\x05\0", "ts 6": b"\x44\x06\x05\0\0\0\1\1", "ts addr short": b"\x44\x08\x05\x01\0\0\0\0",
    "ts pre short": b"\x44\x08\x05\x03" + addr(ME), "ts half": b"\x44\x10\x09\x00" + b"\1" * 4 + b"\0" * 8, "ts 44": b"\x44\x2c\x05\0" + b"\0" * 32,
    "ts twice": b"\x44\x08\x05\0\0\0\0\0\x44\x08\x05\0\0\0\0\0",
    "ra": b"\x94\x04\0\0", "ra 1": b"\x94\x04\0\1", "ra 3": b"\x94\x03\0\0", "ra 2": b"\x94\x02\0\0",
    "ra twice": b"\x94\x04\0\0\x94\x04\0\0",
    "lsrr": b"\x83\x07\x04" + addr(FAR), "lsrr here": b"\x83\x07\x04" + addr(ME), "lsrr done": b"\x83\x07\x08" + addr(HOST),
    "lsrr 3": b"\x83\x03\x04\0", "lsrr ptr 3": b"\x83\x07\x03" + addr(FAR), "lsrr 2": b"\x83\x02\0\0", "lsrr ptr 5": b"\x83\x07\x05" + addr(FAR),
    "lsrr twice": b"\x83\x07\x04" + addr(FAR) + b"\x83\x07\x04" + addr(FAR), "ssrr": b"\x89\x07\x04" + addr(FAR),
    "ssrr here": b"\x89\x07\x04" + addr(ME), "ssrr done": b"\x89\x07\x08" + addr(HOST), "ssrr lsrr": b"\x89\x07\x04" + addr(FAR) + b"\x83\x07\x04" + addr(FAR),
    "sec": b"\x82\x0b" + b"\0" * 9, "sid": b"\x88\x04\0\1", "cipso": b"\x86\x08\0\0\0\1\0\0", "cipso short": b"\x86\x04\0\0", "unknown": b"\x1e\x04\0\0", "unknown copied": b"\xde\x04\0\0",
    "len 0": b"\x1e\0\0\0", "len 1": b"\x1e\1\0\0", "len over": b"\x1e\5\0\0", "len 40": b"\x1e\x28" + b"\0" * 2, "no len": b"\1\1\1\x1e", "rr no len": b"\1\1\1\7",
    "rr ra": b"\x94\x04\0\0\x07\x07\x04\0\0\0\0", "rr nop": b"\1\7\7\4\0\0\0\0", "rr ts": b"\x07\x07\x04\0\0\0\0\1\x44\x08\x05\0\0\0\0\0",
}


def options(random):
    for place, dst in PLACES.items():
        for kind in ("udp", "ping"):
            for name, o in OPTIONS.items():
                yield one(f"ip4/options/{name}/{kind}/{place}", HOST, dst, kind, options=o)
    for name, o in OPTIONS.items():
        yield one(f"ip4/options/{name}/ttl=1", HOST, FAR, "udp", options=o, ttl=1)
        yield one(f"ip4/options/{name}/no way", HOST, "192.0.2.1", "udp", options=o)
        yield one(f"ip4/options/{name}/prohibit", HOST, "10.21.0.1", "udp", options=o)
        yield one(f"ip4/options/{name}/port", HOST, ME, "udp", options=o)
        yield one(f"ip4/options/{name}/df", HOST, SMALL, "udp", options=o, frag=0x4000)
        yield one(f"ip4/options/{name}/many", HOST, "255.255.255.255", "ping", options=o)
        yield one(f"ip4/options/{name}/martian", "127.0.0.1", FAR, "ping", options=o)
    for n in range(200):
        o = bytes(random.choice((0, 1, 7, 68, 131, 137, 148, 4, 5, 8, 11, 3, random.randrange(256))) for _ in range(random.choice((4, 8, 12, 40))))
        yield one(f"ip4/options/any {o.hex()}/{n}", HOST, random.choice((FAR, ME)), "ping", options=o)


def routes(_random):
    """What tables, rules and types of routes make of a packet."""
    for dst in ("10.20.0.1", "10.21.0.1", "10.22.0.1", "10.23.0.1", "10.24.0.1", "10.25.0.255", "10.32.0.1", "10.33.0.1", "10.34.0.1",
                "192.0.2.1", "10.30.0.1", "10.31.0.1", "10.35.0.1", "10.36.0.1", "10.37.0.1", "10.9.1.1", "10.9.2.1", "10.2.0.255", "10.1.0.255"):
        for net, card in (("10.40", "eth0"), ("10.41", "eth0"), ("10.42", "eth1"), ("10.43", "eth2"), ("10.44", "eth0")):
            for tos in (0, 0x10, 0x11, 0xb8):
                for kind in ("udp", "ping", "tcp"):
                    yield one(f"ip4/routes/{dst}/{net}/tos={tos:#x}/{kind}", fresh(net), dst, kind, card, tos=tos)
        src = fresh()
        yield f"ip4/routes/{dst}/dns", [("eth0", eth("eth0", ip4(src, dst, 17, udp(src, dst, dport=53))))]
        yield f"ip4/routes/{dst}/frag", [("eth0", eth("eth0", ip4(src, dst, 17, udp(src, dst), frag=0x2000)))]
        yield f"ip4/routes/{dst}/later", [("eth0", eth("eth0", ip4(HOST, dst, 17, b"8bytes!!", frag=0x0005)))]


def errors(_random):
    """About what no error may be sent, and what one quotes."""
    def frame(dst, proto, data, **f):
        src = fresh()
        return [("eth0", eth("eth0", ip4(src, dst, proto, data(src) if callable(data) else data, **f)))]

    for ttl, dst, why in ((1, FAR, "ttl"), (64, "192.0.2.1", "net"), (64, "10.20.0.1", "host"), (64, "10.21.0.1", "prohibit"),
                          (64, ME, "here"), (64, SMALL, "big")):
        for kind in range(0, 20):
            data = icmp(kind, data=ip4(FAR, HOST, 17, udp(FAR, HOST)))
            size = b"" if why != "big" else b"z" * 1400
            big = why == "big"
            yield f"ip4/error of icmp {kind}/{why}", frame(dst, 1, icmp(kind, data=size) if big else data, ttl=ttl,
                                                          frag=0x4000 if big else 0)
        for n in (0, 1, 3, 4, 7, 8, 100, 500, 519, 520, 548, 549, 600, 1472):
            if why != "big":
                yield f"ip4/error quotes {n}/{why}", frame(dst, 17, lambda s, d=dst, n=n: udp(s, d, data=b"q" * n), ttl=ttl)
        for proto in (0, 1, 2, 6, 17, 50, 255):
            for n in (0, 1, 4, 7, 8):
                yield f"ip4/error of proto {proto} of {n}/{why}", frame(dst, proto, b"\x08" * n, ttl=ttl)
    for check in (0, 1, 0x1234):
        yield f"ip4/udp check={check:#x}/here", [("eth0", eth("eth0", ip4(HOST, ME, 17, udp(HOST, ME, check=check))))]
        yield f"ip4/udp check={check:#x}/on", [("eth0", eth("eth0", ip4(HOST, FAR, 17, udp(HOST, FAR, check=check))))]
        yield f"ip4/icmp check={check:#x}", [("eth0", eth("eth0", ip4(HOST, ME, 1, icmp(8, check=check))))]
    for n in (0, 4, 7, 8, 9, 23, 24, 25, 100):
        data = udp(HOST, ME)
        p = struct.pack(">HHHH", 40000, 9, n, 0) + data[8:]
        check = csum(addr(HOST) + addr(ME) + struct.pack(">BBH", 0, 17, n) + p[:n]) or 0xffff
        yield f"ip4/udp len={n}", [("eth0", eth("eth0", ip4(HOST, ME, 17, p[:6] + struct.pack(">H", check) + p[8:])))]
        yield f"ip4/udp len={n} unchecked", [("eth0", eth("eth0", ip4(HOST, ME, 17, p)))]


def echo(_random):
    """What ICMP answers."""
    for dst in (ME, "10.2.0.1", "10.24.0.1", "10.1.0.255", "10.1.0.0", "255.255.255.255", "224.0.0.1"):
        for kind in range(0, 45):
            for code in (0, 1):
                yield f"ip4/icmp {kind}/{code}/{dst}", [("eth0", eth("eth0", ip4(HOST, dst, 1, icmp(kind, code, data=b"\0" * 12))))]
        for tos in (0, 1, 3, 0x10, 0x1c, 0xb8, 0xff):
            yield one(f"ip4/ping tos={tos:#x}/{dst}", HOST, dst, "ping", tos=tos)
        for ttl in (0, 1, 2, 255):
            yield one(f"ip4/ping ttl={ttl}/{dst}", HOST, dst, "ping", ttl=ttl)
        yield one(f"ip4/ping df/{dst}", HOST, dst, "ping", frag=0x4000)
    for n in range(0, 24):
        yield f"ip4/icmp stamp of {n}", [("eth0", eth("eth0", ip4(HOST, ME, 1, icmp(13, data=b"\0" * n))))]
        yield f"ip4/icmp short {n}", [("eth0", eth("eth0", ip4(HOST, ME, 1, ECHO[:n])))]
    for src in ("10.2.0.2", "10.9.0.1", "10.8.0.1", "10.1.0.9", "192.0.2.1", "10.20.0.1"):
        yield one(f"ip4/ping from {src}", src, ME, "ping")


def pieces(data, sizes):
    """[(offset, bytes, more)]"""
    parts, at = [], 0
    for n in sizes:
        parts.append((at, data[at:at + n], at + n < len(data)))
        at += n
    parts.append((at, data[at:], False))
    return [p for p in parts if p[1]]


def fragment_frames(dst, parts, ident, proto=1, card="eth0", **fields):
    return [(card, eth(card, ip4(HOST, dst, proto, d, id=ident, frag=at // 8 | (0x2000 if more else 0), **fields)))
            for at, d, more in parts]


def fragments(random):
    ident = 0x4000
    for dst, where in ((ME, "here"), (FAR, "on"), (SMALL, "small")):
        for n in (40, 100, 1480):
            ping = icmp(8, data=bytes(i & 255 for i in range(n - 8)))
            a, b, c = pieces(ping, (16, 16))
            for name, order in (("abc", (a, b, c)), ("acb", (a, c, b)), ("bac", (b, a, c)), ("bca", (b, c, a)), ("cab", (c, a, b)),
                                ("cba", (c, b, a)), ("ab", (a, b)), ("bc", (b, c)), ("aabc", (a, a, b, c)), ("abcc", (a, b, c, c)),
                                ("abbc", (a, b, b, c)), ("acab", (a, c, a, b)), ("cacb", (c, a, c, b)), ("a", (a,)), ("c", (c,))):
                ident += 1
                yield f"ip4/fragments/{where}/{n}/{name}", fragment_frames(dst, order, ident)
    ping = icmp(8, data=bytes(i & 255 for i in range(72)))
    odd = {"overlap front": [(0, ping[:32], True), (24, ping[24:], False)], "overlap back": [(24, ping[24:], False), (0, ping[:32], True)],
           "inside": [(0, ping[:48], True), (8, ping[8:24], True), (48, ping[48:], False)], "around": [(8, ping[8:16], True), (0, ping[:48], True), (48, ping[48:], False)],
           "same start": [(0, ping[:24], True), (0, ping[:32], True), (32, ping[32:], False)], "same other": [(0, ping[:24], True), (0, b"\x08" * 24, True), (24, ping[24:], False)],
           "twice last": [(0, ping[:24], True), (24, ping[24:], False), (24, ping[24:], False)], "two ends": [(24, ping[24:48], False), (48, ping[48:], False), (0, ping[:24], True)],
           "end inside": [(48, ping[48:], False), (24, ping[24:48], False), (0, ping[:24], True)], "beyond end": [(24, ping[24:48], False), (48, ping[48:], True), (0, ping[:24], True)],
           "not 8": [(0, ping[:20], True), (20, ping[20:], False)], "not 8 last": [(0, ping[:24], True), (24, ping[24:79], False)],
           "empty": [(0, b"", True), (0, ping, False)], "empty last": [(0, ping, True), (80, b"", False)], "tiny": [(i, ping[i:i + 8], i + 8 < 80) for i in range(0, 80, 8)],
           "tiny back": [(i, ping[i:i + 8], i + 8 < 80) for i in range(72, -8, -8)], "whole with more": [(0, ping, True)], "same overlap": [(0, ping[:40], True), (0, ping[:40], True), (40, ping[40:], False)],
           "inner same": [(0, ping[:48], True), (16, ping[16:32], True), (48, ping[48:], False)], "inner end": [(0, ping[:48], True), (32, ping[32:48], True), (48, ping[48:], False)]}
    for dst, where in ((ME, "here"), (FAR, "on")):
        for name, parts in odd.items():
            ident += 1
            yield f"ip4/fragments/{where}/{name}", fragment_frames(dst, parts, ident)
    for at, n in ((65528, 8), (65520, 8), (65512, 8), (65504, 24), (65504, 32), (65528, 1480), (0x1fff * 8, 7), (65488, 27), (65488, 28)):
        for first in (False, True):
            ident += 1
            parts = [(at, b"l" * n, False)]
            yield f"ip4/fragments/over/{at}+{n}{'/first' if first else ''}", fragment_frames(ME, ([(0, ping[:16], True)] if first else []) + parts, ident)
    for total in (3000, 8192, 9000, 65507, 65515):
        big = icmp(8, data=bytes(i * 7 & 255 for i in range(total - 8)))
        for step in (1480, 1400, 488):
            parts = pieces(big, [step // 8 * 8] * (total // (step // 8 * 8)))
            for name in ("forth", "back", "mixed"):
                ident += 1
                order = parts if name == "forth" else parts[::-1] if name == "back" else random.sample(parts, len(parts))
                if total < 9001 or (step == 1480 and name != "mixed"):
                    yield f"ip4/fragments/big/{total}/{step}/{name}", fragment_frames(ME, order, ident)
    for name, more in (("tos", {"tos": 0xb8}), ("ce", {"tos": 3}), ("ttl", {"ttl": 1}), ("options", {"options": OPTIONS["nop"]}), ("rr", {"options": OPTIONS["rr"]})):
        ident += 1
        frames = fragment_frames(ME, pieces(ping, (16, 16)), ident)
        other = fragment_frames(ME, pieces(ping, (16, 16)), ident, **more)
        for i in range(3):
            ident += 1
            mixed = [fragment_frames(ME, pieces(ping, (16, 16)), ident, **(more if i == j else {}))[j] for j in range(3)]
            yield f"ip4/fragments/{name} in {i}", mixed
        yield f"ip4/fragments/{name} in all", other
        del frames
    for ecns in ((0, 1, 2), (1, 2, 2), (2, 3, 2), (1, 1, 1), (2, 2, 2), (0, 3, 0), (3, 3, 3), (1, 2, 3), (0, 0, 1)):
        ident += 1
        yield f"ip4/fragments/ecn {ecns}", [fragment_frames(ME, pieces(ping, (16, 16)), ident, tos=e)[j] for j, e in enumerate(ecns)]
    for proto in (17, 6, 47):  # by another protocol, and of ports that nobody has
        ident += 1
        data = udp(HOST, ME, data=b"u" * 64) if proto == 17 else tcp(HOST, ME, data=b"u" * 64)
        yield f"ip4/fragments/proto {proto}", fragment_frames(ME, pieces(data, (16, 16)), ident, proto)
    a, b = pieces(ping, (40,))
    yield "ip4/fragments/other proto", fragment_frames(ME, [a], 0x7777, 1) + fragment_frames(ME, [b], 0x7777, 17)
    yield "ip4/fragments/other card", fragment_frames(ME, [a], 0x7778, 1) + fragment_frames(ME, [b], 0x7778, 1, "eth1")
    yield "ip4/fragments/df", [("eth0", eth("eth0", ip4(HOST, ME, 1, d, id=0x7779, frag=at // 8 | (0x2000 if m else 0) | 0x4000))) for at, d, m in (a, b)]
    for n in range(150):
        ident += 1
        size = random.randrange(9, 40) * 8
        whole = icmp(8, data=random.randbytes(size - 8))
        parts = pieces(whole, [random.randrange(1, 6) * 8 for _ in range(3)])
        parts += random.sample(parts, random.randrange(0, 2))
        if random.random() < 0.4:
            at = random.randrange(0, size // 8) * 8
            part = whole[at:at + 8 * random.randrange(1, 5)]
            parts.append((at, part, at + len(part) < size))
        random.shuffle(parts)
        yield f"ip4/fragments/any/{n}", fragment_frames(ME, parts, ident)


GROUPS = {"ip4 header fields": fields, "ip4 addresses": addresses, "ip4 lengths": lengths, "ip4 mtu": mtus, "ip4 options": options,
          "ip4 routes and rules": routes, "ip4 errors": errors, "ip4 icmp": echo, "ip4 fragments": fragments}
