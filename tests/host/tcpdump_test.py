#!/usr/bin/env python3
"""Weir's tcpdump beside Debian's: that what is committed under tests/tcpdump is what Debian's makes today, and that both
print the same bytes, times and filtered packets of the same file. Skipped without Debian's."""
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from report import Report  # noqa: E402

WEIR, DATA = ROOT / "build/host/weir", ROOT / "tests/tcpdump"
ENV = dict(os.environ, TZ="UTC")
# Of these each prints every line alike. (Of a frame that is cut in its headers, tcpdump's -x shows the link header too.)
ALIKE = "(arp or (icmp and not host 127.0.0.1) or udp port 53 or udp port 2000 or (ip6 and tcp) or tcp port 443 or vlan) and " \
        "greater 60"
# What one meets at a router: of these, too.
ROUTER = "(ip proto 47 or sctp or ip proto 89 or vrrp or igmp or udp port 67 or udp port 547 or udp port 4789 or " \
         "ether proto 0x8863 or ether proto 0x8864 or ether proto 0x8847 or ether proto 0x88cc or ether proto 0x88b5) and " \
         "greater 61"
FORMS = ["", "-t", "-tt", "-ttt", "-tttt", "-ttttt", "-S", "-e", "-q", "-x", "-xx", "-X", "-XX", "-A", "-e -x", "-c 7", "-tttt -xx -c 3"]


def theirs(*words, file="packets.pcap"):
    return subprocess.run(["tcpdump", "-nn", "-r", DATA / file, *words], capture_output=True, text=True, check=False, env=ENV,
                          encoding="latin-1").stdout


def ours(folder, line, file="packets.pcap"):
    script = folder / "script"
    script.write_text(f"tcpdump -nn -r - {line}\n")
    with open(DATA / file, "rb") as f:
        return subprocess.run([str(WEIR), "run", str(script)], stdin=f, capture_output=True, check=False, timeout=60).stdout.decode("latin-1")


def committed(report, folder):
    subprocess.run([sys.executable, DATA / "generate.py", folder], check=True)
    for path in sorted(folder.iterdir()):
        report.check(f"tcpdump_makes_{path.stem}", filecmp.cmp(path, DATA / path.name, shallow=False),
                     f"tests/tcpdump/{path.name} is not what generate.py and this tcpdump make")


def main():
    report = Report()
    if not shutil.which("tcpdump"):
        report.skip("tcpdump", "Debian's tcpdump is not installed")
        report.end()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "made"
        folder.mkdir()
        committed(report, folder)
        for form in FORMS:
            for kind, which in (("", ALIKE), ("_router", ROUTER)):
                a, b = theirs(*form.split(), which), ours(Path(name), f"{form} '{which}'")
                report.check(f"tcpdump{kind}_" + (form.replace(" ", "") or "plain"), a == b and a,
                             "\n".join(f"tcpdump: {x}\nWeir:    {y}" for x, y in zip(a.splitlines(), b.splitlines()) if x != y)[:2000])
        for form in FORMS:  # of all interfaces
            form += " greater 50" if form else ""
            a, b = theirs(*form.split(), file="cooked.pcap"), ours(Path(name), form, "cooked.pcap")
            report.check("tcpdump_cooked_" + (form.replace(" ", "") or "plain"), a == b and a, f"tcpdump:\n{a}\nWeir:\n{b}"[:2000])
        wrote = ours(Path(name), "-w - icmp or ip6", "cooked.pcap").encode("latin-1")
        kept = subprocess.run(["tcpdump", "-w", "-", "-r", DATA / "cooked.pcap", "icmp or ip6"], capture_output=True, check=False).stdout
        report.check("tcpdump_writes_the_same_file", wrote == kept and kept, f"tcpdump: {kept.hex()}\nWeir:    {wrote.hex()}")
    report.end()


if __name__ == "__main__":
    main()
