"""Routes of all types, and questions about the way to addresses in and beside them."""
import ipaddress

TABLES = ["ip route show table all", "ip -6 route show table all", "ip rule", "ip -6 rule", "ip route show table 100", "ip route show type unreachable", "ip route show proto static",
          "ip route show scope link", "ip route show root 10.0.0.0/8", "ip route show match 10.60.1.1", "ip route show exact 10.9.0.0/16", "ip route show dev eth1", "ip route show via 10.2.0.2",
          "ip -6 route show dev eth1", "ip -6 route show via fe80::2", "ip -6 route show root 2001:db8::/32", "ip -d route show table 100"]
TYPES = ("unreachable", "prohibit", "blackhole", "throw")


def metrics(rnd):
    return "".join(rnd.sample((" mtu 1400", " mtu lock 1280", " advmss 1000", " hoplimit 32", " initcwnd 20", " initrwnd 30"), rnd.choice((0, 0, 0, 1, 2))))


def one4(rnd):
    bits = rnd.choice((8, 12, 16, 20, 24, 24, 28, 31, 32, 32))
    net = ipaddress.ip_network((int(ipaddress.ip_address("10.60.0.0")) + rnd.getrandbits(14) if bits > 14 else rnd.getrandbits(31), bits), strict=False)
    extra = rnd.choice(("", "", "", f" metric {rnd.randrange(1, 4)}", f" tos {rnd.choice(('0x04', '0x08', '0x10'))}", " proto static", " proto 77", f" table {rnd.choice((100, 102, 200))}"))
    if rnd.random() < 0.3:
        return f"{rnd.choice(TYPES)} {net}{extra}"
    way = rnd.choice(("via 10.1.0.2", "via 10.2.0.2", "via 10.3.0.2", "dev eth0", "dev eth1 scope link", "via 10.2.0.9", "via 10.2.0.2 dev eth1", "via 10.250.0.1 dev eth1 onlink",
                      "via inet6 fe80::2 dev eth1", "via inet6 2001:db8:1::2", "via 192.0.2.1", "dev eth2 src 10.1.0.1", "via 10.1.0.2 src 10.3.0.1"))
    return f"{net} {way}{extra}{metrics(rnd)}"


def one6(rnd):
    bits = rnd.choice((32, 40, 48, 48, 56, 64, 64, 127, 128, 128))
    net = ipaddress.ip_network(((0x20010db8 << 96) + (0x60 << 80) + (rnd.getrandbits(8) << 64) + rnd.getrandbits(3), bits), strict=False)
    extra = rnd.choice(("", "", "", f" metric {rnd.randrange(1, 4)}", " proto static", f" table {rnd.choice((100, 101, 200))}"))
    if rnd.random() < 0.3:
        return f"{rnd.choice(TYPES)} {net}{extra}"
    way = rnd.choice(("via 2001:db8:1::2", "via 2001:db8:2::2", "via fe80::2 dev eth0", "via fe80::2 dev eth1", "dev eth0", "dev eth1", "via 2001:db8:3::9", "via 2001:db8:99::1", "via 2001:db8:99::1 dev eth1 onlink",
                      "dev eth2 src 2001:db8:1::1"))
    return f"{net} {way}{extra}{metrics(rnd)}"


def batch(rnd):
    return ["ip route add " + one4(rnd) for _ in range(120)] + ["ip -6 route add " + one6(rnd) for _ in range(80)]


KEPT = ("metric", "tos", "table")  # what tells routes of a prefix apart


def undone(line):
    """Which route of a prefix goes is not compared: Linux passes over the type of an IPv6 route, and finds no IPv4 route
    by a metric that is locked."""
    words = line.split()
    at = next(n for n, w in enumerate(words) if "/" in w)
    rest = words[at + 1:]
    kept = [w for n, w in enumerate(rest) if w in KEPT or (n and rest[n - 1] in KEPT)]
    return " ".join([*words[:at + 1], *kept]).replace(" add ", " del ", 1)


def undo(lines):
    """Three times, so that none is left, whichever went first."""
    return [undone(line) for line in reversed(lines)] * 3


def questions(rnd, lines):
    nets = [ipaddress.ip_network(w) for line in lines for w in line.split() if "/" in w]
    asked = []
    for net in nets:
        a = int(net.network_address), int(net.broadcast_address)
        for n in {a[0], a[1], a[0] - 1, a[1] + 1, rnd.randrange(a[0], a[1] + 1)}:
            if 0 <= n < 1 << net.max_prefixlen:
                asked.append(str(type(net.network_address)(n)))
    asked = rnd.sample(asked, min(260, len(asked)))
    asked += ["0.0.0.0", "0.0.0.1", "10.1.0.1", "10.1.0.0", "10.1.0.255", "10.1.0.2", "10.2.0.1", "10.24.5.6", "10.25.0.255", "127.0.0.1", "127.1.2.3", "169.254.1.1", "192.0.2.1", "224.0.0.1", "239.1.2.3", "240.0.0.1",
              "255.255.255.255", "10.20.0.1", "10.21.0.1", "10.22.0.1", "10.23.0.1", "10.32.0.1", "10.33.0.1", "10.34.0.1", "10.10.0.1", "10.11.0.1", "10.12.0.1", "::", "::1", "2001:db8:1::1", "2001:db8:1::2", "2001:db8:9::1",
              "fe80::1", "fe80::ff:fe00:101", "ff02::1", "ff05::2", "2001:db8:20::1", "2001:db8:21::1", "2001:db8:22::1", "2001:db8:23::1", "2001:db8:32::1", "2001:db8:33::1", "2001:db8:34::1", "2001:db8:77::1", "2001:db8:24::1"]
    commands = []
    for a in asked:
        commands.append(f"ip route get {a}")
        v6 = ":" in a
        more = rnd.choice(("", "", "", " fibmatch", " mark 7", " oif eth1", " oif eth2", " from 2001:db8:1::1" if v6 else " from 10.1.0.1", " from 2001:db8:1::77 iif eth0" if v6 else " from 10.41.0.1 iif eth0",
                           " from 2001:db8:2::2 iif eth1" if v6 else " from 10.42.0.1 iif eth1", " tos 0x10", " ipproto udp dport 53"))
        if more:
            commands.append(f"ip route get {a}{more}")
    return commands
