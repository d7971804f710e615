#!/usr/bin/env python3
"""Random scripts in the language of weir.conf, for comparing Weir with sh:  generate.py FOLDER SEED COUNT

They call the recording commands of tests/unit/lib/script_sh_test.c. What sh and Weir may differ in is left out: the
names in the current folder (no pattern that could match there) and the words of error messages (no 2>&1 where a
command may be unknown)."""
import random
import sys
from pathlib import Path

NAMES = ["A", "B", "C", "X_1", "y"]
BARE = ["a", "b", "foo", "x-y", "1", "a.b", "=", "+", "%d", "@", ".q*", "z?", "é", "-n", ".q[ab]", "{", "}", "^", ",",
        ":"]
SINGLE = ["", "a b", "$A", '"x"', "\\", "  ", "a\nb", ".q*", "`", "#"]
DOUBLE = ["a", " ", "  ", ".q*", "'", "\\$", "\\\\", '\\"', "\\a", "#", "\n", "~", ";", "|", "(", ")"]
ESCAPED = list("ab$\"'\\ ?#;&|()<>~`")
FLAT = ["true", "false", ":", "set -e", "set +e", "set -f", "set +f", "set -u", "set +u", "unset A", "export C=3",
        "break", "continue", "exit 3"]


class Writer:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def one_of(self, *choices):
        """One of several functions or texts, each as likely."""
        c = self.r.choice(choices)
        return c() if callable(c) else c

    def chance(self, p):
        return self.r.random() < p

    def expansion(self, depth):
        name = self.r.choice(NAMES)
        if depth <= 0:
            return "$" + name
        return self.one_of(f"${{{name}}}", f"${{{name}}}", f"${{{name}}}", "$?", "${NONE}",
                           lambda: f"$({self.lists(depth - 1, self.r.choice(['; ', chr(10)]), 2)} )")

    def piece(self, depth):
        return self.one_of(lambda: self.r.choice(BARE), lambda: self.r.choice(BARE),
                           lambda: f"'{self.r.choice(SINGLE)}'", lambda: "\\" + self.r.choice(ESCAPED),
                           lambda: self.double(depth), lambda: self.expansion(depth))

    def double(self, depth):
        return '"' + "".join(self.one_of(lambda: self.r.choice(DOUBLE), lambda: self.expansion(depth))
                             for _ in range(self.r.randint(0, 4))) + '"'

    def words(self, depth, most=4):
        return "".join(" " + "".join(self.piece(depth) for _ in range(self.r.choice([1, 1, 1, 2, 3])))
                       for _ in range(self.r.randint(0, most)))

    def redirection(self):
        return self.one_of(" >$T.a", " >$T.b", " >>$T.a", " >|$T.c", " <$T.a", " <$T.b", " </dev/null", " >/dev/null",
                           " 2>/dev/null")

    def simple(self, depth):
        name = self.r.choice(NAMES)
        if self.chance(0.12):
            return f"{name}=" + self.one_of("", "' x  y '", '"$B"', "$A$B", lambda: self.piece(depth))
        if self.chance(0.12):
            return self.r.choice(FLAT)
        verb = self.one_of("rec", "rec", "recin", "emit", "emit", "raw", "$R", "$NONE rec", "status 0", "status 2",
                           "warn w 2>&1")
        text = verb + ("" if verb[0] in "sw" else self.words(depth))
        return text + (self.redirection() if verb[0] != "w" and self.chance(0.25) else "")

    def loop(self, depth):
        return (f"for {self.r.choice(NAMES)} in{self.words(depth - 1)}" + self.one_of("; do ", "\ndo\n") +
                self.lists(depth - 1, "; ", 2) + self.one_of("; done", "\ndone") +
                (self.redirection() if self.chance(0.2) else ""))

    def pipeline(self, depth):
        text = self.loop(depth) if depth > 0 and self.chance(0.12) else self.simple(depth)
        if self.chance(0.15):
            text = self.one_of("emit", "raw") + self.words(depth) + " | recin" + self.one_of("", " a")
        return ("! " if self.chance(0.08) else "") + text

    def lists(self, depth, separator, most):
        texts = []
        for _ in range(self.r.randint(1, most)):
            text = self.pipeline(depth)
            while self.chance(0.25):
                text += self.one_of(" && ", " || ", "&&", "||\n") + self.pipeline(depth)
            texts.append(text)
        return separator.join(texts)

    def here_document(self):
        lines = [self.one_of("text", "$A", "\t$B x", "\\$A", "\"q\" 's'", "a\\\nb", "", " E", "\\\\",
                             lambda: self.expansion(1)) + "\n" for _ in range(self.r.randint(0, 3))]
        return f"recin <<{self.one_of('E', chr(39) + 'E' + chr(39), '-E')}\n{''.join(lines)}E"

    def script(self):
        lines = [self.here_document() if self.chance(0.12) else self.lists(3, "\n", 1)
                 for _ in range(self.r.randint(5, 12))]
        return "\n".join(["R=rec", *lines, 'rec end "$A" "$B" "$C" $?', ""])


def main():
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for i in range(count):
        (folder / f"r{seed}-{i}.sh").write_text(Writer(f"{seed}/{i}").script(), encoding="utf-8")


if __name__ == "__main__":
    main()
