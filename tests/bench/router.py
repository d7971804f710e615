#!/usr/bin/env python3
"""What routing costs: Weir and a Linux of the same size between the same two networks, side by side.

    router.py [--cards virtio-net-pci,e1000] [--cpus 1,2] [--guests weir,linux] [WHAT...]

    busy flows busy6 flows6 long paced single idle tcp plain    counted instructions (rig.py tells how)
    ping                                                        from the kernel's entry to the first answered ping
    first rate work                                             by the clock, without the counter: of this machine alone
    memory                                                      the least with which it forwards

Needs root, for the namespaces."""
import select
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
from insn import Counter  # noqa: E402
from netns import CARDS as MACS  # noqa: E402
from peer import Peer  # noqa: E402
from report import Failure  # noqa: E402
from rig import RUNS, Figure, Rig, Router, Table, entry_of, middle  # noqa: E402

WHAT = {
    "busy": "an IPv4 frame of 64 bytes, 60,000 a second offered, 1 flow", "flows": "the same, 10,000 flows",
    "busy6": "an IPv6 frame of 84 bytes, 60,000 a second offered, 1 flow", "flows6": "the same, 10,000 flows",
    "long": "an IPv4 frame of 1518 bytes, 60,000 a second offered", "single": "an IPv4 frame, one after another",
    "paced": "an IPv4 frame, 2,000 a second", "idle": "idle for 10 s",
    "tcp": "a byte of TCP", "plain": "a byte of TCP, the guest's offloads off",
    "ping": "millions from the kernel's entry to the first answered ping",
    "first": "(seconds from QEMU's start to the first forwarded packet)",
    "rate": "(thousand frames a second, 150,000 offered)", "work": "(thousand frames in a second of a CPU's work)",
    "memory": "(MiB, the least with which it forwards)"}
LOADS = {"busy": (["-r", "60000"], 4), "flows": (["-r", "60000", "-f", "10000"], 4), "busy6": (["-r", "60000"], 6),
         "flows6": (["-r", "60000", "-f", "10000"], 6), "long": (["-r", "60000", "-l", "1518"], 4),
         "single": (["-w", "1"], 4), "paced": (["-r", "2000", "-w", "1"], 4)}
ONCE = ("single", "paced")
BY_CLOCK = ("first", "rate", "work")
WANTED = {"busy": "<= 600", "flows": "<= 600", "busy6": "<= 650", "flows6": "<= 650", "long": "<= 650", "paced": "<= 2,500",
          ("virtio-net-pci", "tcp"): "<= 0.08", ("e1000", "tcp"): "<= 0.6", "plain": "<= 0.6", "ping": "<= 8",
          ("virtio-net-pci", "first"): "<= 0.25", ("e1000", "first"): "<= 1.2", "memory": "<= 16"}
IPV6_ON = """cd /proc/sys/net/ipv6/conf/tap{i}
echo 0 >accept_ra; echo 0 >accept_dad; echo 0 >router_solicitations; echo 0 >disable_ipv6
ip -6 addr add 2001:db8:{n}::2/64 dev tap{i}"""


def ipv6_on(net):
    for i, end in enumerate((net.client, net.server)):
        netns.run(*end.inside(["sh", "-c", IPV6_ON.format(i=i, n=i + 1)]))


# ---- pings ----

def echo(number):
    head = struct.pack("!BBHHH", 8, 0, 0, 0x5757, number & 0xffff)
    total = sum(struct.unpack("!4H", head))
    return head[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + head[4:]


def first_answer(net, address, seconds=60):
    """Pings every 5 ms until one is answered."""
    net.client.ip("neigh", "replace", "10.1.0.1", "lladdr", MACS[0], "dev", net.client.tap, "nud", "permanent")
    with net.client.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as s:
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            s.sendto(echo(number), (address, 0))
            number += 1
            while select.select([s], [], [], 0.005)[0]:
                if s.recv(256)[20] == 0:
                    return
    raise Failure(f"{address} has not answered")


# ---- by the clock ----

def cpu_seconds(m):
    """What the threads of the machine's CPUs have used."""
    total = 0
    for cpu in m.monitor.do("query-cpus-fast"):
        stat = Path(f"/proc/{cpu['thread-id']}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(stat[11]) + int(stat[12])
    return total / 100


def by_clock(guest, card, cpus, found):
    with netns.Between() as net:
        net.hush()
        with guest(net, card, cpus) as m:
            first_answer(net, "10.2.0.2")
            found["first"] = Figure(time.monotonic() - m.began)
            m.ready()
            rig, rates, works = Rig(net, m, None), [], []
            rig.until_it_forwards()
            for _ in range(RUNS):
                before = cpu_seconds(m)
                told = rig.told("-r", "150000", seconds=3)
                rates.append(told["received"] / told["seconds"] / 1000)
                works.append(told["received"] / max(0.01, cpu_seconds(m) - before) / 1000)
            found["rate"], found["work"] = Figure(middle(rates)), Figure(middle(works))


def forwards(guest, card, mem):
    with netns.Between() as net:
        net.hush()
        with guest(net, card, 1, mem=mem, limit=60) as m:
            try:
                m.ready(25)
                Rig(net, m, None).until_it_forwards(5)
            except Failure:
                return False
    return True


def least_memory(guest, card, step):
    low, high = 0, 256 // step  # forwards with `high`
    while high - low > 1:
        half = (low + high) // 2
        low, high = (low, half) if forwards(guest, card, half * step) else (half, high)
    return high * step


# ---- all of one guest ----

def measured(guest, card, cpus, whats, found):
    if any(w not in (*BY_CLOCK, "memory") for w in whats):
        counted(guest, card, cpus, whats, found)
    if any(w in whats for w in BY_CLOCK):
        by_clock(guest, card, cpus, found)
    if "memory" in whats and cpus == 1:
        found["memory"] = Figure(least_memory(guest, card, 8 if guest is Peer else 1))


def counted(guest, card, cpus, whats, found):
    with tempfile.TemporaryDirectory() as folder, netns.Between() as net:
        net.hush()
        counter = Counter(Path(folder) / "count", entry_of(guest))
        with guest(net, card, cpus, counter.words()) as m:
            first_answer(net, "10.1.0.1")
            found["ping"] = Figure(counter.total() / 1e6)
            m.ready()
            rig = Rig(net, m, counter)
            rig.until_it_forwards()
            found["idle"] = rig.idle()
            rig.frames("-r", "60000", seconds=1)  # what comes first pays for what is made once
            for what in [w for w in whats if w in LOADS and LOADS[w][1] == 4]:
                found[what] = rig.load(LOADS[what][0], 1 if what in ONCE else RUNS)
            if "tcp" in whats:
                found["tcp"] = rig.tcp()
            if {"busy6", "flows6"} & {*whats}:
                ipv6_on(net)
                m.ipv6_on()
                rig.until_it_forwards(family=6)
            for what in [w for w in whats if w in LOADS and LOADS[w][1] == 6]:
                found[what] = rig.load(LOADS[what][0], family=6)
            if "plain" in whats:
                for i in (0, 1):
                    m.command(m.OFFLOADS_OFF.format(i=i))
                found["plain"] = rig.tcp()


TABLE = Table("router", __doc__, WHAT, WANTED, {"weir": Router, "linux": Peer}, measured)

if __name__ == "__main__":
    sys.exit(TABLE.show())
