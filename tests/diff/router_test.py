#!/usr/bin/env python3
"""The same weir.conf and the same packets through Linux, in a network namespace, and through Weir (libweir): what they
send is compared byte by byte, and what `ip route get` and the tables say, word by word.

All that Weir sent is read by tshark, too (sound.py).

What differs is a failure, unless tests/diff/DIFFERENCES.md lists it with its reason. What is listed and does not occur
is a failure, too. Always the same packets; TEST_LONG=1 adds random ones.

    router_test.py [WORD]      only the groups whose name holds WORD; prints every difference in full"""
import os
import random
import re
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/diff")]
import cases4  # noqa: E402
import caseroutes  # noqa: E402
import cases6  # noqa: E402
import caseslink  # noqa: E402
import lab  # noqa: E402
import netns  # noqa: E402
import sound  # noqa: E402
from packets import addr, is_membership, normal, told  # noqa: E402
from report import Report  # noqa: E402
from sides import LIBRARY, Linux, Weir  # noqa: E402

CARDS = ("eth0", "eth1", "eth2")
HERE = ROOT / "tests/diff"
OWN = {addr(a) for a in ("10.1.0.1", "10.2.0.1", "10.3.0.1", "10.24.0.1", "10.24.5.6", "2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1",
                         "fe80::ff:fe00:101", "fe80::ff:fe00:102", "fe80::ff:fe00:103")}
LONG = bool(os.environ.get("TEST_LONG"))
PATIENCE = 0.01  # s: what Linux has not sent by then, it does not send


class Listed:
    """An entry of DIFFERENCES.md: `pattern` of case names, what Linux does, what Weir does."""

    def __init__(self, pattern, text):
        self.pattern, self.text, self.seen = pattern, text, 0
        self.linux, self.weir, self.sometimes = (self.line(w) for w in ("Linux", "Weir", "Not always"))

    def line(self, who):
        m = re.search(rf"^- {who}: `(.*)`$", self.text, re.M)
        return m.group(1) if m else None

    def covers(self, name, linux, weir):
        return fnmatchcase(name, self.pattern) and fnmatchcase(linux, self.linux) and fnmatchcase(weir, self.weir)


def read_listed():
    parts = re.split(r"^## `(.*)`$", (HERE / "DIFFERENCES.md").read_text(), flags=re.M)
    return [Listed(p, t) for p, t in zip(parts[1::2], parts[2::2])]


def words(frames):
    return ", ".join(told(*f) for f in frames) or "nothing"


class Comparison:
    def __init__(self, linux, weir, listed, report, verbose):
        self.linux, self.weir, self.listed, self.report, self.verbose = linux, weir, listed, report, verbose
        self.frames, self.sound = [], sound.Sound()

    def outputs(self, side):
        taken = side.taken()
        if side is self.weir:
            for c, f in taken:
                self.sound.sent(c, f)
        return [(c, normal(f, OWN)) for c, f in taken if not is_membership(f)]

    def excused(self, name, linux, weir):
        for entry in self.listed:
            if entry.covers(name, linux, weir):
                entry.seen += 1
                return True
        return False

    def case(self, name, frames):
        """None: they do the same; or what differs."""
        before, frames, after = [f for f in frames if f[0] == "do"], [f for f in frames if f[0] in CARDS], [f[1] for f in frames if f[0] == "ask"]
        for side in (self.linux, self.weir):
            if before:
                side.ask([f[1] for f in before])
                side.taken()
            for card, frame in frames:
                side.send(card, frame)
        self.sound.case(name)
        for _, frame in frames:
            self.sound.came(frame)
        a, b = self.outputs(self.linux), self.outputs(self.weir)
        if a != b:
            self.linux.later += self.linux.settle(PATIENCE)
            a += self.outputs(self.linux)
            a.sort(key=lambda f: f[0])
        if after:
            x, y = (" ".join(t for _, t in side.ask(after)) for side in (self.linux, self.weir))
            if (a, x) == (b, y) or self.excused(name, f"{words(a)}: {x}", f"{words(b)}: {y}"):
                return None
            if a == b:
                return f"{name}: Linux: {words(a)}: {x}; Weir: {words(b)}: {y}"
        elif a == b or self.excused(name, words(a), words(b)):
            return None
        shown = "".join(f"\n    {who}: {c} {f.hex()}" for who, fs in (("Linux", a), ("Weir ", b)) for c, f in fs)
        return f"{name}: Linux: {words(a)}; Weir: {words(b)}" + \
            (shown + "".join(f"\n    sent: {c} {f.hex()}" for c, f in frames[:4]) if self.verbose else "")

    def group(self, name, generate, seed):
        wrong, n = [], 0
        cases = list(generate(random.Random(seed)))
        if not self.verbose and not LONG and name.startswith(("arp", "ndp")):
            cases = cases[::4]  # they ask for the neighbours each time
        for n, (case, frames) in enumerate(cases, 1):
            w = self.case(case, frames)
            if w:
                wrong.append(w)
        self.report.check(f"{name}: {n} cases", n and not wrong, f"{len(wrong)} of {n} differ\n" +
                          "\n".join(wrong if self.verbose else wrong[:20]))

    def routes(self, rounds):
        """The same batch of routes, whatever becomes of each line of it, and then the way to many addresses."""
        for seed in range(rounds):
            rnd = random.Random(seed)
            batch = caseroutes.batch(rnd)
            self.answers(f"ip route add, round {seed}", batch)
            self.answers(f"ip route get, round {seed}", caseroutes.questions(rnd, batch))
            self.answers(f"tables, round {seed}", caseroutes.TABLES, False)
            for side in (self.linux, self.weir):
                side.ask(caseroutes.undo(batch))

    def answers(self, name, commands, in_order=True):
        wrong = []
        for c, a, b in zip(commands, self.linux.ask(commands), self.weir.ask(commands)):
            a, b = tidy(*a, in_order), tidy(*b, in_order)
            if a != b and not self.excused(f"{name}/{c}", a, b):
                wrong.append(f"{c}\n  Linux {a}\n  Weir  {b}")
        self.report.check(f"{name}: {len(commands)} answers", not wrong, f"{len(wrong)} differ\n" +
                          "\n".join(wrong if self.verbose else wrong[:10]))


