#!/usr/bin/env python3
"""The program `weir`: what it says of good and bad configurations, what it runs, and its exit statuses."""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from report import Failure, Report  # noqa: E402

WEIR = ROOT / "build/host/weir"
VERSION = (ROOT / "VERSION").read_text().strip()


def weir(*words, given=""):
    r = subprocess.run([str(WEIR), *map(str, words)], input=given, capture_output=True, text=True, check=False,
                       timeout=60)
    return r.returncode, r.stdout, r.stderr


def words(report):
    report.check("version", weir("--version") == (0, f"weir {VERSION}\n", ""))
    status, out, err = weir("--help")
    report.check("help", status == 0 and out.startswith("usage: weir check") and not err)
    for bad in ([], ["frobnicate"], ["run"], ["--version", "x"]):
        status, out, err = weir(*bad)
        report.check("usage_of_" + "_".join(bad or ["nothing"]), status == 2 and not out and err.startswith("usage:"))


def checks(report, folder):
    def check(name, text, want):
        path = folder / "weir.conf"
        path.write_text(text)
        status, out, err = weir("check", path)
        want = "".join(f"{path}:{line}\n" for line in want)
        report.check(f"check_{name}", (status, out, err) == (int(bool(want)), want, ""), f"status {status}\n{out}{err}")

    no_such = "Weir has no such command; `help` lists those it has"
    check("of_nothing", "", [])
    check("of_a_good_one", "# a router\nLAN=eth0\nsysctl -w kernel.panic=1\necho $LAN >/tmp/lan\n", [])
    check("of_an_unknown_command", "echo one\necho two; frob 3\n", [f"2:11: frob: {no_such}"])
    check("of_all_unknown_commands", "frob\n\nfor i in 1 2; do knob $i; done\n",
          [f"1:1: frob: {no_such}", f"3:18: knob: {no_such}"])
    check("of_a_command_that_cannot_be", "echo one\nsystemctl start x\n",
          ["2:1: systemctl: Weir has no services: /etc/weir.conf is the whole start, `ps` shows what runs"])
    archives(report, folder)
    for name in machine_commands():
        check(f"knows_{name}_of_the_machine", f"{name} x\n", [])
    status, out, _ = weir("check", given="echo one\nif true; then echo two; fi\n")
    report.check("check_of_standard_input", status == 1 and out.startswith("standard input:2:1: "), out)
    status, out, _ = weir("check", "-", given="echo 'one\n")
    report.check("check_of_an_open_quote", status == 1 and out.startswith("standard input:1:6: "), out)
    status, out, err = weir("check", folder / "absent")
    report.check("check_of_an_absent_file", status == 2 and not out and "No such file or directory" in err, err)
    status, out, err = weir("check", folder)
    report.check("check_of_a_folder", status == 2 and not out and "Is a directory" in err, err)
    good = folder / "good.conf"
    good.write_text("echo good\n")
    status, out, err = weir("check", good, folder / "absent", good)
    report.check("check_of_several_tells_the_worst", status == 2, f"status {status}")
    status, out, err = weir("check", good, given="x" * (17 << 20))
    report.check("check_does_not_read_what_it_was_not_asked_to", status == 0, f"status {status}")
    status, out, err = weir("check", "-", given="#" * (17 << 20))
    report.check("check_of_17_MiB", status == 2 and "more than 16 MiB" in err, err)


def machine_commands():
    """The first words of what kernel/ enters: a configuration may name them, though the program has no machine."""
    names = set()
    for source in (ROOT / "kernel").glob("*.c"):
        names.update(re.findall(r'\bCMD\([^;]*?\.name = "(\w+)', source.read_text()))
    if not names:
        raise Failure("no command is found in kernel/*.c")
    return sorted(names)


def archives(report, folder):
    tree = folder / "tree"
    tree.mkdir()
    archive = folder / "boot.cpio"

    def pack():
        names = "\n".join(p.name for p in sorted(tree.iterdir()))
        with open(archive, "wb") as f:
            subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), stdout=f, cwd=tree, check=True)

    if not shutil.which("cpio"):
        report.skip("check_of_archives", "cpio is not installed")
        return
    (tree / "other").write_text("frob\n")
    pack()
    report.check("check_of_an_archive_without_weir.conf",
                 weir("check", archive) == (1, f"{archive}: an archive without a file weir.conf\n", ""))
    (tree / "weir.conf").write_text("echo good\n")
    pack()
    report.check("check_of_an_archive", weir("check", archive) == (0, "", ""))
    (tree / "weir.conf").write_text("echo good\n (bad)\n")
    pack()
    status, out, _ = weir("check", archive)
    report.check("check_of_a_bad_one_in_an_archive", status == 1 and out.startswith(f"{archive}:2:2: "), out)
    data = archive.read_bytes()
    archive.write_bytes(data[:len(data) // 2])
    status, out, err = weir("check", archive)
    report.check("check_of_half_an_archive", status == 1 and out.startswith(f"{archive}: ") and not err, out + err)
    archive.write_bytes(b"\x1f\x8b\x08" + bytes(50))
    status, out, err = weir("check", archive)
    report.check("check_of_a_compressed_file", status == 1 and "unpack it first" in out and not err, out + err)


def runs(report, folder):
    def run(name, text, want, given=""):
        path = folder / "script"
        path.write_text(text)
        got = weir("run", path, given=given)
        report.check(f"run_{name}", got == want, f"got {got}\nnot {want}")

    run("of_nothing", "", (0, "", ""))
    run("gives_the_last_status", "echo a\nfalse || ! true || false || ! true && true\n", (1, "a\n", ""))
    run("gives_the_status_of_exit", "echo a\nexit 7 && echo b\n", (7, "a\n", ""))
    status, out, err = weir("run", "-", given="echo a\nfalse\necho b\n")
    report.check("run_tells_what_failed_and_goes_on", status == 0 and out == "a\nb\n" and "line 2" in err, err)
    run("has_pipes", "for i in b a c; do echo $i; done | sort | head -n 2\n", (0, "a\nb\n", ""))
    run("reads_standard_input", "cat | wc -l\n", (0, "3\n", ""), given="1\n2\n3\n")
    run("has_files", "echo one >/tmp/f\necho two >>/tmp/f\ncat /tmp/f\n", (0, "one\ntwo\n", ""))
    status, out, _ = weir("run", "-", given="echo from here\n")
    report.check("run_of_standard_input", (status, out) == (0, "from here\n"), out)
    status, out, err = weir("run", "-", given="echo never\nwhile true; do echo x; done\n")
    report.check("run_refuses_before_the_first_command", status == 2 and not out and "2" in err, f"{status} {out} {err}")


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words(report)
        checks(report, folder)
        runs(report, folder)
    report.end()


if __name__ == "__main__":
    main()
