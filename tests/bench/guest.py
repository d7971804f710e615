#!/usr/bin/env python3
"""Figures of the booted machine, as rows of BENCHMARKS.md: instructions to boot and to idle, sizes, smallest memory.

    guest.py [FIGURE...]      boot idle size memory kernel

Instructions are counted by a plugin in QEMU's TCG from the image's entry on; the prompt is reached when the shell first
waits for a key. Three runs; the middle one is told, with the lowest and the highest where they differ."""
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import scratch  # noqa: E402
from insn import Counter, symbols  # noqa: E402
from qemu import BUILD, Machine, arguments  # noqa: E402
from report import Failure  # noqa: E402

IMAGE = BUILD / "weir.elf"
ENTRY, PROMPT = ("entry_pvh", "entry32", "_start"), "console_read"  # the first that the image has
RUNS = 3


def row(what, value, target="", command=""):
    print(f"| {what} | {value} | {target} | `tests/bench/guest.py {command}` |", flush=True)


def spread(values, unit=""):
    low, middle, high = min(values), sorted(values)[len(values) // 2], max(values)
    return f"{middle:,}{unit}" + (f" ({low:,} to {high:,})" if low != high else "")


def counted(folder, cpus, after):
    """Boots once with the counter; after(machine, counter) gives the figure."""
    names = symbols(IMAGE)
    entry = next((names[n] & 0x7fffffff for n in ENTRY if n in names), None)
    if entry is None:
        raise Failure(f"the image has none of {ENTRY}")
    counter = Counter(Path(folder) / "count", entry, [names[PROMPT]])
    with Machine(cpus=cpus, mem=64, image=IMAGE, extra=counter.words(), limit=90) as m:
        m.ready()
        return after(m, counter)


def boot(folder):
    for cpus, target in [(1, "5 M"), (4, "10 M")]:
        found = [counted(folder, cpus, lambda m, c: c.mark(0)) for _ in range(RUNS)]
        row(f"instructions from entry to prompt, q35, 64 MiB, {cpus} CPU", spread([f[0] for f in found]), f"<= {target}",
            "boot")
        row(f"time from entry to prompt, the same under TCG with the counter, {cpus} CPU",
            spread([f[1] // 1000 for f in found], " us"), "", "boot")


def idle_in_10s(m, counter):
    time.sleep(2)
    before = counter.total()
    time.sleep(10)
    return counter.total() - before


def idle(folder):
    for cpus in (1, 4):
        found = [counted(folder, cpus, idle_in_10s) for _ in range(RUNS if cpus == 1 else 1)]
        row(f"instructions of an idle machine in 10 s, {cpus} CPU", spread(found), "< 100,000", "idle")


def size(_folder):
    row("stripped image, without the guest tests", f"{(BUILD / 'weir.stripped').stat().st_size:,} bytes", "<= 524,288", "size")
    row("image with symbols and debugging information", f"{IMAGE.stat().st_size:,} bytes", "", "size")


OPERATIONS = {
    "slab_64": "mem_alloc and mem_free, 64 bytes", "slab_2048": "mem_alloc and mem_free, 2048 bytes",
    "pool": "slab_alloc and slab_free of a pool", "pool_bulk": "the same in bulk, 32 objects: for each",
    "pool_bulk_64": "the same, 64 objects: for each",
    "page": "page_alloc and page_free", "switch": "context switch (task_yield to another task)",
    "softirq": "softirq_raise in a task, and its run",
    "interrupt": "interrupt (a message to itself), its end, a softirq, and back",
    "idle_timer": "from the halt by a timer's interrupt, through the wheel, to the halt",
    "idle_sleep": "task_sleep: halted, woken by the timer, running again"}
TARGETS = {"switch": "<= 200", "interrupt": "<= 400", "idle_timer": "<= 800", "idle_sleep": ""}


def kernel(folder):
    """Instructions per operation: under -icount shift=0 a nanosecond of the guest is one instruction. Where the machine
    halts between, the plugin counts from one mark to the other."""
    names = symbols(IMAGE)
    for test in ("slab", "pool", "page", "switch", "softirq", "interrupt", "idle_timer", "idle_sleep"):
        halts = test.startswith("idle")
        counter = Counter(Path(folder) / test, names["entry_pvh"] & 0x7fffffff, [names["bench_from"], names["bench_to"]])
        words = [w.replace("thread=multi", "thread=single") for w in
                 arguments(image=IMAGE, append=f"test=selftest_bench_{test}",
                           extra=["-icount", "shift=0,sleep=off"] + (counter.words() if halts else []))]
        with Machine(limit=90, words=words) as m:
            m.expect(r"\n# end of tests", 60)
            for name, rounds, ns in re.findall(r"# bench (\w+): (\d+) in (\d+) ns", m.text()):
                count = counter.mark(1)[0] - counter.mark(0)[0] if halts else int(ns)
                row(f"{OPERATIONS[name]}: instructions", f"{count / int(rounds):.1f}", TARGETS.get(name, ""), "kernel")


def boots(mem):
    try:
        with Machine(cpus=1, mem=mem, image=IMAGE, limit=20) as m:
            m.ready(15)
            return m.command("echo hi") == "hi"
    except Failure:
        return False


def memory(_folder):
    low, high = 1, 64  # boots with `high`, not with `low`
    if not boots(high):
        raise Failure("does not boot with 64 MiB")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if boots(middle) else (middle, high)
    row("smallest memory that boots to the prompt, q35, 1 CPU", f"{high} MiB", "", "memory")


def main():
    wanted = sys.argv[1:] or ["boot", "idle", "size", "memory", "kernel"]
    print("| what | figure | wanted | by |\n|---|---|---|---|")
    scratch.own()
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            globals()[name](folder)


if __name__ == "__main__":
    main()
