#!/usr/bin/env python3
"""Weir without a configuration, before QEMU's own DHCP server: the first card gets an address, the console says why, and
the gateway answers a ping. With ip=off nothing happens."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, Machine  # noqa: E402
from report import Failure, Report  # noqa: E402

CARDS = ("virtio-net-pci", "e1000")


def net(card):
    return ["-netdev", "user,id=n0,net=10.0.2.0/24,dhcpstart=10.0.2.15", "-device", f"{card},netdev=n0"]


def address(card):
    with Machine(append="ip=dhcp", extra=net(card)) as m:
        m.expect(r"no configuration was given: eth0 asks for an address by DHCP")
        m.expect(r"eth0: 10\.0\.2\.15/24 by DHCP from 10\.0\.2\.2, for 86400 s, gateway 10\.0\.2\.2, DNS 10\.0\.2\.3", 40)
        for line, said in (("ip addr show dev eth0", "inet 10.0.2.15/24 brd 10.0.2.255 scope global dynamic eth0"),
                           ("cat /etc/resolv.conf", "nameserver 10.0.2.3"),
                           ("ping -c 2 -i 0.2 10.0.2.2", "2 packets transmitted, 2 received, 0% packet loss"),
                           ("dhclient -v -r eth0", "DHCPRELEASE of 10.0.2.15 on eth0 to 10.0.2.2 port 67")):
            m.type(line + "\r")  # a log line may have come behind the prompt
            m.expect(re.escape(said))


def nothing():
    with Machine(append="ip=off", extra=net(CARDS[0])) as m:
        m.ready()
        if "UP" in m.command("ip link show dev eth0").split(">")[0] or "no configuration" in m.text():
            raise Failure("it did something with ip=off:\n" + m.text())


def main():
    report = Report()
    if not (BUILD / "weir.elf").exists():
        report.fail("dhcp", "build/weir.elf was not built")
        report.end()
    for card in CARDS:
        report.run(f"dhcp_{card}", address, card)
    report.run("dhcp_off", nothing)
    report.end()


if __name__ == "__main__":
    main()
