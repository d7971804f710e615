#!/usr/bin/env python3
"""Lint finds what it is for: one violation of each rule is planted in a scratch copy of the tree, and must be found, at
its place and by its rule. The tree itself must be free of findings of the same checks, or the copy proves nothing; what
other programs check (style) is asked of the planted files alone, for `make lint` asks it of the tree."""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from report import Report  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
HEAD = "/* Planted: what a file of this name would be for.\n *\n * a\n * b\n * c\n */\n"
LONG = "".join(f"    x += {i};\n" for i in range(90))
BODY = "".join(f"    x += {i};\n" for i in range(50))


def lines(n):
    return "".join(f"extern int planted_{i};\n" for i in range(n))


# name, checks, files to write (path: text, or a function of the old text), words that one finding must hold
PLANTS = [
    ("upward_include", "floors", {"lib/planted.c": HEAD + '#include "kernel/plat_cpu.h"\n'},
     "lib/planted.c:7: floor: lib/ may not include kernel/plat_cpu.h"),
    ("driver_names_kernel", "floors", {"drivers/planted/planted.c": HEAD + '#include "kernel/guest_test.h"\n'},
     "drivers/planted/planted.c:7: floor: drivers/planted/ may not include kernel/"),
    ("app_names_ip", "floors", {"net/ip/planted.h": HEAD, "apps/planted/planted.c": HEAD + '#include "net/ip/planted.h"\n'},
     "apps/planted/planted.c:7: floor: apps/planted/ may not include net/ip/planted.h"),
    ("sideways_include", "floors", {"net/skb/planted.c": HEAD + '#include "net/dev/planted.h"\n', "net/dev/planted.h": HEAD},
     "net/skb/planted.c:7: floor: net/skb/ may not include net/dev/planted.h"),
    ("relative_include", "floors", {"lib/planted.c": HEAD + '#include "base.h"\n'},
     'lib/planted.c:7: floor: "base.h" is not a path from the root'),
    ("c_library", "floors", {"lib/planted.c": HEAD + "#include <stdio.h>\n"},
     "lib/planted.c:7: floor: <stdio.h> is the C library's"),
    ("unknown_floor", "floors", {"elsewhere/planted.c": HEAD + '#include "lib/base.h"\n'},
     "elsewhere/planted.c:7: floor: elsewhere/ has no line"),
    ("internal_header", "floors", {"net/tcp/planted.h": "/* Internal to net/tcp. */\n", "net/tcp/other.c": HEAD +
                                   '#include "net/tcp/planted.h"\n', "net/udp/cmd_planted.c": HEAD +
                                   '#include "net/tcp/planted.h"\n'},
     "net/udp/cmd_planted.c:7: floor: net/tcp/planted.h is internal to net/tcp"),
    ("new_folder_of_net", "floors", {"net/planted/planted.c": HEAD + '#include "lib/base.h"\n'},
     "net/planted/planted.c:7: floor: net/planted/ has no line"),
    ("folder_of_a_floor", "floors", {"net/filter/ct/planted.c": HEAD + '#include "net/filter/nft/planted.h"\n'
                                     '#include "net/sock/planted.h"\n', "net/filter/nft/planted.h": HEAD,
                                     "net/sock/planted.h": HEAD},
     "net/filter/ct/planted.c:8: floor: net/filter/ct/ may not include net/sock/planted.h"),
    ("circle_within_a_floor", "floors", {"net/filter/ct/planted_a.h": HEAD, "net/filter/nft/planted_b.h": HEAD,
                                         "net/filter/ct/planted_a.c": HEAD + '#include "net/filter/nft/planted_b.h"\n',
                                         "net/filter/nft/planted_b.c": HEAD + '#include "net/filter/ct/planted_a.h"\n'},
     "circle: directories net/filter/ct/ -> net/filter/nft/ -> net/filter/ct/"),
    ("filter_takes_the_connection", "floors", {"net/tcp/planted.h": HEAD, "net/tcp/opt.h": HEAD + '#include "net/tcp/planted.h"\n'},
     "net/tcp/opt.h:7: floor: net/tcp/ may not include net/tcp/planted.h"),
    ("command_is_included", "floors", {"net/ip/cmd_planted.c": HEAD, "net/ip/planted.c": HEAD + '#include "net/ip/cmd_planted.c"\n'},
     "net/ip/planted.c:7: floor: net/ip/cmd_planted.c is no header"),
    ("circle_of_files", "floors", {"lib/planted_a.h": HEAD, "lib/planted_b.h": HEAD,
                                   "lib/planted_a.c": HEAD + '#include "lib/planted_b.h"\n',
                                   "lib/planted_b.c": HEAD + '#include "lib/planted_a.h"\n'},
     "lib/planted_a.c:7: circle: files lib/planted_a -> lib/planted_b -> lib/planted_a"),
    ("circle_of_directories", "floors", {"net/tcp/planted_a.h": HEAD, "net/sock/planted_b.h": HEAD,
                                         "net/tcp/planted_a.c": HEAD + '#include "net/sock/planted_b.h"\n',
                                         "net/sock/planted_b.c": HEAD + '#include "net/tcp/planted_a.h"\n'},
     "circle: directories net/sock/ -> net/tcp/ -> net/sock/"),
    ("long_file", "sizes", {"lib/planted.c": HEAD + lines(600)}, "lib/planted.c:606: size: 606 lines, at most 600"),
    ("long_header", "sizes", {"lib/planted.h": HEAD + lines(250)}, "lib/planted.h:256: size: 256 lines, at most 250"),
    ("long_function", "sizes", {"lib/planted.c": HEAD + "int planted(int x)\n{\n" + LONG + "    return x;\n}\n"},
     "lib/planted.c:8: size: planted has 93 lines, at most 80"),
    ("many_long_functions", "sizes",
     {"lib/planted.c": HEAD + "".join(f"int planted_{i}(int x)\n{{\n{BODY}    return x;\n}}\n" for i in range(10)),
      "lib/planted_more.c": HEAD + "".join(f"int more_{i}(int x)\n{{\n{BODY}    return x;\n}}\n" for i in range(10)),
      **{f"lib/planted_{n}.c": HEAD + "".join(f"int n{n}_{i}(int x)\n{{\n{BODY}    return x;\n}}\n" for i in range(10))
         for n in range(30)}}, "at most 5 %"),
    ("many_includes", "sizes", {"lib/planted.c": HEAD + '#include "lib/base.h"\n' * 13},
     "lib/planted.c:1: size: 13 includes, at most 12"),
    ("long_macro", "sizes", {"lib/planted.h": HEAD + "#define PLANTED(a) \\\n    (a) \\\n    + 1 \\\n    + 2 \\\n    + 3\n"},
     "lib/planted.h:7: size: macro PLANTED has 4 lines, at most 3"),
    ("conditional", "sizes", {"lib/planted.c": HEAD + "#ifdef PLANTED\n#endif\n"},
     "lib/planted.c:7: if: #ifdef PLANTED: no conditional compilation"),
    ("conditional_in_header", "sizes", {"net/skb/planted.h": HEAD + "#ifndef PLANTED_H\n#define PLANTED_H\n#if 1\n#endif\n#endif\n"},
     "net/skb/planted.h:9: if: #if 1: no conditional compilation"),
    ("conditionals_in_kernel", "sizes", {"kernel/planted.c": HEAD + "#if 1\n#endif\n" * 40},
     "kernel/planted.c:85: #if 1: if: 40 in kernel/"),
    ("no_opening_comment", "sizes", {"lib/planted.c": lines(120)}, "lib/planted.c:1: comment: opens with 0 lines"),
    ("name_of_nothing", "sizes", {"lib/util.c": HEAD}, "lib/util.c:1: name: "),
    ("long_makefile", "sizes", {"Makefile": lambda old: old + "#\n" * 150}, "size: "),
    ("unfinished", "words", {"lib/planted.c": HEAD + "/* TO" "DO: more */\n"}, "lib/planted.c:7: word: TO" "DO"),
    ("place", "words", {"lib/planted.c": HEAD + '#define P "/ho' 'me/me/x"\n'}, "lib/planted.c:7: word: /ho" "me/m"),
    ("assembly_in_lib", "words", {"lib/planted.c": HEAD + 'void planted(void)\n{\n    __asm__("nop");\n}\n'},
     "lib/planted.c:9: asm: no inline assembly here"),
    ("privileged", "words", {"kernel/planted.c": HEAD + 'void planted(void)\n{\n    __asm__ volatile("wbinvd");\n}\n'},
     "kernel/planted.c:9: asm: privileged instruction wbinvd"),
    ("privileged_register", "words", {"kernel/planted.c": HEAD + 'void planted(void)\n{\n    __asm__ volatile("mov %0, %%cr3"\n'
                                      '                     : : "r"(0ul));\n}\n'},
     "kernel/planted.c:9: asm: privileged instruction cr3"),
    ("format", "style", {"lib/planted.c": HEAD + "int  planted( int x ) { return x ; }\n"}, "lib/planted.c:7: format: "),
    ("analysis", "style", {"lib/planted.c": HEAD + '#include "lib/base.h"\n\nint planted(int *p);\nint planted(int *p)\n{\n'
                           "    int a[4];\n    a[7] = *p;\n    return a[7];\n}\n"},
     "lib/planted.c:13: cppcheck: arrayIndexOutOfBounds"),
    ("shell", "style", {"tools/planted.sh": "#!/bin/sh\nrm -rf $1/x\n"}, "tools/planted.sh:2: shellcheck: "),
    ("python", "style", {"tests/lint/planted.py": "def planted(:\n"}, "tests/lint/planted.py:1: python: "),
]
# what is compiled in net/, and the finding; None: there is none
STATES = [
    ("state", "static int planted_state;\nint planted(void);\nint planted(void)\n{\n    return planted_state++;\n}\n",
     "net/planted/deep/planted.c:1: state: planted_state is writable data"),
    ("state_in_a_function", "int planted(void);\nint planted(void)\n{\n    static int n = 1;\n    return n++;\n}\n",
     "net/planted/deep/planted.c:1: state: n.0 is writable data"),
    ("state_of_a_set", '#include "lib/set.h"\nstatic const int planted;\nSET_ADD(planted, planted);\n', None),
    ("state_not_compiled", None, "net/planted/deep/planted.c:1: state: not compiled"),
]
PICTURE = """# net

```
in    ring        queue     dispatch   deliver      up
      drivers/    dev/      dev/       tcp/ udp/    apps/
      *_ring.c -> napi.c -> rx.c --+-> rx.c ------> any
                  napi_poll dev_rx |   tcp_rx
                                   +-> udp.c
                                       udp_rx
```

`napi.c` is told of in net/dev/napi.c.
"""
PICTURED = {"net/dev/napi.c": "napi_poll", "net/dev/rx.c": "dev_rx", "net/tcp/rx.c": "tcp_rx", "net/udp/udp.c": "udp_rx",
            "drivers/planted/planted_ring.c": "planted_xmit"}
