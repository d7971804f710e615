#!/usr/bin/env python3
"""What a frame costs on its way from one network card to the other: Weir and a Linux of the same size, side by side.

    wire.py [--cards virtio-net-pci,e1000] [--cpus 1,2] [--guests weir,linux] [WHAT...]     busy single paced idle tcp

Each guest stands between two network namespaces (tests/netns.py); Weir joins its two cards at layer 2, Linux forwards IP.
What is counted are the guest's instructions, so the figures do not depend on the machine, apart from how many frames come
at a time; that is printed beside them: frames for each run of the NET_RX softirq (what has been sent runs it too), and
interrupts of every kind for each frame, the serial port's excepted. What the idle guest needs in the same time is taken
off. The middle of three runs.

Needs root, for the namespaces."""
import argparse
import re
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import frames  # noqa: E402
import netns  # noqa: E402
from netns import CARDS as CARDS_MACS  # noqa: E402
from insn import Counter, symbols  # noqa: E402
from peer import KERNEL_ENTRY, Missing, Peer  # noqa: E402
from qemu import BUILD, Machine, arguments  # noqa: E402
from report import Failure  # noqa: E402

IMAGE = BUILD / "weir.elf"
CARDS = ("virtio-net-pci", "e1000")
RUNS = 3
WHAT = {  # name -> what the table calls it
    "busy": "a frame, 60,000 a second offered", "single": "a frame, one after another",
    "paced": "a frame, 2,000 a second", "idle": "idle for 10 s", "tcp": "a byte of TCP"}
LOADS = {"busy": ["-r", "60000"], "single": ["-w", "1"], "paced": ["-r", "2000", "-w", "1"]}
WANTED = {"busy": "<= 350", "paced": "<= 2,000", "idle": "<= 100,000", ("virtio-net-pci", "tcp"): "<= 0.05"}


class Weir(Machine):
    NAME = "Weir"
    ENTRY = "entry_pvh"
    CONF = "weir xconnect eth0 eth1\n"

    def __init__(self, net, nic, cpus=1, extra=(), limit=300):
        self.net = net
        self.conf = tempfile.NamedTemporaryFile("w", suffix=".conf")
        self.conf.write(self.CONF)
        self.conf.flush()
        words = arguments(image=IMAGE, initrd=self.conf.name, cpus=cpus, extra=[*net.cards(nic), *extra])
        super().__init__(words=net.inside(words), fds=net.fds, limit=limit)

    def ready(self, seconds=30):
        self.net.client.address("10.1.0.2/24")
        self.net.server.address("10.1.0.3/24")
        ms = super().ready(seconds)
        self.conf.close()
        return ms

    def frames_to(self):
        """(MAC, source, destination) of what goes from client to server"""
        return self.net.server.mac(), "10.1.0.2", "10.1.0.3"


class Bridge(Weir):
    """Weir as a switch: the same, by its table of stations."""
    CONF = """ip link add br0 type bridge
ip link set eth0 master br0 up; ip link set eth1 master br0 up; ip link set br0 up
"""


class Router(Weir):
    """Weir as the peer is: a router between 10.1.0.0/24 and 10.2.0.0/24."""
    CONF = """ip link set lo up
ip addr add 10.1.0.1/24 dev eth0; ip link set eth0 up
ip addr add 10.2.0.1/24 dev eth1; ip link set eth1 up
ip addr add 2001:db8:1::1/64 dev eth0
ip addr add 2001:db8:2::1/64 dev eth1
sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
"""

    def ready(self, seconds=30):
        self.net.client.address("10.1.0.2/24", "10.1.0.1")
        self.net.server.address("10.2.0.2/24", "10.2.0.1")
        ms = Machine.ready(self, seconds)
        self.conf.close()
        return ms

    def frames_to(self):
        return CARDS_MACS[0], "10.1.0.2", "10.2.0.2"


GUESTS = {"weir": Weir, "linux": Peer}


def entry_of(guest):
    return symbols(IMAGE)[Weir.ENTRY] & 0x7fffffff if guest is Weir else KERNEL_ENTRY


# ---- what a guest tells of itself ----

def softirqs(text):
    """name -> how often on all CPUs, of /proc/softirqs"""
    return {m.group(1): sum(map(int, m.group(2).split())) for m in re.finditer(r"^\s*(\w+):((?: +\d+)+)\s*$", text, re.M)}


def interrupts(text):
    """How many in all, of /proc/interrupts, without the serial port's: those are of the asking."""
    total = 0
    for m in re.finditer(r"^\s*\w+:((?: +\d+)+)(.*)$", text, re.M):
        if not re.search(r"\bttyS\d|\bserial\b", m.group(2)):
            total += sum(map(int, m.group(1).split()))
    return total


