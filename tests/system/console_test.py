#!/usr/bin/env python3
"""Sits at Weir's console and types: what people type, and what they should not.

ANSWERS is read as a person would: the line typed, and how the answer must look (a regular expression that must be found
in it; `(?s)` and `(?m)` as usual). The answers are in Linux's form: what a script cuts out of them on Linux, it finds here."""
import json
import random
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import AGAIN, PROMPT, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402

ANSWERS = [
    # words of the shell
    ("echo hi there", r"^hi there$"),
    ("echo 'a  b' \"c $((1+1))\"", r"a  b c|arithmetic"),
    ("NAME=edge; echo \"this is ${NAME}\"", r"^this is edge$"),
    ("for i in 1 2 3; do echo n$i; done", r"^n1\nn2\nn3$"),
    ("echo a && echo b; echo c", r"^a\nb\nc$"),
    ("echo $(echo inner) outer", r"^inner outer$"),
    ("echo one > /tmp/f; echo two >> /tmp/f; cat /tmp/f", r"^one\ntwo$"),
    ("cat <<EOF\rfrom here\rEOF", r"from here$"),
    ("no-such-command", r"(?i)no-such-command.*(not found|no such|unknown)"),
    ("cat /no/such/file", r"/no/such/file: No such file or directory"),
    ("help", r"(?s)(?=.*\bcat  )(?=.*\becho  )(?=.*\bpoweroff  )"),
    ("help dmesg", r"dmesg"),
    # text tools
    ("echo a b c | wc -w", r"^ *3$"),
    ("cat /proc/softirqs | grep -c :", r"^\d+$"),
    ("cat /proc/softirqs | grep -v RCU | head -2 | tail -1", r":"),
    ("cat /proc/meminfo | awk '{print $1, $2}' | head -1", r"^MemTotal: \d+$"),
    ("cat /proc/meminfo | cut -d: -f1 | sort | head -3", r"\w"),
    ("for w in b a b; do echo $w; done | sort | uniq -c", r"(?m)^ *1 a$\n^ *2 b$"),
    ("grep -E '^Mem(Total|Free)' /proc/meminfo", r"MemTotal: +\d+ kB\nMemFree: +\d+ kB"),
    ("grep -i -A1 memtotal /proc/meminfo", r"MemTotal.*\n.+"),
    # what the machine is and does
    ("cat /proc/uptime", r"^\d+\.\d\d \d+\.\d\d$"),
    ("cat /proc/interrupts", r"(?m)^ +CPU0 +CPU1 *$"),
    ("cat /proc/interrupts | grep -E 'CPU|LOC'", r"CPU0"),
    ("cat /proc/softirqs", r"(?s)CPU0 +CPU1.*TIMER: +\d+ +\d+.*NET_RX: +\d+ +\d+"),
    ("ls /proc", r"(?s)(?=.*interrupts)(?=.*meminfo)(?=.*softirqs).*uptime"),
    ("free", r"(?m)^ {15}total {8}used {8}free {6}shared {2}buff/cache {3}available\n"  # Linux's columns
             r"(?=.{80}$)Mem: +\d+ +\d+ +\d+ +0 +0 +\d+\n(?=.{44}$)Swap: +0 +0 +0$"),
    ("free -wht", r"(?m)shared {5}buffers {7}cache {3}available\n(?=.{92}$)Mem: +\d+Mi .* 0B +0B +0B +\d+Mi\n"
                  r"Swap: +0B.*\n(?=.{44}$)Total: +\d+Mi +(\d\.\d|\d+)[KM]i +\d+Mi$"),
    ("cat /proc/slabinfo", r"(?m)^kmalloc-1k +\d+ +\d+ +\d+ +\d+ +[124] : tunables"),
    ("ps", r"(?m)\bPID\b.*\n *\d+"),
    ("lspci", r"(?m)^(0000:)?00:00\.0 .+"),
    ("date", r"\b20\d\d\b"),
    ("uptime", r"up\b.*"),
    ("uname -a", r"Weir"),
    ("sysctl -a", r"(?m)^[a-z]+(\.[a-z0-9_]+)+ = "),
    ("mpstat -P ALL 1 1", r"(?s)%usr.*%soft.*%idle.*\ball\b"),
    ("dmesg | grep -i cpu", r"(?i)cpu"),
    ("softirqs -d 1 1", r"(?i)usecs|latency|TIMER"),
    ("softirqs -N 1 1", r"SOFTIRQ +TOTAL_nsecs\ntimer +\d+\nnet_tx +0\nnet_rx +0\nrcu +\d+$"),
    ("softirqs 1 1", r"SOFTIRQ +TOTAL_usecs\ntimer +\d+\n"),
    ("softirqs -C 1 1", r"SOFTIRQ +TOTAL_count\ntimer +\d+\n"),
    ("softirqs -C -d", r"-C and -d: one of the two"),
    ("free -j", r"^\{|^\["),
    ("dump", r""),
]


