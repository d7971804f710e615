#!/usr/bin/env python3
"""Types every line of commands.txt at Weir's console, in QEMU and in the hosted program, and looks at the answers.

The hosted program has no interrupts and no CPUs of its own: there, only the lines are typed that ask for none.
Interrupt 25 of the lines is one of this machine's: the number is exchanged for one that /proc/interrupts shows."""
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from boot_test import newc  # noqa: E402
from qemu import BUILD, PROMPT, SLOW, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402

LINES = Path(__file__).with_name("commands.txt")
BUILT = ["ground", "wire", "router"]
CPUS = r"(?m)^ +CPU0 +CPU1 *$"
NOTHING = r"\A\Z"
LINK = (r"\d+: {0}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo state UP mode DEFAULT group default qlen 1000\n"
        r"    link/ether 52:54:00:00:00:[0-9a-f]{{2}} brd ff:ff:ff:ff:ff:ff")
LO = (r"1: lo: <LOOPBACK> mtu 65536 qdisc noop state DOWN mode DEFAULT group default qlen 1000\n"
      r"    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00")
STATS = (r"\n    RX:  bytes packets errors dropped  missed   mcast           \n    ( *\d+ ){6}"
         r"\n    TX:  bytes packets errors dropped carrier collsns           \n    ( *\d+ ){6}")
NOT_HERE = r"\Anetlink error: cannot modify an unsupported parameter \(offset \d+\)\nnetlink error: Invalid argument\Z"
NUMBER = r"\A\d+\Z"

ROUTES = (r"\A10\.0\.0\.0/24 dev eth1 proto kernel scope link src 10\.0\.0\.2 \n"
          r"192\.168\.1\.0/24 dev eth0 proto kernel scope link src 192\.168\.1\.2 \n"
          r"192\.168\.2\.0/24 dev eth1 proto kernel scope link src 192\.168\.2\.2 ?\Z")
ROUTER = ("ip addr add 192.168.1.2/24 dev eth0; ip addr add 192.168.2.2/24 dev eth1; ip addr add 10.0.0.2/24 dev eth1")
NAMES = "# as in Linux: a number and a name\n100\tinternet\n200 internal\n"

