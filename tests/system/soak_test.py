#!/usr/bin/env python3
"""Two cards joined and everything about them changed without end, frames flowing both ways: what must hold after hours
is that every flow is in order, that nothing is left over, and that it still forwards. And a flood, under which the
console answers and a task that does nothing but count gets on.

A few rounds of each; with TEST_LONG a minute of each and ten of all of them in turn, for each card. What a loop costs in
memory is asked of the machine itself: MemFree after the first rounds, when every pool has what it needs, and at the end;
and with both devices down no packet's memory is in anybody's hands."""
import multiprocessing
import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import Bench, Stream, ipv4, joined, wake  # noqa: E402

CARDS = {"virtio": "virtio-net-pci", "e1000": "e1000"}
LONG = bool(os.environ.get("TEST_LONG"))
EACH_S, MIXED_S = 60, 600  # of the long form
WARM = 3  # rounds before memory is looked at
ROUNDS = WARM + 2  # of the short one
LIMIT = 150 + 2 * MIXED_S if LONG else 150
SLACK = 1024  # kB: pools of packets grow by blocks of 64, on each CPU


def quiet(m, line):
    got = m.command(line)
    if got:
        raise Failure(f"{line}: says {got!r}")


def told(m, words):
    until = time.monotonic() + 20 * SLOW
    while words not in (last := m.command("dmesg | tail -n 1")):
        if time.monotonic() > until:
            raise Failure(f"the log's last line is {last!r}, not {words!r}")


def free_kb(m):
    return int(re.search(r"MemFree: +(\d+) kB", m.command("cat /proc/meminfo")).group(1))


def dropped(m):
    """Packets that a backlog refused or still has."""
    return [line.split()[1] + line.split()[11] for line in m.command("cat /proc/net/softnet_stat").split("\n")]


def in_hands(m):
    """How many of each pool's objects somebody has."""
    return [int(line.split()[2]) for line in m.command("weir pools").split("\n")[1:]]


def rounds(m, seconds, one):
    """one(i), ROUNDS times; in the long form for so long. What they cost in memory."""
    until, i, before = time.monotonic() + seconds * SLOW, 0, 0
    while i < ROUNDS or (LONG and time.monotonic() < until):
        one(i)
        i += 1
        if i == WARM:
            before = free_kb(m)
    lost = before - free_kb(m)
    if lost > SLACK:
        raise Failure(f"{lost} kB of memory are gone after {i - WARM} rounds")
    return i, lost


def emptied(m, a, b, streams):
    """Down, nothing is in anybody's hands; up again, all passes."""
    for eth in (0, 1):
        quiet(m, f"ip link set eth{eth} down")
    left = in_hands(m)
    if any(left):
        raise Failure(f"both devices are down, and packets are in hands: {m.command('weir pools')}")
    for eth in (0, 1):
        quiet(m, f"ip link set eth{eth} up")
    woken(a, b, streams)
    through(streams)


def woken(a, b, streams):
    """A card that began anew may be deaf for a second. What was under way before is not waited for."""
    wake(a, b)
    for s in streams:
        s.forget()


def told_of(name, m, done):
    print(f"# {name}: {done[0]} rounds, {done[1]} kB less; drops: "
          + (", ".join(" ".join(line.split()[:3]) for line in m.command("drops").split("\n")[1:]) or "none"), flush=True)


def through(streams):
    """All that is sent comes out, now that nothing is changed."""
    for s in streams:
        time.sleep(0.2)
        s.forget()
        s.lossy = False
        s.pour(500)
        s.end()


def lossy(streams):
    for s in streams:
        s.lossy = True


class Loop:
    """A machine, its two wires, and a flow each way."""

    def __init__(self, m, a, b):
        self.m, self.a, self.b = m, a, b
        joined(m)
        wake(a, b)
        quiet(m, "sysctl -qw kernel.printk=4")  # the console is for us alone
        self.streams = [Stream(a, b), Stream(b, a)]
        self.irqs = re.findall(r"(?m)^ *(\d+):.* eth\d", m.command("cat /proc/interrupts"))

    def pour(self, count):
        for s in self.streams:
            s.pour(count)

    def flap(self, i):
        """The cable goes and comes, the two are parted and joined again."""
        lossy(self.streams)
        for up, word in ((False, "down"), (True, "up")):
            self.pour(60)
            self.m.monitor.do("set_link", name=f"nic{i % 2}", up=up)
            told(self.m, f"eth{i % 2}: link {word}")
        self.pour(60)
        quiet(self.m, "weir xconnect del eth0")
        quiet(self.m, "weir xconnect eth0 eth1")
        through(self.streams)

    def steer(self, i):
        """Nothing is lost here: steering, tasks that poll, interrupts that move, a busy console beside them."""
        for n, line in enumerate(STEERING):
            self.pour(150)
            eth = (i + n) % 2
            quiet(self.m, line.format(i=eth, q=f"/sys/class/net/eth{eth}/queues/rx-0"))
            quiet(self.m, f"echo {(i + n) // 2 % 2} > /proc/irq/{self.irqs[n % len(self.irqs)]}/smp_affinity_list")
        for s in self.streams:
            s.end()

    def set_anew(self, i):
        """Rings, lengths, what the card does by itself, down and up: a card that begins anew loses what it holds."""
        lossy(self.streams)
        for n, line in enumerate(SETTING):
            self.pour(40)
            line = line.format(i=(i + n) % 2, ring=RINGS[(i + n) % len(RINGS)])
            self.m.command(line)
            bad = self.m.command("echo $?")
            if bad != "0":
                raise Failure(f"{line}: ends with {bad}")
        self.pour(40)
        woken(self.a, self.b, self.streams)
        through(self.streams)


