"""Words and instructions that stand only where they belong."""
import re

# Written in two halves, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
PLACES = re.compile(r"/wo" r"rk/|/ho" r"me/\w|/ro" r"ot/")
ASM = re.compile(r"\b(__asm__|__asm|asm)\b")
PRIVILEGED = re.compile(
    r"\b(cli|sti|hlt|lgdt|lidt|ltr|lldt|wrmsr|rdmsr|rdpmc|invlpg|invpcid|invd|wbinvd|swapgs|iretq?|sysretq?|clts|lmsw|"
    r"xsetbv|monitor|mwait|clac|stac|in[bwl]|out[bwl]|[re]?ins[bwl]|outs[bwl])\b|%+(cr|dr)[0-9]")
ASM_PLACES = ("kernel/", "host/", "tests/")


def check(sources, _options):
    for s in sources:
        for n, line in enumerate(s.lines, 1):
            m = UNFINISHED.search(line)
            if m:
                yield f"{s.path}:{n}: word: {m.group(1)}: finish it, or say in words what is not done"
            m = PLACES.search(line)
            if m:
                yield f"{s.path}:{n}: word: {m.group(0)} is a place on somebody's machine"
        if s.path.endswith((".c", ".h")):
            yield from assembly(s)


def assembly(s):
    for n, line in enumerate(s.code, 1):
        if not ASM.search(line):
            continue
        if not s.path.startswith(ASM_PLACES):
            yield f"{s.path}:{n}: asm: no inline assembly here; it belongs into kernel/"
        elif s.path.startswith("kernel/") and s.path != "kernel/x86.h":
            statement = "\n".join(s.lines[n - 1:n + 12]).split(";\n")[0]
            m = PRIVILEGED.search(" ".join(re.findall(r'"((?:\\.|[^"\\])*)"', statement)))
            if m:
                yield f"{s.path}:{n}: asm: privileged instruction {m.group(0).lstrip('%')}; those stand in kernel/x86.h and .S files"
