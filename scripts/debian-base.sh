#!/usr/bin/env bash
# Makes a root of Debian 12 with as little in it as its smallest image has, out of the packages that
# this machine's apt has within reach:
#
#   scripts/debian-base.sh ROOT [PACKAGE…]
#
# The packages are those that it has beside. Needs root and debootstrap.
set -euo pipefail
root=$1
shift
release=bookworm
source=$(apt-get indextargets --format '$(REPO_URI)' \
  "Codename: $release" 'Component: main' 'Created-By: Packages' | head -1)
[[ -n $source ]] || { echo "apt has no packages of $release" >&2; exit 1; }
mkdir -p "$root"
export release source root packages="$*"
# In memory: dpkg waits for the disk with every file, which is most of the time that this takes.
unshare --mount bash -euo pipefail <<'MEMORY'
work=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$work"
debootstrap --variant=minbase ${packages:+--include="${packages// /,}"} "$release" "$work/root" \
  "$source" >"$work/log" 2>&1 </dev/null || { tail -20 "$work/log" >&2; exit 1; }
rm -rf "$work"/root/var/cache/apt/archives/*.deb
cp -a "$work/root/." "$root/"
umount "$work"
rmdir "$work"
MEMORY
