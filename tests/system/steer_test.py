#!/usr/bin/env python3
"""The way in and out of real devices, steered: on which CPU interrupts, polls and packets are, changed under load, with
each flow in order at the other side. virtio-net with a pair of queues for each CPU, and e1000."""
import re
import select
import socket
import sys
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
from qemu import Machine, arguments  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import Bench, Stream, joined, wake  # noqa: E402

CARDS = {"virtio": "virtio-net-pci", "e1000": "e1000"}


def said(m, line, wanted):
    got = m.command(line)
    if not re.search(wanted, got):
        raise Failure(f"{line}: says {got!r}, not {wanted}")
    return got


class Tap:
    """One port's far end where a card has several queues: only a tap gives it those."""

    def __init__(self, end):
        self.socket = end.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((end.tap, 0))

    def send(self, what):
        self.socket.send(what)

    def receive(self, seconds):
        return self.socket.recv(65536) if select.select([self.socket], [], [], seconds)[0] else None


@contextmanager
def two_queues():
    """Two cards with two pairs of queues each, and both far ends."""
    with netns.Between(queues=2) as net:
        net.hush()
        words = arguments(cpus=2, mem=128, extra=net.cards("virtio-net-pci,mq=on,vectors=8"))
        with Machine(words=net.inside(words), fds=net.fds, limit=150) as m:
            m.ready(90)
            joined(m)
            yield m, Tap(net.client), Tap(net.server)


QUEUES = "/sys/class/net/eth{i}/queues"
CHANGES = [f"echo 3 > {QUEUES}/rx-0/rps_cpus", f"echo 2 > {QUEUES}/rx-0/rps_cpus", f"echo 1024 > {QUEUES}/rx-0/rps_flow_cnt",
           "echo 1 > /sys/class/net/eth{i}/threaded", f"echo 1 > {QUEUES}/rx-0/rps_cpus",
           "echo 0 > /sys/class/net/eth{i}/threaded", f"echo 0 > {QUEUES}/rx-0/rps_cpus"]
MORE = [f"echo 2 > {QUEUES}/tx-0/xps_cpus", f"echo 3 > {QUEUES}/rx-1/rps_cpus", f"echo 1 > {QUEUES}/tx-1/xps_cpus",
        f"echo 0 > {QUEUES}/tx-0/xps_cpus", f"echo 0 > {QUEUES}/rx-1/rps_cpus", f"echo 3 > {QUEUES}/tx-0/xps_cpus"]


def card_irqs(m):
    return re.findall(r"(?m)^ *(\d+):.* eth\d", m.command("cat /proc/interrupts"))


def columns_are_right(m, packets):
    lines = m.command("cat /proc/net/softnet_stat").split("\n")
    columns = [[int(x, 16) for x in line.split()] for line in lines]
    if [len(c) for c in columns] != [15, 15] or [c[12] for c in columns] != [0, 1]:
        raise Failure("softnet_stat:\n" + "\n".join(lines))
    if sum(c[0] for c in columns) < packets or any(c[1] or c[11] for c in columns):
        raise Failure(f"softnet_stat after {packets} packets:\n" + "\n".join(lines))
    if not all(c[0] for c in columns) or not any(c[9] for c in columns):
        raise Failure("both CPUs should have had packets, and one have been woken:\n" + "\n".join(lines))


def change_all(m, streams, changes):
    """Everything is changed again and again, the streams flowing."""
    irqs = card_irqs(m)
    for turn in range(4):
        for i, line in enumerate(changes):
            for stream in streams:
                stream.pour(100)
            said(m, line.format(i=(i + turn) % 2), r"\A\Z")
            said(m, f"echo {(i + turn) % 2} > /proc/irq/{irqs[i % len(irqs)]}/smp_affinity_list", r"\A\Z")
    for stream in streams:
        stream.end()


def changed_under_load(card):
    with Bench(CARDS[card], cpus=2) as (m, a, b):
        joined(m)
        wake(a, b)
        there, back = Stream(a, b), Stream(b, a)
        change_all(m, [there, back], CHANGES)
        columns_are_right(m, sum(there.seen) + sum(back.seen))


def queues_changed_under_load():
    """One way alone: a tap gives a flow to the queue by which its answers came, and those would be moved."""
    with two_queues() as (m, a, b):
        there = Stream(a, b)
        change_all(m, [there], CHANGES + MORE)
        columns_are_right(m, sum(there.seen))


def counts(m, irq):
    for line in m.command("cat /proc/interrupts").split("\n"):
        if words := re.match(rf" *{irq}: +(\d+) +(\d+) ", line):
            return [int(words.group(1)), int(words.group(2))]
    raise Failure(f"interrupt {irq} is not told")


