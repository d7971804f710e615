#!/usr/bin/env python3
"""What the benchmarks and the lab read and reckon: texts of a guest, symbols, packages; and that namespaces go away."""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "bench")]
import frames  # noqa: E402
import insn  # noqa: E402
import netns  # noqa: E402
import peer  # noqa: E402
import profile  # noqa: E402
import rig  # noqa: E402
import wire  # noqa: E402
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402

INTERRUPTS = """           CPU0       CPU1
  4:       1000          0   IO-APIC   4-edge      ttyS0
 25:         10          5   PCI-MSI 16385-edge      virtio0-input.0
LOC:        300          1   Local timer interrupts
ERR:          2
"""
SOFTIRQS = """                    CPU0       CPU1
          HI:          0          0
      NET_RX:         40          2
"""


def same(got, wanted):
    if got != wanted:
        raise Failure(f"{got!r}, not {wanted!r}")


def refused(function, *args):
    try:
        function(*args)
    except Failure:
        return
    raise Failure("was not refused")


# ---- texts ----

def guest_texts():
    same(rig.interrupts(INTERRUPTS), 10 + 5 + 300 + 1 + 2)
    same(rig.interrupts(""), 0)
    same(rig.softirqs(SOFTIRQS), {"HI": 0, "NET_RX": 42})
    same(frames.fields("sent=10 refused=0 received=9 seconds=1.500"),
         {"sent": 10, "refused": 0, "received": 9, "seconds": 1.5})


def tables():
    figures = {"weir": rig.Figure(315.4, 32.44, 0.0201), "linux": rig.Figure(3861.0, 62.6, 0.024)}
    same(wire.TABLE.row("e1000", 1, "busy", figures, ["weir", "linux"]),
         "| e1000 | 1 | a frame, 60,000 a second offered | 315 | 32.4 | 0.020 | 3,861 | 62.6 | 0.024 | <= 350 |")
    same(wire.TABLE.row("virtio-net-pci", 2, "tcp", {"linux": rig.Figure(0.3)}, ["weir", "linux"]),
         "| virtio-net-pci | 2 | a byte of TCP | - |  |  | 0.300 |  |  | <= 0.05 |")
    for what in wire.WHAT:
        same(wire.TABLE.row("e1000", 1, what, {}, ["weir", "linux"]).count("|"),
             wire.TABLE.heading(["weir", "linux"]).splitlines()[0].count("|"))


def symbols():
    listing = "ffffffff80000010 T first\nffffffff80000030 t second\n                 U absent\n0000000000000008 D data\n"
    same(insn.named(listing), {"first": 0xffffffff80000010, "second": 0xffffffff80000030, "data": 8})
    text = insn.Text(insn.named(listing, "tT"))
    same(text.base, 0xffffffff80000010)
    before = [0] * 64
    after = [7] + [0] * 15 + [2] + [0] * 15 + [5] + [0] * 31  # at first, in its middle, at second
    same(text.by_function(before, after), {"first": 9, "second": 5})
    same(text.by_function(after, after), {})


def profiles():
    same(profile.table(10, 200, {"a": 100, "b": 60, "c": 20, "d": 10}, 2)[2:],
         ["| 10.0 | 50.0 % | a |", "| 6.0 | 30.0 % | b |", "| 3.0 | 15.0 % | (2 more) |", "| 1.0 | 5.0 % | (elsewhere) |",
          "| 20.0 | | all, 10 times |"])


# ---- the Linux peer ----

def modules():
    same(peer.depends(b"\0license=GPL\0depends=net_failover,virtio\0name=x\0"), ["net_failover", "virtio"])
    same(peer.depends(b"\0depends=\0"), [])
    files = {"a": b"\0depends=b,c-d\0", "b": b"\0depends=c_d\0", "c_d": b"\0depends=built_in\0"}
    same(list(peer.load_order(["a", "b"], files.get)), ["c_d", "b", "a"])


def packages():
    same(peer.first_dependency("linux-image-amd64\n  Depends: linux-image-6.1.0-1-amd64\n"), "linux-image-6.1.0-1-amd64")
    refused(peer.first_dependency, "N: no such package\n")
    refused(peer.tool, "no-such-tool")


def archives():
    archive = peer.cpio({"init": (0o100755, b"#!/bin/sh\n"), "dir": (0o40755, b""), "five": (0o100644, b"12345")})
    same(len(archive) % 4, 0)
    same(re.findall(rb"070701[0-9a-f]{104}([^\0]+)\0", archive), [b"init", b"dir", b"five", b"TRAILER!!!"])


