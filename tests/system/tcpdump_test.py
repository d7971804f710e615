#!/usr/bin/env python3
"""tcpdump at the console of a booted Weir while frames cross it, and a capture over the second serial port that
Debian's tcpdump reads."""
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tcpdump"))
import generate  # noqa: E402
from qemu import AGAIN, SLOW, plain  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import Bench, cross, joined, wake  # noqa: E402

PING = generate.ip(1, generate.icmp(8, 0, struct.pack("!HH", 7, 1), bytes(56)))
SYN = generate.ip(6, generate.tcp(40000, 80, 2))
DNS = generate.ip(17, generate.udp(53000, 53, generate.dns(0x1234, 0x0100, "example.com")))
ARP = generate.arp(1, generate.A, "10.0.0.1", bytes(6), "10.0.0.2", dst=generate.ALL)
TAGGED = generate.tag(SYN, (0x8100, 5))
LINES = {
    "ping": (PING, "IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 7, seq 1, length 64"),
    "syn": (SYN, "IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 512, length 0"),
    "dns": (DNS, "IP 10.0.0.1.53000 > 10.0.0.2.53: 4660+ A? example.com. (29)"),
    "arp": (ARP, "ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 46"),
}


class Capture:
    """One run of tcpdump at the console."""
    def __init__(self, m, line):
        self.m = m
        self.start = m.seen
        m.type(line + "\r")
        m.expect("listening on .* bytes")

    def end(self, interrupt=False):
        if interrupt:
            self.m.type("\x03")
        self.m.expect(AGAIN)
        return plain(self.m.log[self.start:self.m.seen].decode("utf-8", "replace"))

    def line(self, text):
        self.m.expect(re.escape(text))


def send(wire, *frames):
    for f in frames:
        wire.send(f)
        time.sleep(0.01)  # one after the other: the order of the lines is looked at


def want(text, *patterns):
    for p in patterns:
        if not re.search(p, text, re.M):
            raise Failure(f"{p!r} is not in\n{text}")


def lines(card):
    with Bench(card) as (m, a, b):
        joined(m)
        wake(a, b)
        c = Capture(m, "tcpdump -i eth0 -nn -t -c 4 not ether proto 0x8035 and not ether proto 0x88b5")
        send(a, *(frame for frame, _ in LINES.values()))
        text = c.end()
        at = 0
        for _, line in LINES.values():
            at = text.find("\n" + line + "\n", at) + 1
            if not at:
                raise Failure(f"{line!r} is not there, or not in its place:\n{text}")
        want(text, r"^tcpdump: verbose output suppressed, use -v\[v\]... for full protocol decode$",
             r"^listening on eth0, link-type EN10MB \(Ethernet\), snapshot length 262144 bytes$", r"^4 packets captured$",
             r"^4 packets received by filter$", r"^0 packets dropped by kernel$")
        filters(m, a)
        ways(m, a)
        tags(m, a, b)


def filters(m, a):
    c = Capture(m, "tcpdump -i eth0 -nn -t 'tcp[tcpflags] & tcp-syn != 0 or udp port 53'")
    send(a, PING, ARP, SYN, PING, DNS)
    c.line(LINES["syn"][1])
    c.line(LINES["dns"][1])
    text = c.end(interrupt=True)
    want(text, r"^2 packets captured$", r"^2 packets received by filter$")
    if "ICMP" in text or "ARP" in text:
        raise Failure(f"the filter lets through what it should not:\n{text}")
    out = m.command("tcpdump -i eth0 tcp prot 80")
    want(out, r"can't parse filter expression: ", r"^    tcp prot 80$", r"^        \^$")


def ways(m, a):
    """Both sides, by the names of the devices."""
    c = Capture(m, "tcpdump -i any -nn -t icmp")
    send(a, PING)
    c.line("eth0  P   " + LINES["ping"][1])
    c.line("eth1  Out " + LINES["ping"][1])
    want(c.end(interrupt=True), r"^2 packets captured$")
    c = Capture(m, "tcpdump -i eth1 -Q in -nn -t icmp")
    send(a, PING)
    want(c.end(interrupt=True), r"^0 packets captured$")


def tags(m, a, b):
    """A tag that the card took out is there for the filter and in the line; and the frame crosses with it."""
    while b.receive(0.3):
        pass
    c = Capture(m, "tcpdump -i eth0 -e -nn -t -c 1 vlan 5 and tcp")
    send(a, SYN, TAGGED)
    want(c.end(), r"^02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 802.1Q \(0x8100\), length 64: vlan 5, p 0, "
                  r"ethertype IPv4 \(0x0800\), 10.0.0.1.40000 > 10.0.0.2.80: Flags \[S\]", r"^1 packet captured$")
    if [b.receive(5 * SLOW), b.receive(5 * SLOW)] != [SYN, TAGGED]:
        raise Failure("the frames do not cross as they came")


