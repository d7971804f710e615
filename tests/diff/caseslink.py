"""What stations on a link say of each other: ARP and neighbour discovery. A case begins with no neighbours but the
permanent ones, and ends with a look at what was learnt: ("do", command) goes first, ("ask", command) last."""
from packets import addr, arp, eth, icmp6, ip6

ME, HIM, MAC, NEW, MINE = "10.1.0.1", "10.1.0.50", "020000000050", "020000000051", "020000000101"
NONE = "000000000000"
CLEAR = [("do", "ip neigh flush dev eth0"), ("do", "ip -6 neigh flush dev eth0")]


def heard(frames, who=HIM, before=()):
    return CLEAR + [("do", c) for c in before] + frames + [("ask", f"ip neigh show {who} dev eth0")]


def arp_case(op=1, sha=MAC, spa=HIM, tha=NONE, tpa=ME, before=(), **f):
    return heard([("eth0", arp("eth0", op, sha, spa, tha, tpa, **f))], spa, before)


def arps(_random):
    for op in range(0, 12):
        yield f"arp/op={op}", arp_case(op)
        yield f"arp/op={op}/unicast", arp_case(op, to=MINE, tha=MINE)
    for field, values in {"hw": (0, 2, 6, 7, 15, 32, 0xffff), "proto": (0, 0x0806, 0x86dd), "hlen": (0, 5, 7, 8, 255), "plen": (0, 3, 5, 16, 255), "cut": range(0, 28)}.items():
        for v in values:
            yield f"arp/{field}={v}", arp_case(**{field: v})
    yield "arp/tail", arp_case(tail=b"\0" * 18)
    yield "arp/tail junk", arp_case(tail=b"\xa5" * 100)
    for op in (1, 2):
        for sha in (NONE, "ffffffffffff", "01005e000001", "030000000001", MINE, STATION2):
            yield f"arp/{op}/sha={sha}", arp_case(op, sha=sha, source=MAC)
        for source in (NONE, NEW, MINE, "01005e000001"):
            yield f"arp/{op}/source={source}", arp_case(op, source=source)
        for spa in ("0.0.0.0", ME, "10.1.0.0", "10.1.0.255", "10.1.0.2", "255.255.255.255", "224.0.0.1", "127.0.0.1", "192.0.2.5", "10.2.0.5", "10.2.0.1", "10.24.0.1", "240.0.0.1", "0.0.0.5"):
            yield f"arp/{op}/spa={spa}", arp_case(op, spa=spa)
            yield f"arp/{op}/spa={spa}/gratuitous", arp_case(op, spa=spa, tpa=spa)
        for tpa in ("0.0.0.0", "10.2.0.1", "10.3.0.1", "10.1.0.0", "10.1.0.255", "10.1.0.2", "10.1.0.77", "255.255.255.255", "224.0.0.1", "127.0.0.1", "10.9.0.1", "10.24.0.1", "192.0.2.5", "10.40.0.1", "10.20.0.1"):
            for to in ("ffffffffffff", MINE, "020000000999", "01005e000001"):
                yield f"arp/{op}/tpa={tpa}/to={to}", arp_case(op, tpa=tpa, to=to)
        for tha in (NONE, "ffffffffffff", MINE, NEW):
            yield f"arp/{op}/tha={tha}", arp_case(op, tha=tha)
    for nud in ("stale", "reachable", "permanent", "noarp", "failed"):
        known = [f"ip neigh replace {HIM} lladdr 02:00:00:00:00:50 dev eth0 nud {nud}"]
        gone = [f"ip neigh del {HIM} dev eth0"]
        for op in (1, 2):
            for sha in (MAC, NEW):
                for to in (MINE, "ffffffffffff"):
                    yield f"arp/known {nud}/{op}/{sha}/{to}", [("do", g) for g in gone] + arp_case(op, sha=sha, to=to, tha=MINE, before=known)
                    yield f"arp/known {nud}/{op}/{sha}/{to}/gratuitous", [("do", g) for g in gone] + arp_case(op, sha=sha, to=to, tpa=HIM, before=known)
                yield f"arp/known {nud}/{op}/{sha}/other", [("do", g) for g in gone] + arp_case(op, sha=sha, tpa="10.1.0.99", before=known)
    yield "arp/gone", [("do", f"ip neigh del {HIM} dev eth0")] + arp_case()


