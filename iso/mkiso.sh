#!/bin/sh
# mkiso.sh ELF OUT [CONF]
# A CD image that boots under BIOS and UEFI, also when written to a USB stick as it is. CONF lies on it as /weir.conf
# and is given to Weir as a boot module. File times are fixed; a few random names of grub-mkrescue's remain.
set -eu
elf=$1 out=$2 conf=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C TZ=UTC
work=$(mktemp -d)
tree=$work/tree
trap 'rm -rf "$work"' EXIT
mkdir -p "$tree/boot/grub"
cp "$elf" "$tree/boot/weir.elf"
cp "$here/grub.cfg" "$tree/boot/grub/grub.cfg"
[ -z "$conf" ] || cp "$conf" "$tree/weir.conf"
parts="part_acorn part_amiga part_apple part_bsd part_dfly part_dvh part_gpt part_msdos part_plan part_sun part_sunpc"
modules="multiboot2 normal $parts iso9660 fat serial terminal test echo all_video gfxterm reboot halt"
grub-mkrescue -o "$out.part" --locales= --themes= --fonts= --product-name=Weir \
    --install-modules="$modules" --modules="part_gpt part_msdos iso9660" "$tree" -- \
    -volid WEIR -volume_date uuid 2020010100000000 -volume_date all_file_dates 2020010100000000 >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
mv "$out.part" "$out"
