"""net/README.md draws the way of a packet, a box a file; what it draws is there.

A box is three words in one column: the directory (`dev/`; under net/ or the root), the file (`rx.c`, `*_ring.c`), the
function (`dev_rx`). A file takes the nearest directory above it in its column, so a branch below the row needs none of its
own. Two directories side by side (`tcp/ udp/`) mean each: the file is in one of them at least. In the text around it, a
path with a `/` that ends in .c or .h is looked for as well."""
import re
from pathlib import Path

README = "net/README.md"
NEAR = 2  # columns by which the words of a box may be off


def check(sources, options):
    text = [s for s in sources if s.path == README]
    by_path = {s.path: s for s in sources}
    if not text:
        if any(s.path.startswith("net/") and s.is_c for s in sources):
            yield f"{README}:1: picture: is missing"
        return
    boxes = 0
    lines = text[0].lines
    for n, line in enumerate(lines, 1):
        for m in re.finditer(r"(?<![\w/.*-])([\w*-]+\.c)\b", line):
            folders = directories(lines, n, m.start(), options.root)
            if not folders:
                continue
            boxes += 1
            found = [s for f in folders for s in matching(by_path, f, m.group(1))]
            if not found:
                yield f"{README}:{n}: picture: no {m.group(1)} in {' or '.join(folders)}"
                continue
            function = word_at(lines[n] if n < len(lines) else "", m.start())
            if function and not any(function == name for s in found for _, name, _ in s.functions()):
                yield f"{README}:{n + 1}: picture: {found[0].path} does not define {function}"
        for m in re.finditer(r"(?<![\w/.*-])((?:[\w-]+/)+[\w-]+\.[ch])\b", line):
            if m.group(1) not in by_path and f"net/{m.group(1)}" not in by_path:
                yield f"{README}:{n}: picture: there is no {m.group(1)}"
    if not boxes:
        yield f"{README}:1: picture: no box found (directory, file and function in one column)"


def directories(lines, n, column, root):
    """Of the box whose file stands in line n (from 1) at this column."""
    for line in reversed(lines[:n - 1]):
        if line.startswith("```"):
            break
        for m in re.finditer(r"(?<!\S)[\w-]+/(?: [\w-]+/)*(?!\S)", line):
            if abs(m.start() - column) <= NEAR:
                return [f"net/{d}" if not (Path(root) / d).is_dir() else d for d in m.group(0).split()]
    return []


def matching(by_path, folder, name):
    pattern = re.compile(re.escape(folder) + (r"(?:.*/)?" if "*" in name else "") +
                         re.escape(name).replace(r"\*", r"[^/]*"))
    return [s for path, s in by_path.items() if pattern.fullmatch(path)]


def word_at(line, column):
    for m in re.finditer(r"(?<!\S)[a-z]\w*_\w+(?!\S)", line):
        if abs(m.start() - column) <= NEAR:
            return m.group(0)
    return None
