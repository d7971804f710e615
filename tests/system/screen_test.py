#!/usr/bin/env python3
"""The screen: what QEMU's monitor photographs is read by our own letters, and keys are pressed on the PS/2 keyboard.

On a framebuffer (GRUB under OVMF) every letter is one of kernel/font.c's. In VGA text the letters are the hardware's:
which is which is learnt from a line that the test has on the screen, all it needs of them."""
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import ROOT, SLOW, Machine  # noqa: E402
from report import Failure, Report  # noqa: E402

KEYS = {" ": "spc", "\n": "ret", "-": "minus", "$": "shift-4", "(": "shift-9", ")": "shift-0"}


def letters():
    """kernel/font.c: the 16 rows of a letter -> the letter; lit pixels are 1."""
    found = {}
    for rune, rows in re.findall(r"\{0x(\w{4}), \{([^}]*)\}\}", (ROOT / "kernel/font.c").read_text()):
        if int(rune, 16) < 0x7f:
            found[bytes(int(r, 16) for r in rows.split(","))] = chr(int(rune, 16))
    return found


class Photo:
    """A screendump as cells of lit pixels: bytes of one letter's rows."""
    def __init__(self, m, folder, width, rows):
        path = Path(folder) / "screen.ppm"
        m.monitor.do("screendump", filename=str(path))
        head, self.pixels = re.match(rb"P6\n(\d+) (\d+)\n255\n", data := path.read_bytes()), data
        self.across, down = map(int, head.groups())
        self.start, self.width, self.rows = head.end(), width, rows
        self.lines = [[self.cell(x, y) for x in range(self.across // width)] for y in range(down // rows)]

    def cell(self, x, y):
        """Lit is what differs from the cell's most frequent colour; the first 8 pixels of a row count."""
        rows = []
        for r in range(self.rows):
            at = self.start + 3 * ((y * self.rows + r) * self.across + x * self.width)
            rows.append([self.pixels[at + 3 * i:at + 3 * i + 3] for i in range(8)])
        flat = [p for row in rows for p in row]
        back = max(set(flat), key=flat.count)
        return bytes(sum((p != back) << (7 - i) for i, p in enumerate(row)) for row in rows)


def press(m, text):
    for c in text:
        keys = KEYS.get(c, c).split("-") if c in KEYS else [c]
        m.monitor.do("send-key", keys=[{"type": "qcode", "data": k} for k in keys])
        m.read(0)


def look_for(m, folder, width, rows, known, pattern, seconds=30):
    """Photographs until the pattern stands on the screen; gives its text."""
    until = time.monotonic() + seconds * SLOW
    while True:
        text = "\n".join("".join(known.get(c, "?") for c in line).rstrip() for line in Photo(m, folder, width, rows).lines)
        if re.search(pattern, text):
            return text
        if time.monotonic() >= until:
            raise Failure(f"{pattern!r} has not come on the screen:\n{text}")
        m.read(0.2)


def framebuffer(folder):
    with Machine(firmware="ovmf-iso", mem=256, limit=120, extra=["-device", "VGA"]) as m:
        m.ready(90)
        known = letters()
        look_for(m, folder, 8, 16, known, r"weir: ready in \d+ ms\n(.*\n)*weir#")
        press(m, "echo on$(echo x-2)\n")
        look_for(m, folder, 8, 16, known, r"\nonx-2\nweir#")
        m.expect(r"\nonx-2\r?\n", 20)  # and the serial line shows the same


def vga_text(folder):
    """9 pixels a letter, of which the ninth is empty."""
    line = "abcdefghijklmnopqrstuvwxyz0123456789-"
    with Machine(machine="pc", firmware="seabios", extra=["-device", "VGA"]) as m:
        m.ready()
        press(m, "clear\necho " + line + "\n")
        m.expect("\n" + line + "\r?\n", 20)
        photo = Photo(m, folder, 9, 16)
        if (photo.across, len(photo.lines)) != (720, 25):
            raise Failure(f"is no text of 80x25: {photo.across} pixels across, {len(photo.lines)} lines")
        known = {}
        until = time.monotonic() + 20 * SLOW
        while len(known) < 20 and time.monotonic() < until:
            for cells in Photo(m, folder, 9, 16).lines:
                if len(set(cells[:37])) == 37 and set(cells[38:]) == {bytes(16)}:
                    known = dict(zip(cells[:37], line))
        if not known:
            raise Failure("the line of letters is not on the screen")
        known[bytes(16)] = " "
        press(m, "echo vga-$(echo 42)-text\n")
        look_for(m, folder, 9, 16, known, r"\nvga-42-text\nweir")


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        report.run("framebuffer_under_ovmf", framebuffer, folder)
        report.run("vga_text", vga_text, folder)
    report.end()


if __name__ == "__main__":
    main()