# ---- make ----

def parts_of_make():
    """B= chooses a part; the folder of what is built stays what it is."""
    r = subprocess.run(["make", "-n", "bench", "B=wire", "NODEPS=1"], cwd=TESTS.parent, capture_output=True, text=True,
                       check=False)
    if "tests/bench/bench.py wire\n" not in r.stdout or re.search(r"\bwire/", r.stdout):
        raise Failure(f"status {r.returncode}\n{r.stdout}{r.stderr}")
    r = subprocess.run([str(TESTS / "bench/bench.py"), "nonsense"], capture_output=True, text=True, check=False)
    same((r.returncode, "nonsense" in r.stderr), (2, True))
    for words in (["wire.py", "nonsense"], ["wire.py", "--cards", "e1001"], ["profile.py", "--card", "e1001"]):
        same(subprocess.run([str(TESTS / "bench" / words[0]), *words[1:]], capture_output=True, check=False).returncode, 2)


# ---- namespaces ----

def leftovers():
    listed = "weir-12-client (id: 3)\nweir-12-server\nother\nweir-13-server\n\nweir-x-client\n"
    janitors = [["sh", "-c", "...", "janitor", "weir-12-client", "weir-12-server"], ["vi", "weir-13-server"], [""]]
    same(netns.leftover(listed, janitors), ["weir-13-server"])
    same(netns.leftover("", []), [])


def until_gone(names):
    until = time.monotonic() + 20 * SLOW
    while left := set(names) & set(netns.run("ip", "netns", "list").split()):
        if time.monotonic() > until:
            raise Failure(f"left behind: {left}")
        time.sleep(0.05)


def exist(names):
    same(sorted(set(names) & set(netns.run("ip", "netns", "list").split())), sorted(names))


MAKER = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
import netns
with netns.Between() as net:
    print(net.client.name, net.server.name, net.janitor.pid, flush=True)
    sys.stdin.read()
"""


def killed_maker():
    """Its namespaces go with it; those of one whose janitor was killed too, with the next that makes some."""
    for janitor_too in (False, True):
        p = subprocess.Popen([sys.executable, "-c", MAKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        *names, janitor = p.stdout.readline().split()
        exist(names)
        if janitor_too:
            os.kill(int(janitor), signal.SIGKILL)
        p.kill()
        p.communicate()
        if janitor_too:
            exist(names)
            with netns.Between():
                pass
        until_gone(names)


def wires():
    """The two taps, the socket of a namespace, and frames through a copier in the place of a machine."""
    with netns.Between() as net:
        exist([net.client.name, net.server.name])
        net.client.address("10.1.0.2/24")
        net.server.address("10.1.0.3/24")
        copied = []
        told = frames.send(net, (net.server.mac(), "10.1.0.2", "10.1.0.3"), "-w", "4", "-n", "102",
                           beside=lambda p: copied.append(copy(net.fds, p)))
        # every tenth is lost on the way: the closed loop waits for it and goes on
        same({k: told[k] for k in ("sent", "received", "lost", "again", "reordered")},
             {"sent": 102, "received": 92, "lost": 10, "again": 0, "reordered": 0})
        same(copied, [102])
        refused(frames.send, net, ("not-a-mac", "10.1.0.2", "10.1.0.3"), "-w", "1")
        refused(frames.send, net, (net.server.mac(), "10.1.0.2", "10.1.0.3"))


def copy(fds, process):
    """From one tap to the other until the process ends, but for every tenth UDP frame; how many UDP frames there were."""
    seen, until = 0, time.monotonic() + 60 * SLOW
    while process.poll() is None and time.monotonic() < until:
        try:
            frame = os.read(fds[0], 2048)
        except BlockingIOError:
            time.sleep(0.001)
            continue
        udp = frame[22:24] == b"\x08\x00" and frame[33] == 17  # behind 10 bytes of virtio's header
        seen += udp
        if not udp or seen % 10:
            os.write(fds[1], frame)
    return seen


def main():
    report = Report()
    for test in (guest_texts, tables, symbols, profiles, modules, packages, archives, leftovers, parts_of_make):
        report.run(f"bench_{test.__name__}", test)
    why = netns.missing()
    for test in (killed_maker, wires):
        if why:
            report.skip(f"netns_{test.__name__}", why)
        else:
            report.run(f"netns_{test.__name__}", test)
    report.end()


if __name__ == "__main__":
    main()
