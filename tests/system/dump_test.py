#!/usr/bin/env python3
"""`dump` run on a fresh machine dumps the same (contract 9); and what a command says to -j is JSON."""
import json
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import Machine  # noqa: E402
from report import Failure, Report  # noqa: E402

MORE = {  # how -j is asked for, where it is not NAME -j
    "sysctl": "sysctl -aj", "ls": "ls -j /proc", "why": "why -j lo type 0x88b6", "weir why": "weir why -j lo type 0x88b6"}


def machine(**more):
    return Machine(cpus=2, limit=90, append="ip=on", extra=["-device", "virtio-rng-pci"], **more)


def nothing():
    conf = tempfile.NamedTemporaryFile("w", suffix=".conf")
    conf.write("# nothing\n")
    conf.flush()
    return conf


def irq(m):
    found = re.findall(r"(?m)^ *(\d+): .*(?:edge|fasteoi)", m.command("cat /proc/interrupts"))
    if not found:
        raise Failure("no interrupt is shown in /proc/interrupts")
    return found[-1]


def change(m):
    n = irq(m)
    for line in (f"echo 1 > /proc/irq/{n}/smp_affinity_list", "sysctl -qw kernel.hostname='it is \"odd\"' kernel.panic=7",
                 "echo 8 > /proc/sys/kernel/printk",
                 "ip link add br7 type bridge; sysctl -qw net.ipv4.conf.br7.rp_filter=2; ip link set br7 up"):
        said = m.command(line)
        if said:
            raise Failure(f"`{line}` said {said}")
    said = m.command("dump")
    for wanted in (f"echo 1 > /proc/irq/{n}/smp_affinity_list", "kernel.hostname='it is \"odd\"'", "kernel.panic=7",
                   "kernel.printk='8\t4\t1\t7'"):
        if wanted not in said:
            raise Failure(f"`dump` does not tell {wanted}:\n{said}")
    return said


def again(text):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
        conf.write(text + "\n")
        conf.flush()
        with machine(initrd=conf.name) as m:
            m.ready()
            said = m.command("dump")
            if said != text:
                raise Failure(f"the first dumped\n{text}\nthe second\n{said}")


def is_json(m, line):
    said = m.command(line)
    try:
        json.loads(said)
    except ValueError as e:
        raise Failure(f"`{line}` is no JSON ({e}):\n{said[:2000]}") from e


def main():
    report = Report()
    try:
        with nothing() as conf, machine(initrd=conf.name) as m:
            m.ready()
            report.check("dump_of_a_fresh_machine_is_empty", m.command("dump") == "")
            commands = json.loads(m.command("help -j"))
            having = [c["name"] for c in commands if re.search(r"-\w*j\b", c.get("usage", ""))]
            report.check("many_commands_have_json", len(having) >= 8, str(having))
            for name in having:
                report.run(f"json_of_{name}", is_json, m, MORE.get(name, f"{name} -j"))
            text = change(m)
        report.run("dump_makes_itself_again", again, text)
    except Failure as e:
        report.fail("dump", e)
    report.end()


if __name__ == "__main__":
    main()
