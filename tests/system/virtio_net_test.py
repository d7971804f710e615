#!/usr/bin/env python3
"""Two virtio-net joined: both ring forms, with and without messages, over PCI and mmio; flaps, a reset by the host's
wish, two CPUs with a pair of queues each. Its features are virtio_feature_test.py's."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from report import Failure, Report  # noqa: E402
from wires import Bench, cross, joined, wake  # noqa: E402

PCI = "virtio-net-pci"
LENGTHS = [60, 1514, 61, 128, 1500] + [60 + 7 * i % 1454 for i in range(300)]


def through(card, lengths=(), cpus=1, **kind):
    with Bench(card, cpus=cpus, **kind) as (m, a, b):
        joined(m)
        wake(a, b)
        cross(a, b, lengths or LENGTHS)
        cross(b, a, lengths or LENGTHS)
        if m.command("echo here") != "here":
            raise Failure("the console does not answer")
        return m.command("dmesg")


def flap():
    with Bench(PCI) as (m, a, b):
        joined(m)
        wake(a, b)
        for _ in range(5):
            for up, state in ((False, "down"), (True, "up")):
                m.monitor.do("set_link", name="nic1", up=up)
                m.expect(f"eth1: link {state}")
            cross(a, b, [60] * 50)
            cross(b, a, [60] * 50)


def announced():
    """The host says that it moved us: the device is told that we heard, and goes on."""
    with Bench(PCI) as (m, a, b):
        joined(m)
        wake(a, b)
        m.monitor.do("announce-self", initial=50, max=100, rounds=2, step=10)
        cross(a, b, [60] * 300)
        cross(b, a, [60] * 300)


def main():
    report = Report()
    for packed in ("off", "on"):
        for vectors in (0, 1, 4):
            report.run(f"packed_{packed}_vectors_{vectors}", through, f"{PCI},packed={packed},vectors={vectors}")
    report.run("modern_only", through, f"{PCI},disable-legacy=on")
    report.run("two_cpus", lambda: through(PCI, [60 + i % 1400 for i in range(2000)], cpus=2))
    report.run("pc_seabios", lambda: through(PCI, machine="pc", firmware="seabios"))
    report.run("ovmf", lambda: through(PCI, firmware="ovmf-iso"))
    report.run("microvm", lambda: through("virtio-net-device", machine="microvm",
                                          more=["-global", "virtio-mmio.force-legacy=false"]))
    report.run("four_cpus", lambda: through(PCI, [60 + i % 1400 for i in range(2000)], cpus=4))
    report.run("flap", flap)
    report.run("announced", announced)
    report.end()


if __name__ == "__main__":
    main()
