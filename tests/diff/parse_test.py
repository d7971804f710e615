#!/usr/bin/env python3
"""Packets of every shape that skb_parse knows, and the same with bytes changed, through it (parse_dump) and through tshark:
where Weir finds a packet good, both must see the same headers at the same places, the same ports and types.

What Weir refuses tshark may still explain: a dissector shows what it can. So of packets that were built whole, Weir must
refuse none."""
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD  # noqa: E402
from report import Report  # noqa: E402

DUMP = BUILD / "diff" / "parse_dump"
WHOLE, CHANGED = 2000, 2000
TCP, UDP, ICMP, ICMP6, SCTP = 6, 17, 1, 58, 132


def summed(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def l4(rnd, v6):
    """(protocol, bytes). Ports that no dissector of tshark's knows by number."""
    ports = struct.pack(">HH", rnd.randrange(61000, 65535), rnd.randrange(61000, 65535))
    payload = rnd.randbytes(rnd.choice((0, 1, 20, 100)))
    kind = rnd.choice((TCP, TCP, UDP, UDP, ICMP6 if v6 else ICMP, SCTP))
    if kind == TCP:
        options = b"\1" * (4 * rnd.randrange(0, 11))
        return kind, ports + struct.pack(">IIBBHHH", rnd.getrandbits(32), rnd.getrandbits(32), (5 + len(options) // 4) << 4,
                                         rnd.getrandbits(8), 512, 0, 0) + options + payload
    if kind == UDP:
        return kind, ports + struct.pack(">HH", 8 + len(payload), 0) + payload
    if kind == SCTP:
        return kind, ports + rnd.randbytes(8)
    echo = rnd.choice((128, 129) if v6 else (0, 8))
    return kind, struct.pack(">BBHHH", echo, 0, 0, rnd.getrandbits(16), 1) + payload


def ip4(rnd):
    proto, data = l4(rnd, False)
    options = b"\1" * (4 * rnd.choice((0, 0, 0, 1, 10)))
    frag = rnd.choice((0, 0x4000, 0, 0x4000, 0x2000, 0x2003, 0x0005))
    head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, rnd.getrandbits(8), 20 + len(options) + len(data),
                       rnd.getrandbits(16), frag, 64, proto, 0, rnd.randbytes(4), rnd.randbytes(4)) + options
    head = head[:10] + struct.pack(">H", summed(head)) + head[12:]
    return 0x0800, head + data


def ip6(rnd):
    """Extension headers are put in front, the last first."""
    proto, data = l4(rnd, True)
    for _ in range(rnd.choice((0, 0, 0, 1, 2, 3))):
        kind = rnd.choice((60, 60, 43, 44))
        if kind == 44:
            data = struct.pack(">BBHI", proto, 0, rnd.choice((0, 1, 0x21)), rnd.getrandbits(32)) + data
            proto = kind
            break
        body = b"\1\4\0\0\0\0" + b"\1\6\0\0\0\0\0\0" * rnd.randrange(0, 3) if kind == 60 else b"\0" * 6
        data = struct.pack(">BB", proto, (len(body) + 2) // 8 - 1) + body + data
        proto = kind
    if rnd.random() < 0.2:
        data, proto = struct.pack(">BB", proto, 0) + b"\x05\2\0\0\1\0" + data, 0  # hop by hop: router alert
    source, to = b"\x20\x01" + rnd.randbytes(14), b"\x20\x01" + rnd.randbytes(14)
    return 0x86DD, struct.pack(">IHBB", 0x60000000 | rnd.getrandbits(28), len(data), proto, 64) + source + to + data


def arp(rnd):
    return 0x0806, struct.pack(">HHBBH", 1, 0x0800, 6, 4, rnd.choice((1, 2))) + rnd.randbytes(20)


def frame(rnd):
    kind, data = rnd.choice((ip4, ip4, ip4, ip6, ip6, ip6, arp))(rnd)
    tags = b"".join(struct.pack(">HH", t, rnd.getrandbits(12)) for t in rnd.choice(((), (), (0x8100,), (0x88A8, 0x8100))))
    whole = b"\2\0\0\0\0\2\2\0\0\0\0\1" + tags + struct.pack(">H", kind) + data
    return whole + b"\0" * max(0, rnd.choice((0, 60)) - len(whole))


def changed(rnd, data):
    data = bytearray(data)
    for _ in range(rnd.randrange(1, 3)):
        data[rnd.randrange(12, len(data))] = rnd.getrandbits(8)
    return bytes(data[:rnd.randrange(14, len(data))] if rnd.random() < 0.2 else data)


def write_pcap(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for data in frames:
            f.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)


def seen_by_tshark(path):
    """For each packet what parse_dump prints, its number apart."""
    words = ["tshark", "-n", "-r", str(path), "-T", "pdml"]
    for option in ("ip.defragment", "ipv6.defragment", "tcp.desegment_tcp_streams", "tcp.relative_sequence_numbers"):
        words += ["-o", option + ":FALSE"]
    text = subprocess.run(words, capture_output=True, text=True, timeout=300, check=True).stdout
    return [line_of(packet) for packet in text.split("<packet>")[1:]]


def line_of(packet):
    """The first header of each floor: what ICMP quotes stands behind."""
    protos = [(m.group(1), int(m.group(2)), m.start()) for m in
              re.finditer(r'<proto name="([\w.]+)"[^>]*? pos="(\d+)"', packet)]
    malformed = any(name in ("_ws.malformed", "_ws.unreassembled") for name, _, _ in protos)
    l3 = next(((name, pos) for name, pos, _ in protos if name in ("ip", "ipv6", "arp")), ("-", "-"))
    found = next(((name, pos, at) for name, pos, at in protos if name in ("tcp", "udp", "icmp", "icmpv6")), None)
    if not found:
        return malformed, [str(l3[1]), "-", l3[0], "-", "-", "-"]
    name, pos, at = found
    names = ("srcport", "dstport") if name in ("tcp", "udp") else ("type", "code")
    values = [re.search(rf'<field name="{name}\.{n}"[^>]*? show="(\d+)"', packet[at:]) for n in names]
    return malformed, [str(l3[1]), str(pos), l3[0], name, *(v.group(1) if v else "?" for v in values)]


def compare(report, frames, whole):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frames.pcap"
        write_pcap(path, frames)
        with open(path, "rb") as f:
            ours = subprocess.run([str(DUMP)], stdin=f, capture_output=True, text=True, timeout=60, check=True).stdout
        theirs = seen_by_tshark(path)
    lines = [line.split() for line in ours.splitlines()]
    name = "whole packets" if whole else "changed packets"
    wrong, good = [], 0
    for i, (line, (malformed, want)) in enumerate(zip(lines, theirs)):
        if line[0] != "0":
            if whole:
                wrong.append(f"{frames[i].hex()}: refused, reason {line[0]}")
            continue
        good += 1
        if line[1:7] != want and not (malformed and not whole):
            wrong.append(f"{frames[i].hex()}\n  Weir   {' '.join(line[1:7])}\n  tshark {' '.join(want)}")
    report.check(f"{name}: all {len(frames)} looked at", len(lines) == len(theirs) == len(frames),
                 f"{len(frames)} packets, {len(lines)} and {len(theirs)} lines")
    report.check(f"{name}: enough of them good", good > len(frames) // (2 if whole else 5), f"{good} of {len(frames)}")
    report.check(f"{name}: seen as tshark sees them", not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:5]))


def main():
    report = Report()
    if not shutil.which("tshark"):
        report.skip("parse against tshark", "no tshark (Debian: tshark)")
    elif not DUMP.exists():
        report.fail("parse against tshark", f"{DUMP} was not built")
    else:
        rnd = random.Random(1)
        compare(report, [frame(rnd) for _ in range(WHOLE)], True)
        compare(report, [changed(rnd, frame(rnd)) for _ in range(CHANGED)], False)
    report.end()


if __name__ == "__main__":
    main()