def tidy(status, text, in_order=True):
    text = text.replace(" uid 0", "").replace("<redirect> ", "").replace("    cache ", "").replace("    cache", "")
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return f"{status}: " + "|".join(lines if in_order else sorted(lines))


def readme(report):
    """The first router of README.md, which sh makes of Linux, too."""
    lines = ["ip -4 route", "ip -6 route show default", "ip -6 route show root 2001:db8::/32", "ip rule", "ip -4 -o addr show eth1 | cut -d ' ' -f 2-",
             "sysctl net.ipv4.ip_forward net.ipv6.conf.eth1.forwarding"]
    with Linux(CARDS) as linux, Weir(CARDS) as weir:
        for side in (linux, weir):
            side.configure(lab.first_router())
        weir.advance(100)
        linux.settle(1.3)
        for line, (_, one), (_, other) in zip(lines, linux.ask(lines), weir.ask(lines)):
            same = sorted(map(str.rstrip, one.split("\n"))) == sorted(map(str.rstrip, other.split("\n")))
            report.check(f"README.md's router: {line}", same, f"Linux:\n{one}\nWeir:\n{other}")


def judge(report, heard):
    why = sound.missing()
    name = "tshark finds all that Weir sent sound"
    if why:
        report.skip(name, why)
    elif heard.frames:
        wrong = heard.wrong()
        sent = sum(1 for _, card, _ in heard.frames if card)
        report.check(f"{name}: {sent} frames", sent and not wrong, f"{len(wrong)} are not\n" + "\n".join(wrong[:20]))


def compare(report, word):
    listed = read_listed()
    conf = (HERE / "weir.conf").read_text()
    # a namespace of Linux has no such switch
    without_redirects = "sysctl -qw net.ipv4.route.redirect_number=0\n"
    with Linux(CARDS) as linux, Weir(CARDS) as weir:
        linux.configure(conf)
        weir.configure(without_redirects + conf)
        weir.advance(100)
        linux.settle(1.3)
        weir.taken()
        c = Comparison(linux, weir, listed, report, bool(word))
        for module in (cases4, cases6, caseslink):
            for name, generate in module.GROUPS.items():
                if word in name:
                    began = time.monotonic()
                    c.group(name, generate, 1)
                    if word:
                        print(f"{time.monotonic() - began:.1f} s")
        if word in "routes":
            c.routes(8 if LONG else 1)
        judge(report, c.sound)
    for entry in listed:
        if not word and not entry.sometimes and (LONG or not entry.pattern.startswith(("arp", "ndp", "ip route get"))):  # of which the short form has a part
            report.check(f"listed: {entry.pattern}", entry.seen, "is listed in DIFFERENCES.md, and does not differ")


def main():
    report = Report()
    why = netns.missing()
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    if why:
        report.skip("Linux and Weir with the same packets", why)
    elif not LIBRARY.exists():
        report.fail("Linux and Weir with the same packets", f"{LIBRARY} was not built")
    else:
        if word in "README":
            readme(report)
        compare(report, word)
    report.end()


if __name__ == "__main__":
    main()
