#!/bin/sh
# deps.sh LIST - installs the Debian packages named in LIST that are missing; says nothing when none is.
# NODEPS=1 leaves the machine as it is. Where there is no apt-get it names what to install and goes on: the build
# or the tests will say what they cannot do.
set -eu
[ -z "${NODEPS:-}" ] || exit 0
if ! command -v dpkg-query >/dev/null; then
    echo "deps: not a Debian system; see $1 for what is needed" >&2
    exit 0
fi
wanted=$(sed 's/#.*//' "$1" | tr -s ' \n' ' ')
# shellcheck disable=SC2086 # a list of words
have=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p')
missing=
for p in $wanted; do
    printf '%s\n' "$have" | grep -qxF "$p" || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "deps: installing$missing"
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "deps: not root and no sudo: install$missing" >&2; exit 1; }
    sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -q update
# shellcheck disable=SC2086 # a list of words
$sudo apt-get -q install -y --no-install-recommends $missing
