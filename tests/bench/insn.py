"""Reads what tests/bench/insncount.c counts, and names the places of an image."""
import mmap
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD  # noqa: E402

CPUS, MARKS = 64, 8
MAGIC = 0x31746e756f636e69
SIZE = (4 + 2 * MARKS + 44 + CPUS * 8) * 8


def symbols(image):
    """name -> address"""
    out = subprocess.run(["nm", str(image)], capture_output=True, text=True, check=True).stdout
    return {words[2]: int(words[0], 16) for words in map(str.split, out.splitlines()) if len(words) == 3}


class Counter:
    """One run of QEMU with the plugin: words() for its command line, and what has been counted so far."""

    def __init__(self, path, entry, marks=()):
        self.path, self.entry, self.marks = Path(path), entry, list(marks)

    def words(self):
        return ["-plugin", ",".join([str(BUILD / "bench" / "insncount.so"), f"shm={self.path}", f"entry={self.entry:#x}",
                                     *(f"mark={a:#x}" for a in self.marks)])]

    def page(self):
        with self.path.open("rb") as f, mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ) as m:
            words = struct.unpack_from(f"<{SIZE // 8}Q", m)
        if words[0] != MAGIC:
            raise RuntimeError("the instruction counter's page is not there")
        return words

    def counts(self):
        """instructions of each virtual CPU since the entry"""
        words = self.page()
        first = 4 + 2 * MARKS + 44
        return [words[first + 8 * i] for i in range(words[3])]

    def total(self):
        return sum(self.counts())

    def mark(self, i):
        """(instructions, nanoseconds) from the entry to a mark's first run, or None"""
        words = self.page()
        ns, count = words[4 + 2 * i:6 + 2 * i]
        return (count, ns - words[2]) if ns else None
