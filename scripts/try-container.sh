#!/usr/bin/env bash
# Builds the container file over a root that debootstrap made, runs the image, asks it, and upgrades
# it with its volume in place. Touches no image, container or volume of this machine.
#
#   debootstrap --variant=minbase bookworm ROOT
#   scripts/try-container.sh ROOT OLDER.deb NEWER.deb
#
# Needs root, buildah, and Debian's packages within reach.
set -euo pipefail
root=$(readlink -f "$1")
older=$(readlink -f "$2")
newer=$(readlink -f "$3")
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
clean() {
  [[ -z ${up-} ]] || { stop || true; }
  buildah umount -a >/dev/null 2>&1 || true
  buildah rm -a >/dev/null 2>&1 || true
  umount "$work/storage/overlay" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
mkdir "$work"/{context,volume,storage,run}
export BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$work/storage" --runroot "$work/run" "$@"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

# The base image: what debootstrap made, under the name that the file gives it.
base=$(buildah from scratch)
buildah add -q "$base" "$root" / >/dev/null
buildah commit -q "$base" debian:bookworm-slim >/dev/null
buildah rm "$base" >/dev/null

# One image and a container of it; what runs in it shares the volume.
make() {
  cp "$here/packaging/container/Containerfile" "$work/context/"
  rm -f "$work"/context/*.deb
  cp "$1" "$work/context/flowledger_1_amd64.deb"
  buildah build -q --format docker --pull=never -t flowledger "$work/context" >/dev/null
  container=$(buildah from --pull=never flowledger)
}
inside() {
  buildah run --volume "$work/volume:/var/lib/flowledger" "$container" -- "$@"
}

serve() {
  inside flowledger up --listen 127.0.0.1:18080 >"$work/out" 2>"$work/log" &
  up=$!
  until grep -q 'Stop with Ctrl-C' "$work/log"; do
    kill -0 "$up" 2>/dev/null || fail "up ended: $(cat "$work/log")"
    sleep 0.3
  done
}

# The lock of the data directory says whose it is.
stop() {
  kill -TERM "$(grep -oE '[0-9]+' "$work/volume/lock" | head -1)"
  wait "$up" || true
  up=
}

make "$older"
serve
pair='src=10.0.0.5 dst=203.0.113.7 sport=5005 dport=443'
reply='src=203.0.113.7 dst=192.0.2.1 sport=443 dport=40001'
printf '%s\n' \
  "[1772366400.000000]	    [NEW] tcp      6 120 SYN_SENT $pair [UNREPLIED] $reply id=77" \
  "[1772366410.000000]	[DESTROY] tcp      6 $pair $reply [ASSURED] id=77" >"$work/volume/old.log"
inside flowledger import conntrack /var/lib/flowledger/old.log --source gateway >"$work/out" 2>&1 ||
  fail "import: $(cat "$work/out")"
ask() { inside flowledger lookup 192.0.2.1:40001 2026-03-01T12:00:05Z --destination 203.0.113.7:443 -o json 2>/dev/null || true; }
before=$(ask)
grep -q '10\.0\.0\.5' <<<"$before" || fail "the answer: $before"
gist() { grep -oE '"verdict": *"[^"]*"|10\.0\.0\.5|"octets": *"?[0-9]*' <<<"$1" | sort -u | tr '\n' ' '; }
echo "ok: built, up, and answers: $(gist "$before")"
stop
make "$newer"
serve
after=$(ask)
[[ $(gist "$before") == $(gist "$after") ]] || fail "before: $before, after: $after"
echo 'ok: a newer image with the same volume answers the same'
stop
