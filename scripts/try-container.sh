#!/usr/bin/env bash
# Types what docs/how-to/container.md has, in a clone of the last commit: builds the package and the
# image, runs it in a network of its own, asks it, and puts a new container in its place.
#
#   scripts/try-container.sh [--base ROOT] [--package PACKAGE.deb] [NEWER.deb]
#
# ROOT is a root that scripts/debian-base.sh made; left out, it is made here. PACKAGE.deb is taken
# for what the page builds first. NEWER.deb is for the second image. Needs root, podman, crun, and
# Debian's packages within reach of apt; touches no image, container or volume of this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
base='' package=''
while [[ ${1-} == --* ]]; do
  case $1 in
    --base) base=$(readlink -f "$2") ;;
    --package) package=$(readlink -f "$2") ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
  shift 2
done
newer=${1:+$(readlink -f "$1")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ -z $base ]]; then
  base="$work/base"
  "$here/scripts/debian-base.sh" "$base"
fi
git clone -q "$here" "$work/flowledger"
cp "$here/docs/how-to/container.md" "$work/page.md"
# What the page takes for granted: it comes behind npm ci.
ln -s "$here/node_modules" "$work/flowledger/node_modules"
export base package newer work
unshare --mount --cgroup --pid --fork --kill-child bash "$here/scripts/try-container-inside.sh"