def middle(values, key=None):
    return sorted(values, key=key)[len(values) // 2]


# ---- one guest under measurement ----

class Figure:
    def __init__(self, value, burst=None, irqs=None):
        self.value, self.burst, self.irqs = value, burst, irqs


class Rig:
    """A guest that forwards, and its counter."""

    def __init__(self, net, machine, counter):
        self.net, self.machine, self.counter = net, machine, counter
        self.idle_rate = 0.0  # instructions a second

    def frames(self, *words, seconds=1.5):
        """How many came through."""
        told = frames.send(self.net, self.machine.frames_to(), "-t", str(seconds), *words)
        if told["reordered"] or told["again"]:
            raise Failure(f"{told['reordered']:.0f} frames came out of order, {told['again']:.0f} twice")
        return told["received"]

    def until_it_forwards(self, seconds=20):
        until = time.monotonic() + seconds
        while self.frames("-w", "1", "-n", "5") < 5:
            if time.monotonic() > until:
                raise Failure(f"does not forward; its console's last lines:\n{self.machine.tail()}")

    def told(self):
        """(interrupts, NET_RX softirqs) by the guest itself"""
        found = interrupts(self.machine.command("cat /proc/interrupts")), \
            softirqs(self.machine.command("cat /proc/softirqs")).get("NET_RX", 0)
        time.sleep(0.3)  # for what answering leaves to be done
        return found

    def counted(self, work):
        """(units, instructions beyond idling) of work(), which gives the units that it did"""
        began, before = time.monotonic(), self.counter.total()
        units = work()
        insns = self.counter.total() - before - self.idle_rate * (time.monotonic() - began)
        if not units:
            raise Failure(f"nothing came through; its console's last lines:\n{self.machine.tail()}")
        return units, insns

    def idle(self):
        time.sleep(1)
        before = self.counter.total()
        time.sleep(10)
        count = self.counter.total() - before
        self.idle_rate = count / 10
        return Figure(count)

    def load(self, words, runs):
        figures = []
        for _ in range(runs):
            irqs, rounds = self.told()
            units, insns = self.counted(lambda: self.frames(*words))
            irqs_after, rounds_after = self.told()
            figures.append(Figure(insns / units, units / max(1, rounds_after - rounds), (irqs_after - irqs) / units))
        return middle(figures, lambda f: f.value)

    def tcp(self):
        return Figure(middle([insns / units for units, insns in
                              (self.counted(lambda: bytes_through(self)) for _ in range(RUNS))]))

    def measure(self, what):
        if what == "idle":
            return self.idle()
        return self.tcp() if what == "tcp" else self.load(LOADS[what], RUNS if what == "busy" else 1)


def bytes_through(rig, seconds=2):
    """A TCP connection from client to server sends what it can; gives how many bytes came."""
    _, source, destination = rig.machine.frames_to()
    got, sent, block = [], 0, bytes(1 << 18)

    def take():
        room = bytearray(1 << 20)
        try:
            with listener.accept()[0] as s:
                s.settimeout(20)
                while n := s.recv_into(room):
                    got.append(n)
        except OSError:
            pass  # too little has come: that is told below

    with rig.net.server.socket() as listener, rig.net.client.socket() as s:
        listener.settimeout(20)
        listener.bind((destination, 0))
        listener.listen()
        taker = threading.Thread(target=take, daemon=True)
        taker.start()
        s.settimeout(20)
        s.bind((source, 0))
        s.connect(listener.getsockname())
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            sent += s.send(block)
        s.shutdown(socket.SHUT_WR)
        taker.join()
    if sum(got) != sent:
        raise Failure(f"of {sent:,} bytes over TCP {sum(got):,} came")
    return sent


def measured(guest, card, cpus, whats, found):
    """Puts a Figure for each of whats into found."""
    with tempfile.TemporaryDirectory() as folder, netns.Between() as net:
        net.hush()
        counter = Counter(Path(folder) / "count", entry_of(guest))
        with guest(net, card, cpus, counter.words()) as m:
            m.ready()
            rig = Rig(net, m, counter)
            rig.until_it_forwards()
            found["idle"] = rig.idle()
            rig.frames("-r", "60000", seconds=1)  # what comes first pays for what is made once
            for what in [w for w in whats if w != "idle"]:
                found[what] = rig.measure(what)


# ---- the table ----

def number(figure):
    if figure is None:
        return "-"
    return f"{figure.value:.3f}" if figure.value < 10 else f"{figure.value:,.0f}"


def row(card, cpus, what, figures, guests):
    words = [card, str(cpus), WHAT[what]]
    for g in guests:
        f = figures.get(g)
        words += [number(f), "" if not f or f.burst is None else f"{f.burst:.1f}",
                  "" if not f or f.irqs is None else f"{f.irqs:.3f}"]
    return "| " + " | ".join([*words, WANTED.get((card, what), WANTED.get(what, ""))]) + " |"


def heading(guests):
    words = ["card", "CPUs", "instructions of"]
    for g in guests:
        words += [GUESTS[g].NAME, "burst", "interrupts"]
    words.append("wanted")
    return "| " + " | ".join(words) + " |\n" + "|---" * len(words) + "|"


def main():
    ask = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ask.add_argument("--cards", default=",".join(CARDS))
    ask.add_argument("--cpus", default="1,2")
    ask.add_argument("--guests", default="weir,linux")
    ask.add_argument("what", nargs="*", metavar="WHAT", help=" ".join(WHAT))
    options = ask.parse_args()
    whats = [w for w in WHAT if w in options.what or not options.what]
    cards, guests = options.cards.split(","), options.guests.split(",")
    wrong = {*options.what} - {*WHAT} | {*guests} - {*GUESTS} | {*cards} - {*CARDS}
    if wrong:
        ask.error("no such thing: " + " ".join(sorted(wrong)))
    why = netns.missing()
    if why:
        print("SKIP wire: " + why)
        return 0
    missing, failed = {}, []
    print(heading(guests), flush=True)
    for card in cards:
        for cpus in map(int, options.cpus.split(",")):
            found = {g: {} for g in guests}
            for g in guests:
                try:
                    measured(GUESTS[g], card, cpus, whats, found[g])
                except Missing as e:
                    missing[f"SKIP wire: {GUESTS[g].NAME}, {card}: {e}"] = True
                except (Failure, OSError) as e:
                    failed.append(f"FAIL wire: {GUESTS[g].NAME}, {card}, {cpus} CPUs: {e}")
            for what in whats:
                print(row(card, cpus, what, {g: f.get(what) for g, f in found.items()}, guests), flush=True)
    if missing or failed:
        print("", *missing, *failed, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