STATION2 = "020000000002"


def arp_switches(_random):
    for switch, values in {"arp_ignore": (1, 2, 3, 4, 8), "arp_accept": (1,), "arp_announce": (1, 2), "proxy_arp": (1,)}.items():
        for v in values:
            before = [f"sysctl -qw net.ipv4.conf.eth0.{switch}={v}"]
            for op in (1, 2):
                for spa in (HIM, "192.0.2.5", "10.2.0.5", "0.0.0.0"):
                    for tpa in (ME, "10.2.0.1", "10.24.0.1", "10.9.0.1", "10.1.0.2", "10.1.0.99", "192.0.2.9", spa):
                        yield f"arp/{switch}={v}/{op}/spa={spa}/tpa={tpa}", arp_case(op, spa=spa, tpa=tpa, before=before)
            yield f"arp/{switch}=0", arp_case(before=[f"sysctl -qw net.ipv4.conf.eth0.{switch}=0"])


ME6, LINK, HIM6, HISLINK = "2001:db8:1::1", "fe80::ff:fe00:101", "2001:db8:1::50", "fe80::50"
SOLICITED = {ME6: "ff02::1:ff00:1", LINK: "ff02::1:ff00:101"}


def lladdr(kind, mac=MAC, n=1):
    return bytes((kind, n)) + bytes.fromhex(mac)


def nd(kind, src, dst, target, options=b"", flags=0, hops=255, code=0, check=None, cut=None, to=None, before=(), who=None):
    body = icmp6(src, dst, kind, code, flags.to_bytes(4, "big"), (addr(target) + options)[:cut], check)
    group = "3333" + addr(dst)[12:].hex() if dst.startswith("ff") else MINE
    return heard([("eth0", eth("eth0", ip6(src, dst, 58, body, hops=hops), 0x86dd, to or group, MAC))], who or (src if kind == 135 else target), before)


def solicitations(_random):
    slla = lladdr(1)
    for src in (HIM6, HISLINK, "::", "ff02::1", "2001:db8:2::50", "2001:db8:99::1", ME6, LINK, "::1", "2001:db8:1::2"):
        for target in (ME6, LINK, "2001:db8:2::1", "fe80::ff:fe00:102", HIM6, "2001:db8:1::99", "2001:db8:24::1", "ff02::1", "::", "::1"):
            for dst in (SOLICITED.get(target, "ff02::1:ff00:99"), target, "ff02::1"):
                for options in (b"", slla):
                    if dst not in ("::",):
                        yield f"ndp/ns/{src}/{target}/{dst}/{len(options)}", nd(135, src, dst, target, options)
    group = SOLICITED[ME6]
    for hops in (0, 1, 64, 254):
        yield f"ndp/ns/hops={hops}", nd(135, HIM6, group, ME6, slla, hops=hops)
    for code in (1, 255):
        yield f"ndp/ns/code={code}", nd(135, HIM6, group, ME6, slla, code=code)
    yield "ndp/ns/check", nd(135, HIM6, group, ME6, slla, check=0x1234)
    for n in range(0, 24):
        yield f"ndp/ns/cut={n}", nd(135, HIM6, group, ME6, slla, cut=n)
    odd = {"len 0": lladdr(1, n=0), "len 2": lladdr(1, n=2) + b"\0" * 8, "len 2 short": lladdr(1, n=2), "len 255": lladdr(1, n=255), "unknown": b"\xc8\1" + b"\0" * 6 + slla, "unknown 0": b"\xc8\0" + b"\0" * 6 + slla,
           "twice": slla + lladdr(1, NEW), "tlla": lladdr(2), "both": lladdr(2, NEW) + slla, "zero": lladdr(1, NONE), "group": lladdr(1, "333300000001"), "all": lladdr(1, "ffffffffffff"), "mine": lladdr(1, MINE),
           "nonce": b"\x0e\1\1\2\3\4\5\6", "nonce slla": b"\x0e\1\1\2\3\4\5\6" + slla, "tail": slla + b"\0\0\0", "one byte": b"\1", "mtu": b"\5\1\0\0\0\0\5\xdc" + slla}
    for name, o in odd.items():
        for src in (HIM6, "::"):
            yield f"ndp/ns/option {name}/{src}", nd(135, src, group, ME6, o)
    for flags in (1, 0x80000000, 0xffffffff):
        yield f"ndp/ns/flags={flags:#x}", nd(135, HIM6, group, ME6, slla, flags=flags)
    for mac in ("333300000001", "ffffffffffff", "020000000999", MINE):
        yield f"ndp/ns/to={mac}", nd(135, HIM6, group, ME6, slla, to=mac)
    for nud in ("stale", "reachable", "permanent"):
        for mac in (MAC, NEW):
            known = [f"ip neigh replace {HIM6} lladdr 02:00:00:00:00:50 dev eth0 nud {nud}"]
            yield f"ndp/ns/known {nud}/{mac}", nd(135, HIM6, group, ME6, lladdr(1, mac), before=known)
            yield f"ndp/ns/known {nud}/{mac}/del", [("do", f"ip neigh del {HIM6} dev eth0")] + nd(135, HIM6, group, ME6, lladdr(1, mac))