# The line, and a regular expression that must be found in its answer.
ANSWERS = {
    "dmesg | grep conntrack": r"\A(.*conntrack.*\n?)*\Z",
    "cat /proc/interrupts": CPUS + r"(?s:.*)^ *\d+: +\d+ +\d+ +(IO-APIC|PCI-MSI|XT-PIC)(?s:.*)^ *LOC: +\d+ +\d+ +Local",
    "cat /proc/softirqs": CPUS + r"(?s:.*)^ +TIMER: +\d+ +\d+$(?s:.*)^ +NET_TX:(?s:.*)^ +NET_RX:(?s:.*)^ +RCU:",
    "cat /proc/interrupts | grep -E 'CPU|eth0'": r"(?m)\A +CPU0 +CPU1 *$(\n.*eth0.*)*\Z",
    "cat /proc/interrupts | grep eth0 | head -10": r"\A(.*eth0.*\n?)*\Z",
    "grep eth0 /proc/interrupts": r"\A(.*eth0.*\n?)*\Z",
    "echo 2 > /proc/irq/25/smp_affinity_list": r"Invalid argument|Value too large",  # there are CPUs 0 and 1
    "echo 0-7 > /proc/irq/25/smp_affinity_list": NOTHING,  # as in Linux: one of them is there
    "echo 1 > /proc/irq/25/smp_affinity": NOTHING,
    "cat /proc/irq/25/smp_affinity_list": r"\A[0-9,-]+\Z",
    "mpstat -P ALL 1 3": r"(?m)%usr +%nice +%sys +%iowait +%irq +%soft(?s:.*)^\d\d:\d\d:\d\d .*all( +\d+\.\d\d)+$"
                         r"(?s:.*)^Average: +all( +\d+\.\d\d)+$",
    "sar -n DEV 1 3": r"IFACE +rxpck/s +txpck/s +rxkB/s +txkB/s(?s:.*)Average: +IFACE.*\n(?s:.*)Average: +lo( +\d+\.\d\d){8}",
    "perf top": r"PerfTop: +\d+ irqs/sec",
    "perf record -a -g sleep 5": r"perf top",
    # An idle machine may have had no softirq at all in that time.
    "softirqs -d 1 3": r"(?s)Tracing soft irq event time\.\.\. Hit Ctrl-C to end\..*"
                       r"(no softirq ran|softirq = \w+.*: count +distribution.*\|\*+ *\|)",
    "watch -n1 'cat /proc/net/softnet_stat | head -1'":
        r"Every 1\.0s: cat /proc/net/softnet_stat \| head -1.*\n\n(([0-9a-f]{8} ?)+|.*No such file or directory)\n",
    "modprobe tcp_bbr": r"^modprobe: .*no modules.*`help`",
    "strace -p 1": r"^strace: .*`perf top`.*`dmesg`",
    "nsenter -t 12345 -n ip -s link": r"^nsenter: .*`ip -s link`",

    "cat /proc/net/dev": r"\AInter-\|   Receive .*\n face \|bytes .*compressed(\n +(lo|eth\d):( +\d+){16}){3}\Z",
    **{f"cat /sys/class/net/eth0/statistics/{name}": NUMBER
       for name in ("rx_packets", "tx_packets", "rx_dropped", "tx_dropped", "rx_fifo_errors")},
    "sysctl net.core.netdev_budget": r"\Anet.core.netdev_budget = 300\Z",
    "sysctl net.core.netdev_budget_usecs": r"\Anet.core.netdev_budget_usecs = 2000\Z",
    "sysctl -w net.core.netdev_budget=600": r"\Anet.core.netdev_budget = 600\Z",
    "sysctl -w net.core.netdev_budget_usecs=8000": r"\Anet.core.netdev_budget_usecs = 8000\Z",
    "ip link show eth0": r"\A" + LINK.format("eth0") + r"\Z",
    "ip link show dev eth0": r"\A" + LINK.format("eth0") + r"\Z",
    "ip -s link": r"\A" + LO + STATS + r"\n" + LINK.format("eth0") + STATS + r"\n" + LINK.format("eth1") + STATS + r"\Z",
    "ip -s link show eth0": r"\A" + LINK.format("eth0") + STATS + r"\Z",
    "ethtool eth0": r"\ASettings for eth0:\n\tSupported ports: (?s:.*)\n\tSpeed: Unknown!(?s:.*)\tLink detected: yes\Z",
    "ethtool -i eth0": r"\Adriver: virtio_net\nversion: .*\nfirmware-version: *\nexpansion-rom-version: *\n"
                       r"bus-info: 0000:00:0\d\.0\nsupports-statistics: yes\n",
    "ethtool -S eth0": r"\ANIC statistics:(\n     [a-z0-9_]+: \d+){20,}\Z",
    'ethtool -S eth0 | grep -iE "drop|err|miss|fifo"': r"\A( *[a-z_]*(drop|err|miss|fifo)[a-z_]*: \d+\n?)+\Z",
    'ethtool -S eth0 | grep -iE "rx.*(drop|miss|no_buf|fifo)"': r"\A( *rx_[a-z_]+: \d+\n?){3,}\Z",
    "ethtool -k eth0": r"\AFeatures for eth0:\nrx-checksumming: o(?s:.*)\ntx-checksumming: o.*\n\ttx-checksum-ipv4: off \[fixed\]\n"
                       r"(?s:.*)\nhsr-dup-offload: off \[fixed\]\Z",
    'ethtool -k eth0 | grep -E "generic-receive|generic-segmentation|tcp-segmentation"':
        r"\Atcp-segmentation-offload: off\n\ttx-tcp-segmentation: off \[fixed\]\ngeneric-segmentation-offload: on\n"
        r"generic-receive-offload: on\Z",
    "ethtool -K eth0 gro on gso on tso on":
        r"\AActual changes:\ntx-tcp-segmentation: off \[requested on\]\n",
    "ethtool -K eth0 gro off tso off gso off": NOTHING,
    "ethtool -c eth0": r"\ACoalesce parameters for eth0:\nAdaptive RX: on  TX: n/a\n(?s:.*)\nrx-usecs: 0\nrx-frames: n/a\n",
    "ethtool -C eth0 rx-usecs 50 rx-frames 64": NOT_HERE,
    "ethtool -C eth0 rx-usecs 50 tx-usecs 50": NOT_HERE,
    "ethtool -C eth0 adaptive-rx on": NOTHING,
    "ethtool -g eth0": r"\ARing parameters for eth0:\nPre-set maximums:\nRX:\t\t256\n(?s:.*)\nCurrent hardware settings:\n"
                       r"RX:\t\t256\n",
    "ethtool -G eth0 rx 1024 tx 256": r"\Anetlink error: requested ring size exceeds maximum \(offset 36\)\n",
    "ethtool -l eth0": r"\AChannel parameters for eth0:\n(?s:.*)\nCombined:\t1\n(?s:.*)\nCombined:\t1\Z",
    "ethtool -L eth0 combined 2": r"\Anetlink error: requested channel count exceeds maximum \(offset 36\)\n",
    "ethtool -n eth0 rx-flow-hash tcp4": r"\ACannot get RX network flow hashing options: Operation not supported\Z",
    "ethtool -x eth0": r"\ARX flow hash indirection table for eth0 with 1 RX ring\(s\):\nOperation not supported\n",
    "cat /proc/net/softnet_stat": r"\A([0-9a-f]{8}( [0-9a-f]{8}){14}\n?){2}\Z",
    "awk '{print $1, $2, $3, $9}' /proc/net/softnet_stat": r"\A([0-9a-f]{8}( [0-9a-f]{8}){3}\n?){2}\Z",
    "grep -r . /sys/class/net/eth0/queues/rx-0/": r"/rps_cpus:0\n.*/rps_flow_cnt:0|/rps_flow_cnt:0\n.*/rps_cpus:0",
    "cat /sys/class/net/eth0/queues/rx-0/rps_cpus": r"\A0\Z",
    "echo ff > /sys/class/net/eth0/queues/rx-0/rps_cpus": r"[Vv]alue too large",  # two CPUs
    "cat /sys/class/net/eth0/queues/tx-0/xps_cpus": r"No such file or directory",  # of one queue: as on Linux
    "for q in /sys/class/net/eth0/queues/rx-*; do echo 4096 > $q/rps_flow_cnt; done": r"\A\Z",
    "cat /sys/class/net/eth0/queues/rx-0/rps_flow_cnt": r"\A4096\Z",
    "cat /proc/sys/net/core/rps_sock_flow_entries": r"\A0\Z",
    "echo 32768 > /proc/sys/net/core/rps_sock_flow_entries": r"\A\Z",
    "sysctl -w net.core.rps_sock_flow_entries=32768": r"\Anet.core.rps_sock_flow_entries = 32768\Z",
    "sysctl -w net.core.netdev_max_backlog=16384": r"\Anet.core.netdev_max_backlog = 16384\Z",
    "sysctl -w net.core.busy_poll=50": r"\Anet.core.busy_poll = 50\Z",
    "sysctl -w net.core.busy_read=50": r"\Anet.core.busy_read = 50\Z",
    **{f"tcpdump -i eth0 {words}": r"listening on eth0, link-type EN10MB \(Ethernet\)" for words in (
        "-nn host 10.0.0.5 and port 443", "-nn -c 1000 'tcp[tcpflags] & tcp-syn != 0'", "-nn 'udp dst port 53'",
        "'port 80 or port 443'", "'ip[2:2] < 100'")},
    "dropwatch": r"Kernel monitoring activated\.\r?\nIssue Ctrl-C to stop monitoring",
    "ip -s addr show eth0":
        r"\A" + LINK.format("eth0").replace("mode DEFAULT ", "") +
        r"\n    inet 192\.168\.1\.2/24 scope global eth0\n       valid_lft forever preferred_lft forever"
        r"(?s:.*)\n    inet6 fe80::\S+/64 scope link (tentative )?\n       valid_lft forever preferred_lft forever" + STATS + r"\Z",
    "ip route show": ROUTES,
    "ip -s route show": ROUTES,
    "ip route show table local":
        r"\Alocal 10\.0\.0\.2 dev eth1 proto kernel scope host src 10\.0\.0\.2 \n"
        r"broadcast 10\.0\.0\.255 dev eth1 proto kernel scope link src 10\.0\.0\.2 \n(?s:.*)"
        r"local 192\.168\.1\.2 dev eth0 proto kernel scope host src 192\.168\.1\.2 \n",
    "route -n": r"\AKernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
                r"10\.0\.0\.0        0\.0\.0\.0         255\.255\.255\.0   U     0      0        0 eth1\n",
    "ip route get 8.8.8.8": r"\ARTNETLINK answers: Network is unreachable\Z",  # there is no default route yet
    "ip route add blackhole 203.0.113.0/24": NOTHING,
    "ip route add default proto static nexthop via 192.168.1.1 dev eth0 weight 1 nexthop via 192.168.2.1 dev eth1 weight 1":
        NOTHING,
    "ip route add default via 192.168.1.1 dev eth0 metric 100": NOTHING,
    "ip route add default via 10.0.0.1 dev eth1 metric 200": NOTHING,
    "ip rule show": r"\A0:\s+from all lookup local\n32766:\s+from all lookup main\n32767:\s+from all lookup default\Z",
    "ip rule add fwmark 1 table internet": NOTHING,
    "ip rule add from 10.0.0.0/8 table internal": NOTHING,
    "cat /proc/net/fib_trie": r"(?s)\AMain:\n  \+-- 0\.0\.0\.0/0 \d+ \d+ \d+\n.*\|-- 0\.0\.0\.0\n +/0 universe UNICAST\n"
                              r".*Local:\n.*/32 host LOCAL\n",
    "cat /proc/net/snmp": r"(?m)\AIp: Forwarding DefaultTTL InReceives .*OutTransmits\nIp: [12] 64( \d+){18}\n"
                          r"Icmp: InMsgs InErrors (?s:.*)^Udp: InDatagrams ",
    "cat /proc/net/netstat": r"(?m)\ATcpExt: SyncookiesSent (?s:.*)^IpExt: InNoRoutes (?s:.*)ReasmOverlaps\nIpExt:( \d+){18}",
    "nstat -az": r"(?m)\A#kernel\nIpInReceives {20}\d+ +0\.0\n(?s:.*)^IpExtInOctets {19}\d+ +0\.0$",
    "nstat -rz": r"(?m)\A#kernel\nIpInReceives {20}\d+ +0\.0\n(?s:.*)^TcpExtListenDrops {15}\d+ +0\.0$",
    "netstat -i": r"\AKernel Interface table\nIface {13}MTU {4}RX-OK .*Flg\neth0( +\d+){9} BMRU\neth1( +\d+){9} BMRU\Z",
    "netstat -s": r"(?m)\AIp:\n    Forwarding: [12]\n    \d+ total packets received\n(?s:.*)^Icmp:\n    \d+ ICMP messages received$",
    "sysctl -w net.ipv4.ip_forward=1": r"\Anet\.ipv4\.ip_forward = 1\Z",
    "ethtool -K eth0 flow-director-atr off": r"bit name not found|no device matches name",
}
CARDS = ["-netdev", "user,id=n0,restrict=on", "-device", "virtio-net-pci,netdev=n0,mac=52:54:00:00:00:0a",
         "-netdev", "user,id=n1,restrict=on", "-device", "e1000,netdev=n1,mac=52:54:00:00:00:0b"]
