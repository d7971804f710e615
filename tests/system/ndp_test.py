#!/usr/bin/env python3
"""IPv6 on a LAN with what Debian has: a host whose address comes from radvd and that answers ndisc6; a router whose
advertisements rdisc6 shows and Linux heeds; an address that another has. tshark reads all that was sent."""
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
from qemu import SLOW, Machine, arguments  # noqa: E402
from report import Failure, Report  # noqa: E402

TOOLS = {"radvd": "radvd", "ndisc6": "ndisc6", "rdisc6": "ndisc6", "tshark": "tshark", "ping": "iputils-ping"}
MADE = "2001:db8:1:0:5054:ff:fe00:101"  # of eth0's MAC address
RADVD = """interface tap0 {
    AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; AdvLinkMTU 1400; AdvCurHopLimit 61;
    prefix 2001:db8:1::/64 { AdvValidLifetime 3600; AdvPreferredLifetime 1800; };
    RDNSS 2001:db8:1::53 { AdvRDNSSLifetime 600; };
    DNSSL lan.example { AdvDNSSLLifetime 600; };
};
"""


def until(what, look):
    """The first true answer of look()."""
    end = time.monotonic() + 20 * SLOW
    while time.monotonic() < end:
        got = look()
        if got:
            return got
        time.sleep(0.3)
    raise Failure(f"{what}: has not come")


def tell(m, line, wanted):
    """What the machine says, as soon as it says that."""
    last = [""]

    def look():
        last[0] = m.command(line)
        return re.search(wanted, last[0]) and last[0]
    try:
        return until(line, look)
    except Failure:
        raise Failure(f"{line}: says\n{last[0]}\nnot {wanted}") from None


def started(end, *words):
    return subprocess.Popen(end.inside(list(words)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def run(end, *words):
    r = subprocess.run(end.inside(list(words)), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                       timeout=60 * SLOW)
    return r.stdout + r.stderr


@contextmanager
def machine(net):
    with Machine(words=net.inside(arguments(extra=net.cards("virtio-net-pci"))), fds=net.fds, limit=200) as m:
        m.ready(90)
        m.command("sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0")
        yield m


@contextmanager
def watched(end, wanted):
    """All that is on the link meanwhile is sound, and each filter of `wanted` matches some of it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # tshark gives up root before it writes
        file = f"{folder}/pcap"
        tshark = started(end, "tshark", "-q", "-i", end.tap, "-w", file)
        until("tshark's file", Path(file).exists)
        yield
        time.sleep(1)
        tshark.terminate()
        tshark.wait()

        def count(which):
            said = subprocess.run(["tshark", "-r", file, "-Y", which], capture_output=True, text=True, check=False)
            return said.stdout.strip()
        bad = count("_ws.malformed or icmpv6.checksum.status == 0 or igmp.checksum.status == 0 or ip.checksum.status == 0")
        if bad:
            raise Failure("not sound:\n" + bad)
        for which in wanted:
            if not count(which):
                raise Failure(f"nothing was seen of {which}")


def host():
    with netns.Between() as net, tempfile.TemporaryDirectory() as folder:
        conf = Path(folder) / "radvd.conf"
        conf.write_text(RADVD)
        client = net.client
        run(client, "sysctl", "-w", "net.ipv6.conf.all.forwarding=1")
        client.ip("addr", "add", "2001:db8:1::1/64", "dev", "tap0", "nodad")
        client.ip("addr", "add", "2001:db8:1::77/64", "dev", "tap0", "nodad")
        with machine(net) as m, watched(client, ["icmpv6.type == 133", "icmpv6.type == 143",
                                                 f"icmpv6.type == 136 and ipv6.src == {MADE}"]):
            m.command("ip link set lo up; ip link set eth0 up; sleep 2")  # it asks for routers
            started(client, "radvd", "-n", "-C", str(conf), "-p", folder + "/pid", "-m", "stderr")
            tell(m, "ip -6 addr show dev eth0", rf"inet6 {re.escape(MADE)}/64 scope global dynamic")
            tell(m, "cat /proc/net/ra_dns", r"nameserver 2001:db8:1::53 dev eth0 expires \d+sec\n"
                                            r"search lan\.example dev eth0 expires \d+sec")
            tell(m, "sysctl net.ipv6.conf.eth0.mtu", r"= 1400")
            said = run(client, "ndisc6", MADE, "tap0")
            if "52:54:00:00:01:01" not in said.lower():
                raise Failure(f"ndisc6 says\n{said}")
            said = run(client, "ping", "-6", "-c", "3", "-i", "0.2", MADE)
            if " 3 received" not in said or "ttl=61" not in said:
                raise Failure(f"ping says\n{said}")
            m.command("ip addr add 2001:db8:1::77/64 dev eth0")
            tell(m, "ip -6 addr show dev eth0", r"2001:db8:1::77/64 scope global dadfailed tentative")


def router():
    with netns.Between() as net:
        server = net.server
        with machine(net) as m, watched(server, ["icmpv6.type == 134 and icmpv6.opt.prefix", "icmpv6.type == 143"]):
            m.command("ip link set lo up; ip link set eth1 up; sysctl -w net.ipv6.conf.all.forwarding=1")
            m.command("weir ra eth1 prefix 2001:db8:2::/64 valid 3600 preferred 1800 mtu 1280 rdnss 2001:db8:2::1")
            wanted = (r"Router lifetime +: +1800", r"Prefix +: 2001:db8:2::/64", r"MTU +: +1280",
                      r"Recursive DNS server +: 2001:db8:2::1", r"(?i)Source link-layer address: 52:54:00:00:02:01")

            def shows():
                said = run(server, "rdisc6", "-1", "tap1")
                return all(re.search(w, said) for w in wanted) and said
            until("rdisc6's answer", shows)
            until("Linux's address", lambda: "inet6 2001:db8:2:" in server.ip("-6", "addr", "show", "dev", "tap1"))
            m.command("weir ra eth1 off")
            until("the end of Linux's default route", lambda: not server.ip("-6", "route", "show", "default"))


def main():
    report = Report()
    lacks = [f"{tool} (package {package})" for tool, package in TOOLS.items() if not shutil.which(tool)]
    why = netns.missing() or (lacks and "needs " + ", ".join(lacks))
    for test in (host, router):
        if why:
            report.skip(test.__name__, why)
        else:
            report.run(test.__name__, test)
    report.end()


if __name__ == "__main__":
    main()