STEERING = ["echo 3 > {q}/rps_cpus", "echo 1 > /sys/class/net/eth{i}/threaded", "echo 4096 > {q}/rps_flow_cnt",
            "echo 2 > {q}/rps_cpus", "echo 0 > /sys/class/net/eth{i}/threaded", "echo 0 > {q}/rps_cpus",
            "sysctl -qw net.core.flow_limit_cpu_bitmap=3", "sysctl -qw net.core.flow_limit_cpu_bitmap=0",
            "sysctl -qw net.core.dev_weight=16 net.core.netdev_budget=64",
            "sysctl -qw net.core.dev_weight=64 net.core.netdev_budget=300"]

RINGS = [128, 256, 64]
SETTING = ["ethtool -G eth{i} rx {ring}", "ip link set eth{i} mtu 1400", "ethtool -K eth{i} gro off", "ethtool -G eth{i} tx {ring}",
           "ip link set eth{i} mtu 1500", "ethtool -K eth{i} gro on", "ip link set eth{i} down; ip link set eth{i} up",
           "ethtool -K eth{i} gso off sg off tx off rx off", "ip link set eth{i} promisc on; ip link set eth{i} promisc off",
           "ethtool -K eth{i} gso on sg on tx on rx on", "ip link set eth{i} txqueuelen 50; ip link set eth{i} txqueuelen 1000",
           "ip link set eth0 mtu 1500; ip link set eth1 mtu 1500"]


def looped(card, name, seconds):
    """The loop's part of that name, or all in turn."""
    with Bench(CARDS[card], cpus=2, limit=LIMIT) as (m, a, b):
        loop = Loop(m, a, b)
        parts = [loop.flap, loop.steer, loop.set_anew] if name == "mixed" else [getattr(loop, name)]
        done = rounds(m, seconds, lambda i: [part(i) for part in parts])
        told_of(f"{card} {name}", m, done)
        if name == "steer" and set(dropped(m)) != {"0" * 16}:
            raise Failure("softnet_stat:\n" + m.command("cat /proc/net/softnet_stat"))
        emptied(m, a, b, loop.streams)


# ---- the flood ----

COUNTING = "awk 'BEGIN { for (i = 0; i < 100000; i++) x += i; print x }'", "4999950000"


def pour_out(wire, frame, sent, stop):
    """As fast as it goes, until it is told to end."""
    while not stop.value:
        for _ in range(64):
            try:
                wire.send(frame)
            except OSError:  # QEMU has not taken the last ones
                continue
        sent.value += 64


def count(m, eth, name):
    return int(m.command(f"cat /sys/class/net/eth{eth}/statistics/{name}"))


def squeezed(m):
    """Turns of softirqs that ended with work left over."""
    return sum(int(line.split()[2], 16) for line in m.command("cat /proc/net/softnet_stat").split("\n"))


def flood(card, cpus):
    """Both at once: frames without end, and a task that counts; then the console alone. What came in meanwhile says that
    there was a flood, and what went out that it was forwarded."""
    with Bench(CARDS[card], cpus=cpus, limit=LIMIT) as (m, a, b):
        joined(m)
        wake(a, b)
        sent, stop = multiprocessing.Value("Q", 0, lock=False), multiprocessing.Value("b", 0, lock=False)
        source = multiprocessing.Process(target=pour_out, args=(a, ipv4(0, 1), sent, stop))
        source.start()
        try:
            report = flooded(m, sent)
        finally:
            stop.value = 1
            source.join()
        print(f"# {card} flood, {cpus} CPUs: {report}", flush=True)
        while b.receive(0.3):
            pass
        through([Stream(a, b), Stream(b, a)])


def flooded(m, sent):
    came, went, turns, begun = count(m, 0, "rx_packets"), count(m, 1, "tx_packets"), squeezed(m), sent.value
    for i in range(10 if LONG else 3):
        line, answer = COUNTING
        got = m.command(line, 120)
        if got != answer:
            raise Failure(f"counted under a flood: {got!r}, not {answer}")
        got = m.command(f"echo here-{i}", 60)
        if got != f"here-{i}":
            raise Failure(f"the console says {got!r} under a flood")
    came, went = count(m, 0, "rx_packets") - came, count(m, 1, "tx_packets") - went
    if came < 1000 or went < 1000:
        raise Failure(f"{sent.value - begun} frames were sent meanwhile, {came} came in and {went} went out")
    return f"{sent.value - begun} frames sent, {came} came in, {went} went out, {squeezed(m) - turns} turns squeezed"


def main():
    report = Report()
    for card in CARDS:
        for name in ("flap", "steer", "set_anew"):
            report.run(f"{card}_{name}", looped, card, name, EACH_S)
        for cpus in (1, 2):
            report.run(f"{card}_flood_{cpus}", flood, card, cpus)
    for card in CARDS if LONG else ():
        report.run(f"{card}_mixed", looped, card, "mixed", MIXED_S)
    report.end()


if __name__ == "__main__":
    main()
