#!/usr/bin/env python3
"""The disk image: boots under BIOS and UEFI, and what is written to /weir.conf on its FAT partition is the configuration
from then on. Two builds of it are the same, byte for byte."""
import filecmp
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, OVMF_WORDS, PROMPT, ROOT, Machine, arguments  # noqa: E402
from report import Report  # noqa: E402

PARTITION = (2048 + 2048) * 512  # iso/mkimage.py


def make(path, conf=None):
    subprocess.run([ROOT / "iso" / "mkimage.py", BUILD / "weir.stripped", path, *([conf] if conf else [])], check=True)


def boots(image, firmware, says):
    words = arguments(mem=256, firmware="none") + firmware + ["-drive", f"file={image},format=raw,snapshot=on"]
    with Machine(limit=90, words=words) as m:
        m.expect(r"\n" + says + r"\r?\n", 75)  # the boot script runs before the first prompt
        m.expect(re.escape(PROMPT))
        m.type("poweroff\r")
        m.wait(20)


def main():
    report = Report()
    if not shutil.which("mcopy"):
        report.skip("image", "mtools are not installed")
        report.end()
    with tempfile.TemporaryDirectory() as folder:
        image, again, conf = (Path(folder) / n for n in ("one", "two", "weir.conf"))
        conf.write_text("echo conf from the disk\n")
        make(image, conf)
        make(again, conf)
        report.check("image_reproducible", filecmp.cmp(image, again, shallow=False), "two builds differ")
        report.run("image_bios", boots, image, [], "conf from the disk")
        report.run("image_uefi", boots, image, OVMF_WORDS, "conf from the disk")
        conf.write_text("echo conf edited\n")
        subprocess.run(["mcopy", "-o", "-i", f"{image}@@{PARTITION}", conf, "::/weir.conf"], check=True)
        report.run("image_edited", boots, image, [], "conf edited")
    report.end()


if __name__ == "__main__":
    main()
