#!/usr/bin/env python3
"""Two virtio-net joined: each feature off and on, both ring forms, with and without messages, over PCI and mmio; flaps,
a reset by the host's wish, two CPUs with a pair of queues each."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from report import Failure, Report  # noqa: E402
from wires import Bench, cross, joined, wake  # noqa: E402

PCI = "virtio-net-pci"
LENGTHS = [60, 1514, 61, 128, 1500] + [60 + 7 * i % 1454 for i in range(300)]
FEATURES = ["csum", "guest_csum", "gso", "host_tso4", "guest_tso4", "mrg_rxbuf", "status", "ctrl_vq", "ctrl_rx",
            "ctrl_mac_addr", "guest_announce", "indirect_desc", "event_idx", "queue_reset"]


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


def without_a_wire():
    """The user backend: nobody there, and no header of the host's either. It comes up."""
    with Bench(PCI, more=["-netdev", "user,id=u,restrict=on", "-device", "virtio-net-pci,netdev=u"]) as (m, a, b):
        joined(m)
        wake(a, b)
        told = m.command("dmesg")
        if len(re.findall("virtio_net", told)) != 3:
            raise Failure(f"not three of them:\n{told}")
        cross(a, b, [60] * 50)


def main():
    report = Report()
    for f in FEATURES:
        report.run(f"without_{f}", through, f"{PCI},{f}=off", [60, 1514] * 40)
    report.run("without_any", through, ",".join([PCI] + [f"{f}=off" for f in FEATURES]))
    for packed in ("off", "on"):
        for vectors in (0, 1, 4):
            report.run(f"packed_{packed}_vectors_{vectors}", through, f"{PCI},packed={packed},vectors={vectors}")
    report.run("modern_only", through, f"{PCI},disable-legacy=on")
    report.run("two_cpus", lambda: through(PCI, [60 + i % 1400 for i in range(2000)], cpus=2))
    report.run("pc_seabios", lambda: through(PCI, machine="pc", firmware="seabios"))
    report.run("ovmf", lambda: through(PCI, firmware="ovmf-iso"))
    report.run("microvm", lambda: through("virtio-net-device", machine="microvm",
                                          more=["-global", "virtio-mmio.force-legacy=false"]))
    report.run("socket", lambda: through(PCI, backend="socket"))
    report.run("without_vlan", through, f"{PCI},ctrl_vlan=off", [60, 1514] * 40)
    report.run("four_cpus", lambda: through(PCI, [60 + i % 1400 for i in range(2000)], cpus=4))
    report.run("flap", flap)
    report.run("announced", announced)
    report.run("without_a_wire", without_a_wire)
    report.end()


if __name__ == "__main__":
    main()