PICTURES = [  # what is wrong with the tree, the finding; None: there is none
    ("right", {}, None),
    ("file_gone", {"net/dev/napi.c": None}, "net/README.md:6: picture: no napi.c in net/dev/"),
    ("ring_gone", {"drivers/planted/planted_ring.c": None}, "net/README.md:6: picture: no *_ring.c in drivers/"),
    ("function_gone", {"net/dev/rx.c": "dev_take"}, "net/README.md:7: picture: net/dev/rx.c does not define dev_rx"),
    ("branch_gone", {"net/udp/udp.c": "udp_take"}, "net/README.md:9: picture: net/udp/udp.c does not define udp_rx"),
    ("text_wrong", {"net/dev/napi.c": None}, "net/README.md:12: picture: there is no net/dev/napi.c"),
    ("no_picture", {"net/README.md": "# net\n"}, "net/README.md:1: picture: no box found"),
    ("no_readme", {"net/README.md": None}, "net/README.md:1: picture: is missing"),
]


def lint(root, *words):
    return subprocess.run(["tests/lint/lint.py", "--root", str(root), *words], cwd=ROOT, capture_output=True, text=True,
                          check=False)


def plant(report, root, name, checks, files, word):
    old = {}
    for path, text in files.items():
        p = root / path
        old[p] = p.read_text() if p.exists() else None
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_text(text(old[p]) if callable(text) else text)
    only = [w for path in files for w in ("--file", path)] if checks == "style" else []  # the whole tree takes long
    r = lint(root, *only, checks)
    report.check(f"lint_{name}", r.returncode == 1 and any(word in line for line in r.stdout.splitlines()),
                 f"lint {checks} did not say {word!r}; status {r.returncode}\n{r.stdout[-2000:]}{r.stderr}")
    for p, text in old.items():
        if text is None:
            p.unlink()
        else:
            p.write_text(text)


