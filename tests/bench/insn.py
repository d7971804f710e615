"""Reads what tests/bench/tools/insncount.c counts, and names the places of an image."""
import bisect
import subprocess
import sys
from array import array
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD  # noqa: E402

CPUS, MARKS = 64, 8
MAGIC = 0x31746e756f636e69
SIZE = (4 + 2 * MARKS + 44 + CPUS * 8) * 8
ELSEWHERE = "(elsewhere)"


def named(listing, kinds=None):
    """name -> address, of what nm prints; kinds: only these letters. Further ones of a name get an apostrophe."""
    found = {}
    for words in map(str.split, listing.splitlines()):
        if len(words) == 3 and (not kinds or words[1] in kinds):
            name = words[2]
            while name in found:
                name += "'"
            found[name] = int(words[0], 16)
    return found


def symbols(image, kinds=None):
    return named(subprocess.run(["nm", str(image)], capture_output=True, text=True, check=True).stdout, kinds)


class Text:
    """The functions of an image: which of them an instruction belongs to."""

    def __init__(self, functions):
        by_address = sorted((address, name) for name, address in functions.items())
        self.starts = [a for a, _ in by_address]
        self.names = [n for _, n in by_address]
        self.base = self.starts[0]
        self.size = self.starts[-1] + 4096 - self.base

    def name(self, address):
        return self.names[bisect.bisect_right(self.starts, address) - 1]

    def by_function(self, before, after):
        """function -> instructions, from the blocks' counts at two times"""
        found = {}
        for offset, (was, count) in enumerate(zip(before, after)):
            if count != was:
                name = self.name(self.base + offset)
                found[name] = found.get(name, 0) + count - was
        return found


class Counter:
    """One run of QEMU with the plugin: words() for its command line, and what has been counted so far."""

    def __init__(self, path, entry, marks=(), text=None):
        self.path, self.entry, self.marks, self.text = Path(path), entry, list(marks), text

    def words(self):
        words = [str(BUILD / "bench" / "insncount.so"), f"shm={self.path}", f"entry={self.entry:#x}",
                 *(f"mark={a:#x}" for a in self.marks)]
        if self.text:
            words += [f"text={self.text.base:#x}", f"size={self.text.size}"]
        return ["-plugin", ",".join(words)]

    def page(self):
        with self.path.open("rb") as f:
            words = array("Q", f.read(SIZE))
        if not words or words[0] != MAGIC:
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

    def blocks(self):
        """instructions of the blocks that begin at each byte of the text"""
        with self.path.open("rb") as f:
            f.seek(SIZE)
            return array("Q", f.read(self.text.size * 8))