def interrupts_go_where_they_are_sent(card):
    """Each interrupt of the cards by itself: the count of the CPU that was chosen goes up, and no other's."""
    with Bench(CARDS[card], cpus=2) as (m, a, b):
        joined(m)
        wake(a, b)
        stream = Stream(a, b)
        stream.pour(50)
        stream.end()
        irqs = card_irqs(m)
        busy = [irq for irq in irqs if sum(counts(m, irq)) > 0]
        if not busy:
            raise Failure("no interrupt has come:\n" + m.command("cat /proc/interrupts"))
        for cpu in (1, 0, 1):
            for irq in irqs:
                said(m, f"echo {cpu} > /proc/irq/{irq}/smp_affinity_list", r"\A\Z")
                said(m, f"cat /proc/irq/{irq}/effective_affinity_list", rf"\A{cpu}\Z")
                said(m, f"cat /proc/irq/{irq}/smp_affinity", rf"\A{1 << cpu}\Z")
                said(m, f"echo 2 > /proc/irq/{irq}/smp_affinity_list", "Invalid argument")
                said(m, f"echo 4 > /proc/irq/{irq}/smp_affinity", "Invalid argument")
            before = [counts(m, irq) for irq in irqs]
            stream.pour(200)
            stream.end()
            after = [counts(m, irq) for irq in irqs]
            moved = [[y - x for x, y in zip(*pair)] for pair in zip(before, after)]
            if any(one[1 - cpu] for one in moved) or not any(one[cpu] for one in moved):
                raise Failure(f"interrupts {irqs} sent to CPU {cpu} came as {moved}")


def chosen_stays(card):
    """Where a person sent an interrupt it goes after the device was down, or began anew; the others go by default."""
    with Bench(CARDS[card], cpus=2) as (m, a, b):
        joined(m)
        wake(a, b)
        irqs = card_irqs(m)
        chosen, other = irqs[-1], irqs[0]
        said(m, f"echo 1 > /proc/irq/{chosen}/smp_affinity_list", r"\A\Z")
        was = m.command(f"cat /proc/irq/{other}/smp_affinity_list")
        for line in ("ip link set eth1 down", "ip link set eth0 down; ip link set eth0 up; ip link set eth1 up",
                     "ethtool -G eth1 rx 64", "ip link set eth1 down; ip link set eth1 up"):
            m.command(line)
        if card_irqs(m) != irqs:
            raise Failure(f"interrupts were {irqs} and are {card_irqs(m)}")
        said(m, f"cat /proc/irq/{chosen}/smp_affinity_list", r"\A1\Z")
        said(m, f"cat /proc/irq/{chosen}/effective_affinity_list", r"\A1\Z")
        said(m, f"cat /proc/irq/{other}/smp_affinity_list", rf"\A{was}\Z")
        said(m, "dump", rf"(?m)^echo 1 > /proc/irq/{chosen}/smp_affinity_list$")
        if len(re.findall("smp_affinity", m.command("dump"))) != 1:
            raise Failure(m.command("dump"))
        wake(a, b)
        before = counts(m, chosen)
        stream = Stream(a, b)
        stream.pour(100)
        stream.end()
        if counts(m, chosen)[0] != before[0]:
            raise Failure(f"interrupt {chosen} came to CPU 0 again")


def spread_by_default():
    """Each pair of queues has a CPU of its own, its interrupts for both ways."""
    with two_queues() as (m, *_):
        irqs = card_irqs(m)
        cpus = [m.command(f"cat /proc/irq/{irq}/effective_affinity_list") for irq in irqs]
        if len(irqs) != 10:  # of each: changes of its configuration, then in, out, in, out
            raise Failure(f"interrupts of the cards: {irqs}")
        for card in (cpus[:5], cpus[5:]):
            if card[1:5] != ["0", "0", "1", "1"]:
                raise Failure(f"interrupts of a card's queues are on CPUs {card[1:5]}")


def files():
    """Told again by dump, refused where Linux refuses."""
    with two_queues() as (m, *_):
        where = "/sys/class/net/eth0"
        for line in (f"echo 2 > {where}/queues/rx-1/rps_cpus", f"echo 300 > {where}/queues/rx-1/rps_flow_cnt",
                     f"echo 1 > {where}/queues/tx-1/xps_cpus", f"echo 1 > {where}/threaded",
                     "sysctl -qw net.core.flow_limit_cpu_bitmap=2 net.core.rps_sock_flow_entries=1000"):
            said(m, line, r"\A\Z")
        for line in (f"echo 4 > {where}/queues/rx-0/rps_cpus", f"echo 4 > {where}/queues/tx-0/xps_cpus"):
            said(m, line, "Value too large")
        said(m, f"ls {where}/queues", r"rx-0\s+rx-1\s+tx-0\s+tx-1")
        said(m, "ps", r"napi/eth0-0")
        told = m.command("dump")
        for wanted in (f"echo 2 > {where}/queues/rx-1/rps_cpus", f"echo 512 > {where}/queues/rx-1/rps_flow_cnt",
                       f"echo 1 > {where}/queues/tx-1/xps_cpus", f"echo 1 > {where}/threaded",
                       "net.core.flow_limit_cpu_bitmap=2", "net.core.rps_sock_flow_entries=1024"):
            if wanted not in told:
                raise Failure(f"dump does not say {wanted}:\n{told}")


def main():
    report = Report()
    for card in CARDS:
        report.run(f"{card}_changed_under_load", changed_under_load, card)
        report.run(f"{card}_interrupts_go_where_they_are_sent", interrupts_go_where_they_are_sent, card)
        report.run(f"{card}_chosen_stays", chosen_stays, card)
    why = netns.missing()
    for test in (queues_changed_under_load, spread_by_default, files):
        if why:
            report.skip(test.__name__, why)
        else:
            report.run(test.__name__, test)
    report.end()


if __name__ == "__main__":
    main()