def found(report, name, r, word):
    """word None: nothing is found."""
    report.check(f"lint_{name}", r.returncode == int(word is not None) and (word or " 0 findings") in r.stdout,
                 f"wanted {word!r}; status {r.returncode}\n{r.stdout}{r.stderr}")


def state(report, root):
    """Writable data in net/ is looked for in what was compiled."""
    source, out = root / "net/planted/deep/planted.c", root / "build/kernel/net/planted/deep/planted.c.o"
    for name, text, word in STATES:
        for p in (source, out):
            p.parent.mkdir(parents=True, exist_ok=True)
            p.unlink(missing_ok=True)
        source.write_text(HEAD + (text or ""))
        if text:
            subprocess.run(["gcc", "-fno-pie", "-I", str(root), "-c", str(source), "-o", str(out)], check=True)
        found(report, name, lint(root, "--file", "net/planted/deep/planted.c", "objects"), word)
    source.unlink()


def picture(report, folder):
    """In a tree of its own: the real one may have a picture."""
    for name, wrong, word in PICTURES:
        root = Path(folder) / f"picture_{name}"
        files = {path: f"int {function}(void)\n{{\n    return 0;\n}}\n" for path, function in PICTURED.items()}
        files["net/README.md"] = PICTURE
        for path, text in wrong.items():
            files[path] = text if path.endswith(".md") or text is None else files[path].replace(PICTURED[path], text)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                (root / path).write_text(text)
        found(report, f"picture_{name}", lint(root, "picture"), word)


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("build", ".git", "__pycache__", ".cache"))
        r = lint(root, "--objects", str(ROOT / "build/kernel"), *{checks for _, checks, *_ in PLANTS} - {"style"},
                 "objects", "picture")
        report.check("lint_tree_is_clean", r.returncode == 0, r.stdout + r.stderr)
        for p in PLANTS:
            plant(report, root, *p)
        state(report, root)
        picture(report, folder)
    report.end()


if __name__ == "__main__":
    main()