def answers(report, m):
    for line, wanted in ANSWERS:
        def typed(line=line, wanted=wanted):
            try:
                said = m.command(line, 10)
            except Failure:
                m.recover()
                raise
            if not re.search(wanted, said):
                raise Failure(f"`{line}` was answered\n{said}\nwanted: {wanted}")
        report.run("answer " + line.split("\r")[0].replace(":", " "), typed)


def is_json(m):
    json.loads(m.command("free -j"))


def wants(m, keys, answer, name=""):
    """Keys as they come from a keyboard; the answer must stand in what is printed up to the next prompt."""
    start = m.seen
    m.type(keys)
    try:
        m.expect(AGAIN, 10)
    except Failure:
        m.recover()
        raise
    said = plain(m.log[start:m.seen].decode("utf-8", "replace"))
    if not re.search(answer, said):
        raise Failure(f"{name or keys!r} gave\n{said}\nwanted: {answer}")


def keys(report, m):
    report.run("key_left_inserts", wants, m, "echo ac\x1b[Db\r", r"(?m)^abc$")
    report.run("key_home_end", wants, m, "cho x\x1b[He\x1b[Fy\r", r"(?m)^xy$")
    report.run("key_backspace_kills_a_letter_of_utf8", wants, m, "echo aé\x7fb\r", r"(?m)^ab$")
    report.run("key_ctrl_u", wants, m, "rubbish\x15echo kept\r", r"(?m)^kept$")
    report.run("key_ctrl_w", wants, m, "echo one two\x17three\r", r"(?m)^one three$")
    report.run("key_up", wants, m, "\x1b[A\r", r"(?m)^one three$")
    report.run("key_ctrl_r", wants, m, "\x12kept\r", r"(?m)^kept$")
    report.run("key_tab_command", wants, m, "upti\t\r", r"up\b")
    report.run("key_tab_file", wants, m, "cat /proc/upt\t\r", r"(?m)^\d+\.\d\d \d+\.\d\d")
    report.run("key_ctrl_c_ends_a_line", wants, m, "echo not this\x03", r"\^C|\n")
    m.type("watch -n1 cat /proc/uptime\r")
    report.run("watch_shows", lambda: m.expect(r"\d+\.\d\d \d+\.\d\d", 10))
    report.run("key_ctrl_c_ends_a_command", wants, m, "\x03", r"")


def floods(report, m):
    def output():
        said = m.command("for a in 0 1 2 3 4 5 6 7 8 9; do for b in 0 1 2 3 4 5 6 7 8 9; do for c in 0 1 2 3 4 5 6 7 8 9; "
                         "do echo line $a$b$c of a flood of output; done; done; done", 60)
        lines = [w for w in said.split("\n") if w.startswith("line ")]
        if lines != [f"line {n:03} of a flood of output" for n in range(1000)]:
            raise Failure(f"{len(lines)} of 1000 lines came whole; the last: {lines[-1:]}")

    def pasted():
        start = m.seen
        m.type("".join(f"echo pasted {n}\r" for n in range(200)) + "echo end of paste\r")
        m.expect(r"\nend of paste\r?\n\r*" + re.escape(PROMPT), 60)
        said = plain(m.log[start:m.seen].decode("utf-8", "replace"))
        got = re.findall(r"(?m)^pasted (\d+)$", said)
        if got != [str(n) for n in range(200)]:
            raise Failure(f"{len(got)} of 200 pasted lines were answered")

    def long_line():
        m.type("echo " + "x" * (1 << 20))
        m.recover()

    def garbage():
        r = random.Random(1)
        # No carriage return or new line in it: what it means is not to be run.
        m.type(bytes(r.choice([b for b in range(1, 256) if b not in (10, 13)]) for _ in range(20000)))
        m.recover()

    report.run("flood_of_output", output)
    report.run("flood_of_input", pasted)
    report.run("line_of_1_mib", long_line)
    report.run("garbage", garbage)


def main():
    report = Report()
    try:
        with Machine(cpus=2, limit=300, extra=["-device", "virtio-rng-pci"]) as m:
            m.ready()
            answers(report, m)
            report.run("json_is_json", is_json, m)
            keys(report, m)
            floods(report, m)
            report.run("no_panic", lambda: check_no_panic(m))
    except Failure as e:
        report.fail("console", e)
    report.end()


def check_no_panic(m):
    if re.search(r"\npanic: ", m.text()):
        raise Failure(m.tail(40))


if __name__ == "__main__":
    main()