HOSTED = ("~", "watch ")  # how lines begin that need no machine
ENDLESS = ("watch ", "perf top", "dropwatch", "tcpdump ")  # ended by Ctrl-C, after two rounds


def sections(path):
    name, found = None, {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            found.setdefault(name, []).append(line)
    return found


class Hosted(Machine):
    """The hosted program's console, on a pseudo-terminal like the guest's."""

    def spawn(self, words):
        return subprocess.Popen(words, stdin=self.tail_fd, stdout=self.tail_fd, stderr=self.own_words,
                                start_new_session=True)

    def ready(self, seconds=30):
        self.expect(re.escape(PROMPT), seconds)


def endless(m, line, wanted):
    """What it shows until it shows what is wanted, and that Ctrl-C ends it."""
    start = m.seen
    m.type(line + "\r")
    until = time.monotonic() + 20 * SLOW
    said = ""
    while time.monotonic() < until and not re.search(wanted, said) and m.read(0.2):
        said = plain(m.log[start:].decode("utf-8", "replace"))
    m.type("\x03")
    m.expect(r"\^C\r*\n(.*\n){0,5}\r*" + re.escape(PROMPT), 10)  # perf and tcpdump have last words
    return said


def answer(m, line):
    line = line.lstrip("~")
    if line not in ANSWERS:
        raise Failure(f"commands_test.py does not know how `{line}` is answered")
    typed = line.replace("/irq/25/", f"/irq/{m.interrupt}/")
    said = endless(m, typed, ANSWERS[line]) if line.startswith(ENDLESS) else m.command(typed, 30)
    if not re.search(ANSWERS[line], said):
        raise Failure(f"`{typed}` was answered\n{said}\nwanted: {ANSWERS[line]}")


def type_all(report, m, kind):
    for name in BUILT:
        if kind == "qemu" and name == "router":
            m.command(ROUTER)
        for line in sections(LINES)[name]:
            if kind == "hosted" and not line.startswith(HOSTED):
                continue
            label = f"{kind} {name} {line}".replace(":", "")
            try:
                answer(m, line)
            except Failure as e:
                report.fail(label, e)
                m.recover()
            else:
                report.ok(label)


def some_interrupt(m):
    found = re.findall(r"(?m)^ *(\d+): .*(?:edge|fasteoi)", m.command("cat /proc/interrupts"))
    return found[-1] if found else 25


def main():
    report = Report()
    boot = tempfile.NamedTemporaryFile()
    boot.write(newc({"weir.conf": "", "iproute2/rt_tables": NAMES}))
    boot.flush()
    kinds = [("qemu", lambda: Machine(cpus=2, limit=150, append="ip=on", initrd=boot.name, extra=["-device", "virtio-rng-pci"] + CARDS))]
    if os.path.exists(BUILD / "host/weir"):
        kinds.append(("hosted", lambda: Hosted(words=[str(BUILD / "host/weir"), "sh"], limit=150)))
    for kind, make in kinds:
        try:
            with make() as m:
                m.ready()
                m.interrupt = some_interrupt(m)
                if kind == "qemu":
                    m.command("ip link set dev eth0 up; ip link set dev eth1 up")
                type_all(report, m, kind)
        except Failure as e:
            report.fail(kind, e)
    report.end()


if __name__ == "__main__":
    main()
