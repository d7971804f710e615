#!/usr/bin/env python3
"""Two cards joined and everything about them changed without end, frames flowing both ways: what must hold after hours
is that every flow is in order, that nothing is left over, and that it still forwards.

A few seconds of each; with TEST_LONG a minute of flaps and ten of mixed load for each card. What a loop costs in memory
is asked of the machine itself: MemFree after the first rounds, when every pool has what it needs, and at the end."""
import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import Bench, Stream, joined, wake  # noqa: E402

CARDS = {"virtio": "virtio-net-pci", "e1000": "e1000"}
FLAP_S, SOAK_S = (60, 600) if os.environ.get("TEST_LONG") else (4, 8)
WARM = 3  # rounds before memory is looked at
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


def rounds(m, seconds, one):
    """one(i) for so long, at least WARM + 2 times; what they cost in memory."""
    until, i, before = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until or i < WARM + 2:
        one(i)
        i += 1
        if i == WARM:
            before = free_kb(m)
    lost = before - free_kb(m)
    if lost > SLACK:
        raise Failure(f"{lost} kB of memory are gone after {i - WARM} rounds")
    return i


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


def flaps(card):
    """The cable goes and comes, the two are parted and joined again."""
    with Bench(CARDS[card], cpus=2, limit=150 + 2 * FLAP_S) as (m, a, b):
        joined(m)
        wake(a, b)
        quiet(m, "sysctl -qw kernel.printk=4")  # the console is for us alone
        streams = [Stream(a, b), Stream(b, a)]

        def one(i):
            lossy(streams)
            name = f"nic{i % 2}"
            for up, word in ((False, "down"), (True, "up")):
                for s in streams:
                    s.pour(60)
                m.monitor.do("set_link", name=name, up=up)
                told(m, f"eth{i % 2}: link {word}")
            for s in streams:
                s.pour(60)
            quiet(m, "weir xconnect del eth0")
            quiet(m, "weir xconnect eth0 eth1")
            through(streams)

        rounds(m, FLAP_S * SLOW, one)


CHANGES = ["echo 3 > {q}/rps_cpus", "echo 1 > /sys/class/net/eth{i}/threaded", "echo 4096 > {q}/rps_flow_cnt",
           "echo 2 > {q}/rps_cpus", "echo 0 > /sys/class/net/eth{i}/threaded", "echo 0 > {q}/rps_cpus",
           "sysctl -qw net.core.flow_limit_cpu_bitmap=3", "sysctl -qw net.core.flow_limit_cpu_bitmap=0",
           "sysctl -qw net.core.dev_weight=16 net.core.netdev_budget=64",
           "sysctl -qw net.core.dev_weight=64 net.core.netdev_budget=300"]


def soak(card):
    """Nothing is lost here: steering, tasks that poll, interrupts that move, a busy console beside them."""
    with Bench(CARDS[card], cpus=2, limit=150 + 2 * SOAK_S) as (m, a, b):
        joined(m)
        wake(a, b)
        streams = [Stream(a, b), Stream(b, a)]
        irqs = re.findall(r"(?m)^ *(\d+):.* eth\d", m.command("cat /proc/interrupts"))

        def one(i):
            for n, line in enumerate(CHANGES):
                for s in streams:
                    s.pour(150)
                eth = (i + n) % 2
                quiet(m, line.format(i=eth, q=f"/sys/class/net/eth{eth}/queues/rx-0"))
                quiet(m, f"echo {(i + n) // 2 % 2} > /proc/irq/{irqs[n % len(irqs)]}/smp_affinity_list")
            for s in streams:
                s.end()

        rounds(m, SOAK_S * SLOW, one)
        if set(dropped(m)) != {"0" * 16}:
            raise Failure("softnet_stat:\n" + m.command("cat /proc/net/softnet_stat"))


def main():
    report = Report()
    for card in CARDS:
        report.run(f"{card}_flaps", flaps, card)
        report.run(f"{card}_soak", soak, card)
    report.end()


if __name__ == "__main__":
    main()
