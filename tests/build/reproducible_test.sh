#!/bin/sh
# A clean build in another folder gives the image that stands here, byte for byte; and each of the other ways to build
# gives one that boots. Results as tests/report.py has it.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); echo "ok $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; sed 's/^/    /' "$tmp/log" | tail -20; }
skip() { skipped=$((skipped + 1)); echo "SKIP $1: $2"; }

copy() { # FOLDER: the sources alone
    mkdir -p "$1" && tar -C "$root" --exclude=./build --exclude=./.git --exclude=__pycache__ -cf - . | tar -C "$1" -xf -
}
build() { # FOLDER WORD...
    (cd "$1" && shift && make -s "$@") >"$tmp/log" 2>&1
}
boots() { # NAME FOLDER: its image comes to the prompt and answers
    if B=$2 PYTHONPATH=tests timeout 300 python3 >"$tmp/log" 2>&1 <<'EOP'
from qemu import Machine
with Machine() as m:
    m.ready()
    assert m.command("echo forty-$(echo two)") == "forty-two"
EOP
    then ok "$1"; else fail "$1" "does not boot"; fi
}

if build "$root" all && copy "$tmp/a/longer/name" && build "$tmp/a/longer/name" all; then
    for f in weir.elf weir.stripped; do
        if cmp "build/$f" "$tmp/a/longer/name/build/$f" >"$tmp/log" 2>&1; then
            ok "reproducible_$f"
        else
            fail "reproducible_$f" "a clean build in another folder differs"
        fi
    done
else
    fail reproducible "does not build"
fi
tree=$tmp/a/longer/name
if [ -z "${TEST_LONG:-}" ]; then
    skip builds_with_clang "make test-long" # the fuzz targets are built by it each time
elif ! command -v clang >/dev/null; then
    skip builds_with_clang "no clang"
elif build "$tree" build/weir.elf CC=clang; then
    boots builds_with_clang "$tree/build"
else
    fail builds_with_clang "make CC=clang"
fi
cross=build/toolchain/bin/x86_64-elf-
if [ ! -x "${cross}gcc" ]; then
    skip builds_with_own_toolchain "no build/toolchain (make toolchain)"
elif build "$tree" build/weir.elf CROSS_COMPILE="$root/$cross"; then
    boots builds_with_own_toolchain "$tree/build"
else
    fail builds_with_own_toolchain "make CROSS_COMPILE=$cross"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