def overload():
    """A small ring and a console that is slower than the frames: what is lost is told, and frames cross none the less."""
    with Bench("e1000") as (m, a, b):
        joined(m)
        wake(a, b)
        c = Capture(m, "tcpdump -i eth0 -B 1 -nn -vv -XX ether proto 0x88b5")
        cross(a, b, [1400] * 2000)
        m.type("\x03")
        m.expect(r"(\d+) packets captured", 60)
        got = plain(m.log[c.start:].decode("utf-8", "replace"))
        m.expect(r"(\d+) packets received by filter")
        dropped = int(m.expect(r"(\d+) packets dropped by kernel").group(1))
        m.expect(AGAIN)
        if not dropped:
            raise Failure(f"nothing was dropped:\n{got[-400:]}")
        if m.command("echo here") != "here":
            raise Failure("the console does not answer")


def serial():
    """-w - goes over the second serial port, and is what Debian's tcpdump reads."""
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/port"
        more = ["-chardev", f"socket,id=second,path={path},server=on,wait=off", "-serial", "chardev:second"]
        with Bench("e1000", more=more) as (m, a, b):
            port = socket.socket(socket.AF_UNIX)
            port.connect(path)
            joined(m)
            wake(a, b)
            c = Capture(m, "tcpdump -i eth0 -c 5 -w - not ether proto 0x8035 and not ether proto 0x88b5")
            send(a, PING, SYN, DNS, ARP, TAGGED)
            want(c.end(), r"^5 packets captured$")
            data = b""
            port.settimeout(2 * SLOW)
            size = 24 + sum(16 + len(f) for f in (PING, SYN, DNS, ARP, TAGGED))
            while len(data) < size:
                data += port.recv(65536)
            port.close()
    pcap = data[:size]
    at = 24
    for frame in (PING, SYN, DNS, ARP, TAGGED):
        if pcap[at + 16:at + 16 + len(frame)] != frame:
            raise Failure(f"the capture does not hold the frame that was sent: {pcap[at:at + 80].hex()}")
        at += 16 + len(frame)
    read_by_tcpdump(pcap)


def read_by_tcpdump(pcap):
    if not shutil.which("tcpdump"):
        return
    with tempfile.NamedTemporaryFile(suffix=".pcap") as f:
        f.write(pcap)
        f.flush()
        r = subprocess.run(["tcpdump", "-nn", "-t", "-r", f.name], capture_output=True, text=True, check=False)
    told = [line for line in r.stdout.splitlines() if line]
    wanted = [LINES[k][1] for k in ("ping", "syn", "dns", "arp", "syn")]
    if r.returncode or told != wanted:
        raise Failure(f"tcpdump reads of it\n{r.stdout}{r.stderr}")


def pour(m, here, there, pattern):
    """Frames until the console says this: the reader may lose some, so their number is not known."""
    until = time.monotonic() + 60 * SLOW
    while not re.search(pattern.encode(), m.log[m.seen:]) and time.monotonic() < until:
        cross(here, there, [1514] * 200)
        m.read(0)
    m.expect(pattern)


def files():
    """To RAM and back; and a file that grows too large says so."""
    with Bench("e1000") as (m, a, b):
        joined(m)
        wake(a, b)
        c = Capture(m, "tcpdump -i eth0 -c 2 -w /tmp/a.pcap icmp or arp")
        send(a, SYN, PING, ARP)
        want(c.end(), r"^2 packets captured$")
        out = m.command("tcpdump -nn -t -r /tmp/a.pcap")
        want(out, "^" + re.escape(LINES["ping"][1]) + "$", "^" + re.escape(LINES["arp"][1]) + "$")
        while b.receive(0.3):
            pass
        c = Capture(m, "tcpdump -i eth0 -w /tmp/b.pcap")
        pour(m, a, b, r"tcpdump: /tmp/b.pcap: no room: files in RAM have 4 MiB together; the capture ends")
        m.expect(AGAIN)
        out = m.command("tcpdump -i eth0 -w -")
        want(out, r"tcpdump: -w -: a terminal shows no pcap, and there is no second serial port for it")
        want(m.command("tcpdump -D"), r"^2.eth0 \[Up, Running, Connected\]$", r"^4.any ")
        deep = "(" * 10 + "tcp[" + "(" * 8 + "13" + ")" * 8 + "] = 1" + ")" * 10
        want(m.command(f"tcpdump -d '{deep}'"), r"ret      #262144$")  # as deep as it goes, on a task's stack
        want(m.command(f"tcpdump -d '({deep})'"), r"more than 20 levels within each other")
        want(m.command("tcpdump -d arp"), r"^\(001\) jeq      #0x806           jt 2\s+jf 3$")


def two_cpus():
    with Bench("virtio-net-pci", cpus=2) as (m, a, b):
        joined(m)
        wake(a, b)
        c = Capture(m, "tcpdump -i any -nn -q -t -c 400 ether proto 0x88b5")
        cross(a, b, [60 + i % 1400 for i in range(200)])
        want(c.end(), r"^400 packets captured$", r"^0 packets dropped by kernel$")


def main():
    report = Report()
    report.run("lines_e1000", lambda: lines("e1000"))
    report.run("lines_virtio", lambda: lines("virtio-net-pci"))
    report.run("overload", overload)
    report.run("serial", serial)
    if not shutil.which("tcpdump"):
        report.skip("serial_read_by_tcpdump", "tcpdump is not installed")
    report.run("files", files)
    report.run("two_cpus", two_cpus)
    report.end()


if __name__ == "__main__":
    main()
