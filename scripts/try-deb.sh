#!/usr/bin/env bash
# Installs a package on a machine that has no Node.js, uses it, upgrades it with data in it, removes
# and purges it: in namespaces of its own, over a copy of a root that nothing is written to.
#
#   scripts/try-deb.sh [--base ROOT] OLDER.deb NEWER.deb
#
# ROOT is a Debian root such as debootstrap makes; left out it is this machine's. Needs root.
set -euo pipefail
base=/
if [[ ${1-} == --base ]]; then base=$2; shift 2; fi
older=$(readlink -f "$1")
newer=$(readlink -f "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/mnt"
inside="$(dirname "$(readlink -f "$0")")/try-deb-inside.sh"

# The overlay's upper half is memory: it goes with the namespace.
export base older newer work inside
unshare --mount --net --pid --uts --ipc --fork --kill-child bash -euo pipefail <<'OUTER'
mount -t tmpfs tmpfs "$work/mnt"
mkdir "$work/mnt"/{upper,work,root}
root="$work/mnt/root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/mnt/upper,workdir=$work/mnt/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for folder in run tmp var/tmp; do mount -t tmpfs tmpfs "$root/$folder"; done
chmod 1777 "$root/tmp" "$root/var/tmp"
# What this machine keeps there is not the package's.
rm -rf "$root"/{var/lib/flowledger,var/lib/flowledger-serve,etc/flowledger}
rm -f "$root"/{usr/bin,usr/local/bin}/{node,npm,npx,nodejs}
cp "$older" "$root/tmp/older.deb"
cp "$newer" "$root/tmp/newer.deb"
cp "$inside" "$root/tmp/inside.sh"
ip link set lo up
exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
  DEBIAN_FRONTEND=noninteractive bash /tmp/inside.sh
OUTER
