#!/bin/sh
# toolchain.sh FOLDER - builds x86_64-elf binutils and gcc (C alone) into FOLDER, from Debian's source packages.
#
# For whoever wants a compiler that knows of no operating system, or has none for x86-64. Weir itself needs none:
# Debian's gcc will do. Takes half an hour to an hour of processor time and 3 GB under FOLDER.work, which is removed.
set -eu
out=$1
jobs=${JOBS:-$(nproc)}
target=x86_64-elf
packages="binutils-source gcc-12-source gcc g++ make libgmp-dev libmpfr-dev libmpc-dev zlib1g-dev bison flex xz-utils"

"$(dirname "$0")/deps.sh" - <<EOP
$packages
EOP
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$out.work
rm -rf "$work"
mkdir -p "$work/binutils" "$work/gcc"
step() { echo "toolchain: $1"; }
quiet() { "$@" >>"$work/log" 2>&1 || { tail -30 "$work/log" >&2; echo "toolchain: failed: $*" >&2; exit 1; }; }

step "unpacking"
tar -C "$work" -xf /usr/src/binutils/binutils-*.tar.xz
tar -C "$work" -xf /usr/src/gcc-12/gcc-12.*.tar.xz
binutils=$(find "$work" -maxdepth 1 -type d -name 'binutils-*')
gcc=$(find "$work" -maxdepth 1 -type d -name 'gcc-12*')

step "binutils ($(basename "$binutils"))"
cd "$work/binutils"
quiet "$binutils/configure" --target=$target --prefix="$out" --disable-nls --disable-werror --disable-gdb \
    --disable-gprofng --disable-gprof --disable-sim --enable-deterministic-archives
quiet make -j"$jobs" MAKEINFO=true
quiet make install MAKEINFO=true

# libgcc twice: the second without a red zone, for code that interrupts run on top of.
step "gcc ($(basename "$gcc"))"
cat >"$gcc/gcc/config/i386/t-weir" <<'EOT'
MULTILIB_OPTIONS += mno-red-zone
MULTILIB_DIRNAMES += no-red-zone
EOT
# shellcheck disable=SC2016 # gcc's own script expands it
sed -i '/^x86_64-\*-elf\*)/a\	tmake_file="${tmake_file} i386/t-weir"' "$gcc/gcc/config.gcc"
cd "$work/gcc"
PATH=$out/bin:$PATH
export PATH
quiet "$gcc/configure" --target=$target --prefix="$out" --enable-languages=c --without-headers --disable-nls \
    --disable-bootstrap --disable-shared --disable-threads --disable-libssp --disable-libquadmath --disable-libgomp \
    --disable-libatomic --disable-libstdcxx --disable-lto --disable-plugin --with-system-zlib
quiet make -j"$jobs" MAKEINFO=true all-gcc
quiet make -j"$jobs" MAKEINFO=true all-target-libgcc
touch gcc/s-tm-texi # the manual's sources, which Debian leaves out
quiet make MAKEINFO=true install-gcc install-target-libgcc
rm -rf "$work"
"$out/bin/$target-gcc" --version | head -1
[ -e "$("$out/bin/$target-gcc" -mno-red-zone -print-libgcc-file-name)" ]
step "done. Use it by: make CROSS_COMPILE=$out/bin/$target-"
