#!/usr/bin/env python3
"""libweir.so as another program meets it: its one header, linked and by dlopen, and the names that it exports."""
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from report import COUNT, Failure, Report  # noqa: E402

LIBRARY = ROOT / "build/host/libweir.so"


def run(words, **more):
    r = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, timeout=120, **more)
    if r.returncode and not more.get("env"):
        raise Failure(f"{words[0]}: status {r.returncode}\n{r.stdout}{r.stderr}")
    return r


def exports():
    lines = run(["nm", "-D", "--defined-only", LIBRARY]).stdout.splitlines()
    names = [line.split()[-1].split("@")[0] for line in lines if " A " not in line]  # but for the version itself
    strange = [n for n in names if not n.startswith("weir_")]
    if strange or not names:
        raise Failure(f"exports {strange or 'nothing'}")
    header = (ROOT / "host/weir.h").read_text()
    undeclared = [n for n in names if f"{n}(" not in header]
    if undeclared:
        raise Failure(f"exports {undeclared}, which host/weir.h does not declare")


def drive(report, name, program, *args):
    r = subprocess.run([str(program), *args], capture_output=True, text=True, check=False, timeout=120,
                       env={"LD_LIBRARY_PATH": str(LIBRARY.parent)})
    lines = r.stdout.splitlines()
    if r.returncode < 0 or not lines or not COUNT.fullmatch(lines[-1]):
        report.fail(name, f"status {r.returncode}\n{r.stdout}{r.stderr}")
        return
    for line in lines[:-1]:
        word, rest = line.split(" ", 1)
        report.check(f"{name}_{rest.split(':')[0]}", word == "ok", rest)


def main():
    report = Report()
    report.run("exports_only_what_the_header_declares", exports)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "drive"
        source = ROOT / "tests/host/libweir_drive.c"
        flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-I", ROOT]
        run(["cc", *flags, "-o", program, source, LIBRARY, "-ldl"])
        drive(report, "linked", program)
        drive(report, "dlopen", program, str(LIBRARY))
    report.end()


if __name__ == "__main__":
    main()
