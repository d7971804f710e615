"""What other programs check: clang-format and clang-tidy (the committed style and checks), cppcheck, shellcheck, python."""
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

KERNEL = ("kernel/", "boot/", "tests/guest/", "tests/unit/kernel/", "tests/unit/boot/")


def check(sources, options):
    yield from formatted(sources, options)
    yield from analysed(sources, options)
    yield from tidy(sources, options)
    yield from scripts(sources, options)


def missing(tool):
    return shutil.which(tool) is None


def run(options, *words):
    return subprocess.run(words, cwd=options.root, capture_output=True, text=True, check=False)


def formatted(sources, options):
    files = [s.path for s in sources if s.path.endswith((".c", ".h"))]
    if missing("clang-format"):
        yield "packages.txt:1: tool: clang-format is not installed (make deps)"
        return
    for i in range(0, len(files), 200):
        out = run(options, "clang-format", "--dry-run", "--Werror", *files[i:i + 200]).stderr
        seen = set()
        for m in re.finditer(r"^([^:\n]+):(\d+):\d+: error: code should be clang-formatted", out, re.M):
            if m.group(1) not in seen:
                seen.add(m.group(1))
                yield f"{m.group(1)}:{m.group(2)}: format: not in the house style (make format)"


def analysed(sources, options):
    files = [s.path for s in sources if s.path.endswith(".c")]
    if missing("cppcheck"):
        yield "packages.txt:1: tool: cppcheck is not installed (make deps)"
        return
    cache = Path(options.root) / "build" / "cppcheck"
    cache.mkdir(parents=True, exist_ok=True)
    for side in ("kernel", "host"):
        mine = [f for f in files if f.startswith(KERNEL) == (side == "kernel")]
        if not mine:
            continue
        (cache / side).mkdir(exist_ok=True)
        out = run(options, "cppcheck", f"-j{os.cpu_count()}", f"--cppcheck-build-dir={cache / side}", "--std=c11",
                  "--enable=warning,portability,performance", "--inline-suppr", "--quiet", "--max-configs=1",
                  "--suppressions-list=tests/lint/cppcheck.txt", "-I.", f"-I{side}", "-DPLAT_DEBUG=1", "-D__x86_64__",
                  "--template={file}:{line}: cppcheck: {id}: {message}", *mine)
        for line in out.stderr.splitlines():
            if re.match(r"[\w./-]+:\d+: cppcheck: ", line):
                yield line
            elif line.startswith("cppcheck:"):
                yield f"tests/lint/cppcheck.txt:1: tool: {line}"


def tidy(sources, options):
    """TEST_LONG adds the path-sensitive checks, without the one that wants memcpy_s."""
    if missing("clang-tidy"):
        yield "packages.txt:1: tool: clang-tidy is not installed (make deps)"
        return
    more = ["--checks=clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"] \
        if os.environ.get("TEST_LONG") else []

    def one(path):
        side = "kernel" if path.startswith(KERNEL) else "host"
        p = run(options, "clang-tidy", "--quiet", *more, path, "--", "-std=gnu17", "-I.", f"-I{side}", "-DPLAT_DEBUG=1",
                '-DWEIR_VERSION="0"')
        # relative names: clang-tidy prints the absolute ones of the file that it was given
        return [f"{m.group(1).removeprefix(str(options.root) + '/')}: clang-tidy: {m.group(2).replace(',-warnings-as-errors', '')}"
                for m in re.finditer(r"^([^:\n]+:\d+):\d+: (?:error|warning): (.*)$", p.stdout, re.M)]

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        seen = set()  # a finding in a header comes once for each file that includes it
        for found in pool.map(one, [s.path for s in sources if s.path.endswith(".c")]):
            yield from (f for f in found if f not in seen and not seen.add(f))


def scripts(sources, options):
    # tests/script/ are configurations of Weir, in its language
    shell = [s.path for s in sources if not s.path.startswith("tests/script/") and re.match(r"#!\s*(/bin/|/usr/bin/env )(ba|da)?sh\b", s.text)]
    if missing("shellcheck"):
        yield "packages.txt:1: tool: shellcheck is not installed (make deps)"
    elif shell:
        for line in run(options, "shellcheck", "-f", "gcc", *shell).stdout.splitlines():
            m = re.match(r"([^:]+:\d+):\d+: (.*)", line)
            if m:
                yield f"{m.group(1)}: shellcheck: {m.group(2).replace(',-warnings-as-errors', '')}"
    for s in sources:
        if s.path.endswith(".py"):
            try:
                compile(s.text, s.path, "exec")
            except SyntaxError as e:
                yield f"{s.path}:{e.lineno}: python: {e.msg}"
