#!/usr/bin/env bash
# What try-container.sh runs within the namespaces; prints a line for each thing that it found true.
set -euo pipefail
fail() { echo "FAILED: $*" >&2; exit 1; }
ok() { echo "ok: $* ($(($(date +%s) - begun)) s)"; begun=$(date +%s); }
begun=$(date +%s)
trap 'fail "line $LINENO"' ERR

# Containers, images, volumes and what podman knows of the running ones are in here alone.
mount -t proc proc /proc
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /var/lib/containers /run/lock
mount -t tmpfs tmpfs /var/lib/containers
# Who may not raise limits, or share out a machine's processors and memory, may run one anyway.
most() { local is; is=$(ulimit -H"$1"); [[ $is != unlimited ]] && ((is < $2)) && echo "$is" || echo "$2"; }
files=$(most n 1048576)
processes=$(most u 32768)
export CONTAINERS_CONF="$work/containers.conf" BUILDAH_ISOLATION=chroot
cat >"$CONTAINERS_CONF" <<CONF
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=$files:$files", "nproc=$processes:$processes"]
CONF

# The base image under the name that the file gives it; no registry is asked.
tar -C "$base" -c . | podman import -q - debian:bookworm-slim >/dev/null 2>&1
cd "$work/flowledger"

# The command of docs/how-to/container.md that begins with these words, with the lines that it goes on on.
typed() {
  awk -v words="$1" '/^```/ { shown = $0 == "```sh" }
    shown && index($0, words) == 1 { on = found = 1 }
    on { print; on = /\\$/ }
    END { exit !found }' "$work/page.md" || fail "the page has no $1"
}
# Networks of their own begin empty; what the container shares is then not the machine's.
unshare --net sleep infinity &
host=$!
on_host() { nsenter --net="/proc/$host/ns/net" "$@"; }
until [[ $(readlink "/proc/$host/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do sleep 0.1; done
on_host ip link set lo up

build() {
  bash -euc "$(typed 'podman build')" >"$work/log" 2>&1 </dev/null || fail "podman build: $(tail -20 "$work/log")"
}
start() {
  on_host bash -c "exec $(typed 'podman run')" >"$work/log" 2>&1 </dev/null &
  run=$!
  until on_host curl -fs http://127.0.0.1:8080/readyz >/dev/null; do
    kill -0 "$run" 2>/dev/null || fail "podman run: $(cat "$work/log")"
    sleep 0.3
  done
}
stop() {
  # Ten seconds, after which podman kills, may be too few on a busy machine.
  on_host podman stop --time 300 flowledger >/dev/null 2>"$work/stop"
  wait "$run" || fail "the container ended with $?: $(cat "$work/log")"
  podman rm flowledger >/dev/null 2>>"$work/stop"
}
inside() { on_host podman exec -i flowledger "$@"; }

if [[ -n $package ]]; then
  cp "$package" packaging/container/
else
  bash -euc "$(typed 'scripts/build-deb.sh')" >"$work/log" 2>&1 </dev/null || fail "$(cat "$work/log")"
fi
build
ok "an image: $(podman image inspect -f '{{.Size}}' flowledger) octets"
start
inside flowledger doctor >"$work/doctor" || fail "doctor: $(cat "$work/doctor")"
ok "up, and doctor has nothing against it: $(tail -1 "$work/doctor")"
owner=$(inside sh -c 'for each in /proc/[0-9]*; do
  grep -qz "apart/[p]rocess" $each/cmdline && stat -c %U $each && grep CapEff $each/status; done; true')
[[ $owner == flowledger-serve*CapEff:*([[:space:]])0000000000000000 ]] || fail "the API is $owner"
podman healthcheck run flowledger || fail 'it is not healthy'
ok 'healthy; the API is a process of a user of its own without capabilities'

pair='src=10.0.0.5 dst=203.0.113.7 sport=5005 dport=443'
reply='src=203.0.113.7 dst=192.0.2.1 sport=443 dport=40001'
printf '%s\n' \
  "[1772366400.000000]	    [NEW] tcp      6 120 SYN_SENT $pair [UNREPLIED] $reply id=77" \
  "[1772366410.000000]	[DESTROY] tcp      6 $pair $reply [ASSURED] id=77" >"$work/old.log"
podman cp "$work/old.log" flowledger:/tmp/old.log
inside flowledger import conntrack /tmp/old.log --source gateway >"$work/out" 2>&1 ||
  fail "import: $(cat "$work/out")"
question='ip=192.0.2.1&port=40001&at=2026-03-01T12:00:05Z&destination_ip=203.0.113.7&destination_port=443'
# By HTTP from the host, less what is of the moment at which it was asked.
ask() {
  on_host curl -s -H "Authorization: Bearer $(inside cat /var/lib/flowledger/admin-token)" \
    "http://127.0.0.1:8080/v1/lookup?$question" | tee "$work/answer" |
    grep -oE '"verdict": *"[^"]*"|10\.0\.0\.5' | sort -u | tr '\n' ' '
}
before=$(ask)
grep -q '10\.0\.0\.5' <<<"$before" || fail "the answer: $(cat "$work/answer")"
code=0
on_host bash -c "$(typed 'podman exec')" >"$work/out" 2>&1 </dev/null || code=$?
((code == 5)) || fail "podman exec ended with $code: $(cat "$work/out")"
ok "it answers: $before"
stop
ok 'SIGTERM ends it with 0'

if [[ -n $newer ]]; then
  rm packaging/container/*.deb
  cp "$newer" packaging/container/
  build
fi
start
after=$(ask)
[[ $before == "$after" ]] || fail "before: $before, after: $after"
inside flowledger verify-audit >/dev/null || fail 'the audit does not hold'
ok 'another container with the same volume answers the same, and the audit holds'
stop
