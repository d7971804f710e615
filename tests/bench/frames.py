"""UDP frames through a machine between two namespaces, by tests/bench/tools/frames.c."""
import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD  # noqa: E402
from report import Failure  # noqa: E402

PROGRAM = BUILD / "bench" / "frames"
ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86dd
SOL_PACKET, PACKET_QDISC_BYPASS, SO_RCVBUFFORCE = 263, 20, 33
PORT = 9


def fields(line):
    """NAME=NUMBER words"""
    return {k: float(v) for k, v in re.findall(r"(\w+)=([0-9.]+)", line)}


def packet_socket(namespace, protocol):
    s = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    s.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
    s.bind((namespace.tap, protocol))
    return s


def send(net, to, *words, beside=None):
    """From client to server; to: (MAC, source, destination). Gives what the program tells, by name. beside(process) runs
    meanwhile."""
    mac, source, destination = to
    with ExitStack() as opened:
        tx = opened.enter_context(packet_socket(net.client, 0))  # protocol 0: it receives nothing
        rx = opened.enter_context(packet_socket(net.server, ETH_P_IPV6 if ":" in source else ETH_P_IP))
        deaf = opened.enter_context(net.server.socket(socket.AF_INET6 if ":" in source else socket.AF_INET, socket.SOCK_DGRAM))
        deaf.bind(("", PORT))  # and is never read, so that nobody answers that there is no such port
        command = [str(PROGRAM), "-i", str(tx.fileno()), "-o", str(rx.fileno()), "-m", mac, "-M", net.client.mac(),
                   "-s", source, "-d", destination, *words]
        with subprocess.Popen(net.inside(command), pass_fds=(tx.fileno(), rx.fileno()), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
            if beside:
                beside(p)
            told, wrong = p.communicate()
    if p.returncode:
        raise Failure(wrong.strip())
    return fields(told)
