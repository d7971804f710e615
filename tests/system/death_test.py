#!/usr/bin/env python3
"""How a machine dies, and what it says: every kind of fault and of misused memory, each caused by a guest test
(tests/guest/death.c), has its report on the console, with names in the backtrace, and then panic= is obeyed."""
import re
import socket
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402

DEATHS = [  # test, image, what the report says (all of it, in this order)
    ("overflow", "weir.elf", ["panic: stack overflow in digger", "double fault", r"deeper\S*\+0x", r"\.\.\. \d+ times more",
                              r"task_begin\+0x"]),
    ("overflow_on_cpu_1", "weir.elf", ["panic: stack overflow in digger", "on CPU 1"]),
    ("overflow_softirq", "weir.elf", ["panic: stack overflow in softirq", r"deeper\S*\+0x", r"guest_test_task\+0x"]),
    ("null", "weir.elf", [r"panic: page fault: write to 0x8 \(null pointer\)", r"RIP [0-9a-f]{16} test_selftest_die_null",
                          "RAX", "R15", "CR2 0000000000000008", "backtrace:", "test_selftest_die_null", "last messages:",
                          "weir: ready"]),
    ("opcode", "weir.elf", ["panic: invalid opcode", "test_selftest_die_opcode"]),
    ("smashed", "weir.elf", [r"panic: .*stack protector", "smashed"]),
    ("while_others_are_deaf", "weir.elf", ["panic: the others hear NMIs alone", "last messages:"]),
    ("all_at_once", "weir.elf", ["panic: all at once", "last messages:"]),
    ("in_nmi", "weir.elf", ["panic: in an NMI", "on CPU 1, in deaf", r"panic_in_nmi\+0x", r"fault\+0x", r"spin\S*\+0x", r"task_begin\+0x", "last messages:"]),
    ("in_a_flood", "weir.elf", ["panic: under water", "on CPU 0", "last messages:", "water over the weir"]),
    ("asleep_as_reader", "weir.elf", ["panic: task .* sleeps where it may not", r"task_park\+0x"]),
    ("asleep_without_softirqs", "weir.elf", ["panic: task .* sleeps where it may not", r"task_park\+0x"]),
    ("asleep_in_softirq", "weir.elf", ["panic: task .* sleeps where it may not", r"task_park\+0x", r"rounds\+0x"]),
    ("twice", "weir.elf", ["panic: the first", "panic inside a panic: page fault"]),
    ("bad_frame", "weir.elf", ["panic: frames lead nowhere", "test_selftest_die_bad_frame", "last messages:"]),
    ("double_free", "weir.elf", [r"panic: mem_free.*freed before", "test_selftest_die_double_free|guest_test_task"]),
    ("page_double_free", "weir.elf", ["panic: page_free.*free already"]),
    ("page_inside", "weir.elf", ["panic: page_free.*no block of ours"]),
    ("page_of_a_pool", "weir.elf", ["panic: page_free.*of mem_alloc or of a pool"]),
    ("pool_size", "weir.elf", [r'panic: slab_new\("selftest", 48\): there is one of 40 bytes']),
    ("mem_free_of_a_pool", "weir.elf", ["panic: mem_free.*not from mem_alloc"]),
    ("wrong_order", "weir.elf", ["panic: page_free.*of another order"]),
    ("not_ours", "weir.elf", ["panic: mem_free.*not from mem_alloc"]),
    ("lock_of_softirq_and_task", "weir-debug.elf", [r"panic: spin lock at 0x\w+: softirqs take it \(lock_in_softirq\+0x.*\), "
                                                    r"and tasks with softirqs on \(lock_plainly\+0x", r"backtrace:", r"lock_plainly\+0x"]),
    ("lock_of_task_and_softirq", "weir-debug.elf", [r"panic: spin lock at 0x\w+: softirqs take it \(lock_in_softirq\+0x.*\), "
                                                    r"and tasks with softirqs on \(lock_plainly\+0x", r"backtrace:", r"lock_in_softirq\+0x"]),
    ("double_free_small", "weir-debug.elf", ["panic: kmalloc-128: object .* of 100 bytes was freed before",
                                             r"touched by test_selftest_die_double_free_small\+"]),
    ("pool_double_free", "weir-debug.elf", ["panic: selftest: object .* of 40 bytes was freed before"]),
    ("other_pool", "weir-debug.elf", ["panic: slab_free.*it is not of selftest b"]),
    ("inside_object", "weir-debug.elf", ["panic: slab_free.*it is not of kmalloc-128"]),
    ("overrun", "weir-debug.elf", ["panic: kmalloc-128: object .* of 100 bytes was written to beyond its end",
                                   r"touched by test_selftest_die_overrun\+"]),
    ("use_after_free", "weir-debug.elf", ["panic: kmalloc-128: object .* was written to after it was freed"]),
    ("page_use_after_free", "weir-debug.elf", ["panic: page at .* was written to after it was freed"]),
]
CROWDS = ("all_at_once", "while_others_are_deaf", "in_a_flood")  # on four CPUs


def dies(name, image, said, cpus):
    with Machine(cpus=cpus, image=BUILD / image, append=f"panic=reboot test=selftest_die_{name}") as m:
        m.wait(30)
        text = plain(m.text())
    at = 0
    for pattern in said:
        found = re.compile(pattern).search(text, at)
        if not found:
            raise Failure(f"{pattern!r} was not said (there, in this order):\n{text}")
        at = found.end()
    if len(re.findall(r"(?m)^panic: ", text)) != 1:
        raise Failure(f"more than one report:\n{text}")
    if re.search(r"^(not )?ok ", text, re.M):
        raise Failure(f"the test lived on:\n{text}")


def dies_of_machine_check():
    """An uncorrectable error, told by the monitor to CPU 1: without CR4.MCE that is a reset without a word."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/monitor"
        with Machine(cpus=2, append="panic=reboot", extra=["-monitor", f"unix:{path},server=on,wait=off"]) as m:
            m.ready()
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                s.sendall(b"mce 1 1 0xbe00000000000000 0x5 0 0\n")
                m.expect(r"panic: machine check", 20)
                m.expect(r"on CPU 1", 20)
                m.wait(20)


def main():
    report = Report()
    for name, image, said in DEATHS:
        report.run(f"dies_{name}", dies, name, image, said, 4 if name in CROWDS else 2)
    report.run("dies_of_machine_check", dies_of_machine_check)
    report.end()


if __name__ == "__main__":
    main()
