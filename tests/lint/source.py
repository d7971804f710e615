"""What the checks know of C text: files, lines without comments and strings, includes, functions, macros."""
import re
from pathlib import Path

SKIPPED = {"build", ".git", ".cache"}


class Source:
    """One file of the tree. `lines` is the text as it stands; `code` the same lines with comments and the insides of
    strings blanked, so that line numbers agree."""

    def __init__(self, root, path):
        self.path = path  # relative to the root, with '/'
        self.text = (root / path).read_text(errors="replace")
        self.lines = self.text.splitlines()
        self.is_c = path.endswith((".c", ".h", ".S"))
        self._code = None

    @property
    def code(self):
        if self._code is None:
            self._code = blank(self.text).splitlines()
        return self._code

    def includes(self):
        """(line number, name, quoted?)"""
        for n, line in enumerate(self.lines, 1):
            m = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if m:
                yield n, m.group(2), m.group(1) == '"'

    def functions(self):
        """(line number, name, length): from `{` to `}` in the first column, tables inside not counted."""
        start = depth_table = tables = None
        name = ""
        for n, line in enumerate(self.code, 1):
            if line.startswith("{"):
                head = " ".join(s.strip() for s in self.code[max(0, n - 4):n - 1])
                m = re.findall(r"(\w+)\s*\(", head.rsplit(";", 1)[-1].rsplit("}", 1)[-1])
                start, tables, depth_table, name = n, 0, None, (m[0] if m else "")
                if m and m[0] in ("TEST", "BENCH", "GUEST_TEST"):
                    name = re.search(m[0] + r"\((\w*)", head).group(1)
            elif line.startswith("}") and start and name:
                yield start, name, n - start + 1 - tables
                start = None
            elif start and depth_table is None and re.search(r"=\s*\{[^}]*$", line):
                depth_table = n
            elif start and depth_table is not None and re.match(r"\s+\};", line):
                tables += n - depth_table + 1
                depth_table = None

    def macros(self):
        """(line number, name, lines of the body) of function-like macros"""
        n = 0
        while n < len(self.lines):
            m = re.match(r"\s*#\s*define\s+(\w+)\(", self.lines[n])
            first = n
            while m and self.lines[n].rstrip().endswith("\\") and n + 1 < len(self.lines):
                n += 1
            if m:
                yield first + 1, m.group(1), n - first or 1
            n += 1

    def conditions(self):
        """(line number, text) of each #if, #ifdef, #ifndef that is not the include guard"""
        guard = self.path.endswith(".h")
        for n, line in enumerate(self.code, 1):
            if re.match(r"\s*#\s*if", line):
                if guard and re.match(r"\s*#\s*ifndef\s+\w+_H\s*$", line):
                    guard = False
                    continue
                yield n, line.strip()


def blank(text):
    """Comments and the insides of string and character literals become spaces; new lines stay."""
    def gap(m):
        s = m.group(0)
        if s[0] == "/":
            return re.sub(r"[^\n]", " ", s)
        return s[0] + re.sub(r"[^\n]", " ", s[1:-1]) + s[-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', gap, text, flags=re.S)


def tree(root):
    """Every text file of the project under root, sorted by path."""
    found = []
    for p in sorted(Path(root).rglob("*")):
        rel = p.relative_to(root)
        if p.is_file() and not SKIPPED.intersection(rel.parts) and "corpus" not in rel.parts:
            if p.suffix in (".c", ".h", ".S", ".py", ".sh", ".awk", ".md", ".ld", ".cfg", ".conf", ".txt") or \
               p.name in ("Makefile", "run") or not p.suffix and is_script(p):
                found.append(Source(Path(root), rel.as_posix()))
    return found


def is_script(p):
    with p.open("rb") as f:
        return f.read(2) == b"#!"
