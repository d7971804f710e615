"""A guest that forwards, under measurement: what wire.py and router.py share.

Each guest stands between two network namespaces (tests/netns.py). What is counted are the guest's instructions, so the
figures do not depend on the machine, apart from how many frames come at a time; that is told beside them: frames for each
run of the NET_RX softirq (what has been sent runs it too), and interrupts of every kind for each frame, the serial port's
excepted. What the idle guest needs in the same time is taken off. The middle of three runs."""
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
import scratch  # noqa: E402
from insn import symbols  # noqa: E402
from peer import KERNEL_ENTRY, Missing, Peer  # noqa: E402
from qemu import BUILD, Machine, arguments  # noqa: E402
from report import Failure  # noqa: E402

IMAGE = BUILD / "weir.elf"
CARDS = ("virtio-net-pci", "e1000")
RUNS = 3


class Weir(Machine):
    """Its two cards joined."""
    NAME = "Weir"
    ENTRY = "entry_pvh"
    APPEND = ""
    CONF = "weir xconnect eth0 eth1\n"

    def __init__(self, net, nic, cpus=1, extra=(), limit=300, mem=64):
        self.net = net
        self.conf = tempfile.NamedTemporaryFile(suffix=".conf")
        self.conf.write(self.boot_module())
        self.conf.flush()
        words = arguments(image=IMAGE, initrd=self.conf.name, cpus=cpus, mem=mem, append=self.APPEND,
                          extra=[*net.cards(nic), *extra])
        super().__init__(words=net.inside(words), fds=net.fds, limit=limit)
        self.address()

    def boot_module(self):
        return self.CONF.encode()

    def address(self):
        self.net.client.address("10.1.0.2/24")
        self.net.server.address("10.1.0.3/24")

    def ready(self, seconds=30):
        ms = super().ready(seconds)
        self.conf.close()
        return ms

    def frames_to(self, family=4):
        """(MAC, source, destination) of what goes from client to server"""
        assert family == 4
        return self.net.server.mac(), "10.1.0.2", "10.1.0.3"


class Bridge(Weir):
    """Weir as a switch: the same, by its table of stations."""
    CONF = """ip link add br0 type bridge
ip link set eth0 master br0 up; ip link set eth1 master br0 up; ip link set br0 up
"""


class Router(Weir):
    """Weir as the peer is: a router between 10.1.0.0/24 and 10.2.0.0/24."""
    APPEND = "ip=on"
    CONF = """ip link set lo up
ip addr add 10.1.0.1/24 dev eth0; ip link set eth0 up
ip addr add 10.2.0.1/24 dev eth1; ip link set eth1 up
ip addr add 2001:db8:1::1/64 dev eth0
ip addr add 2001:db8:2::1/64 dev eth1
sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
"""
    OFFLOADS_OFF = "ethtool -K eth{i} tso off gso off gro off tx off rx off sg off"

    address = Peer.address
    frames_to = Peer.frames_to

    def ipv6_on(self):
        """It is."""


def entry_of(guest):
    return KERNEL_ENTRY if guest is Peer else symbols(IMAGE)[guest.ENTRY] & 0x7fffffff


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

    def told(self, *words, seconds=1.5, family=4):
        """What the program tells of the frames that it sent, by name."""
        told = frames.send(self.net, self.machine.frames_to(family), "-t", str(seconds), *words)
        if told["reordered"] or told["again"]:
            raise Failure(f"{told['reordered']:.0f} frames came out of order, {told['again']:.0f} twice")
        return told

    def frames(self, *words, seconds=1.5, family=4):
        """How many came through."""
        return self.told(*words, seconds=seconds, family=family)["received"]

    def until_it_forwards(self, seconds=20, family=4):
        until = time.monotonic() + seconds
        while self.frames("-w", "1", "-n", "5", family=family) < 5:
            if time.monotonic() > until:
                raise Failure(f"does not forward; its console's last lines:\n{self.machine.tail()}")

    def counts(self):
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

    def load(self, words, runs=RUNS, family=4):
        figures = []
        for _ in range(runs):
            irqs, rounds = self.counts()
            units, insns = self.counted(lambda: self.frames(*words, family=family))
            irqs_after, rounds_after = self.counts()
            figures.append(Figure(insns / units, units / max(1, rounds_after - rounds), (irqs_after - irqs) / units))
        return middle(figures, lambda f: f.value)

    def tcp(self):
        return Figure(middle([insns / units for units, insns in
                              (self.counted(lambda: bytes_through(self)) for _ in range(RUNS))]))


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


# ---- the table ----

def number(figure):
    if figure is None:
        return "-"
    return f"{figure.value:.3f}" if figure.value < 10 else f"{figure.value:,.0f}"


class Table:
    """what: name -> what the row is called; wanted: name, or (card, name) -> text; guests: word -> class.
    measured(guest, card, cpus, whats, found) puts a Figure for each of whats into found."""

    def __init__(self, name, doc, what, wanted, guests, measured):
        self.name, self.doc, self.what, self.wanted, self.guests = name, doc, what, wanted, guests
        self.measured = measured

    def row(self, card, cpus, what, figures, guests):
        words = [card, str(cpus), self.what[what]]
        for g in guests:
            f = figures.get(g)
            words += [number(f), "" if not f or f.burst is None else f"{f.burst:.1f}",
                      "" if not f or f.irqs is None else f"{f.irqs:.3f}"]
        return "| " + " | ".join([*words, self.wanted.get((card, what), self.wanted.get(what, ""))]) + " |"

    def heading(self, guests):
        words = ["card", "CPUs", "instructions of"]
        for g in guests:
            words += [self.guests[g].NAME, "burst", "interrupts"]
        words.append("wanted")
        return "| " + " | ".join(words) + " |\n" + "|---" * len(words) + "|"

    def options(self):
        ask = argparse.ArgumentParser(description=self.doc.split("\n", maxsplit=1)[0])
        ask.add_argument("--cards", default=",".join(CARDS))
        ask.add_argument("--cpus", default="1,2")
        ask.add_argument("--guests", default=",".join(self.guests))
        ask.add_argument("what", nargs="*", metavar="WHAT", help=" ".join(self.what))
        options = ask.parse_args()
        scratch.own()
        options.cards, options.guests = options.cards.split(","), options.guests.split(",")
        wrong = {*options.what} - {*self.what} | {*options.guests} - {*self.guests} | {*options.cards} - {*CARDS}
        if wrong:
            ask.error("no such thing: " + " ".join(sorted(wrong)))
        return options

    def show(self):
        """All that the command line asks for; the exit status."""
        options = self.options()
        whats = [w for w in self.what if w in options.what or not options.what]
        why = netns.missing()
        if why:
            print(f"SKIP {self.name}: {why}")
            return 0
        missing, failed = {}, []
        print(self.heading(options.guests), flush=True)
        for card in options.cards:
            for cpus in map(int, options.cpus.split(",")):
                found = {g: {} for g in options.guests}
                for g in options.guests:
                    try:
                        self.measured(self.guests[g], card, cpus, whats, found[g])
                    except Missing as e:
                        missing[f"SKIP {self.name}: {self.guests[g].NAME}, {card}: {e}"] = True
                    except (Failure, OSError) as e:
                        failed.append(f"FAIL {self.name}: {self.guests[g].NAME}, {card}, {cpus} CPUs: {e}")
                for what in whats:
                    print(self.row(card, cpus, what, {g: f.get(what) for g, f in found.items()}, options.guests),
                          flush=True)
        if missing or failed:
            print("", *missing, *failed, sep="\n")
        return 1 if failed else 0