def advertisements(_random):
    tlla = lladdr(2)
    names = {0: "", 0x20000000: "O", 0x40000000: "S", 0x60000000: "SO", 0x80000000: "R", 0xa0000000: "RO", 0xc0000000: "RS", 0xe0000000: "RSO"}
    for nud in (None, "stale", "reachable", "permanent"):
        known = [f"ip neigh replace {HIM6} lladdr 02:00:00:00:00:50 dev eth0 nud {nud}"] if nud else []
        for flags, name in names.items():
            for dst in (ME6, "ff02::1"):
                for options, o in ((b"", "none"), (tlla, "same"), (lladdr(2, NEW), "new")):
                    yield f"ndp/na/{nud}/{name}/{dst}/{o}", [("do", f"ip neigh del {HIM6} dev eth0")] + nd(136, HIM6, dst, HIM6, options, flags, before=known)
    known = [f"ip neigh replace {HIM6} lladdr 02:00:00:00:00:50 dev eth0 nud stale"]
    new = lladdr(2, NEW)
    for what, more in {"hops": {"hops": 254}, "code": {"code": 1}, "check": {"check": 1}, "cut 8": {"cut": 8}, "cut 17": {"cut": 17}}.items():
        yield f"ndp/na/{what}", nd(136, HIM6, ME6, HIM6, new, 0x60000000, before=known, **more)
    for src in ("::", HISLINK, "ff02::1", ME6, "2001:db8:99::1"):
        yield f"ndp/na/src={src}", nd(136, src, ME6, HIM6, new, 0x60000000, before=known)
    for target in (ME6, LINK, "2001:db8:2::1", "ff02::1", "::", "2001:db8:1::77"):
        yield f"ndp/na/target={target}", nd(136, HIM6, "ff02::1", target, new, 0x20000000)
    for name, o in {"len 0": lladdr(2, n=0), "len 2": lladdr(2, n=2) + b"\0" * 8, "slla": lladdr(1, NEW), "zero": lladdr(2, NONE), "group": lladdr(2, "333300000001"), "mine": lladdr(2, MINE), "twice": new + tlla}.items():
        yield f"ndp/na/option {name}", nd(136, HIM6, ME6, HIM6, o, 0x60000000, before=known)
    yield "ndp/na/gone", [("do", f"ip neigh del {HIM6} dev eth0")] + nd(136, HIM6, ME6, HIM6, b"")


GROUPS = {"arp": arps, "arp switches": arp_switches, "ndp solicitations": solicitations, "ndp advertisements": advertisements}
