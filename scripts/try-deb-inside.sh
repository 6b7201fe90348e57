#!/usr/bin/env bash
# What try-deb.sh runs within the namespaces; prints a line for each thing that it found true.
set -euo pipefail
data=/var/lib/flowledger
fail() { echo "FAILED: $*" >&2; exit 1; }
ok() { echo "ok: $*"; }

start_up() {
  : >/tmp/up.log
  flowledger up --data-dir "$data" >/tmp/up.out 2>/tmp/up.log &
  up=$!
  until grep -q 'Stop with Ctrl-C' /tmp/up.log; do
    kill -0 "$up" 2>/dev/null || fail "up ended: $(cat /tmp/up.log)"
    sleep 0.2
  done
}

stop_up() {
  kill -TERM "$up"
  wait "$up" || fail "up ended with $?: $(cat /tmp/up.log)"
}

# An answer as JSON, without what is of the moment at which it was asked.
ask() {
  flowledger lookup 192.0.2.1:40001 2026-03-01T12:00:05Z --destination 203.0.113.7:443 \
    --data-dir "$data" -o json 2>/dev/null
}

for program in node nodejs npm; do
  ! command -v "$program" >/dev/null || fail "$program is still on PATH"
done

dpkg -i /tmp/older.deb >/dev/null 2>/tmp/dpkg.log || fail "dpkg -i: $(cat /tmp/dpkg.log)"
ok "installed: $(flowledger --version), without a Node.js on this machine"
id flowledger-collect >/dev/null && id flowledger-serve >/dev/null || fail 'users'
[[ $(stat -c %a /etc/flowledger/credentials) == 700 ]] || fail 'mode of the credentials'

# Opened and closed connection of a host behind NAT, as `conntrack -E -o timestamp,id` writes it.
pair='src=10.0.0.5 dst=203.0.113.7 sport=5005 dport=443'
reply='src=203.0.113.7 dst=192.0.2.1 sport=443 dport=40001'
printf '%s\n' \
  "[1772366400.000000]	    [NEW] tcp      6 120 SYN_SENT $pair [UNREPLIED] $reply id=77" \
  "[1772366410.000000]	[DESTROY] tcp      6 $pair $reply [ASSURED] id=77" >/tmp/old.log

start_up
flowledger import conntrack /tmp/old.log --source gateway --data-dir "$data" >/tmp/import.out
before=$(ask)
grep -q '10\.0\.0\.5' <<<"$before" || fail "the answer: $before"
flowledger token create desk --data-dir "$data" >/tmp/desk-token 2>&1
ok "up answers: $(grep -o '"verdict": *"[a-z-]*"' <<<"$before")"
stop_up
ok 'SIGTERM ends it with 0'

echo 'networks: { inside: [10.0.0.0/8] }' >>/etc/flowledger/config.yaml
dpkg --force-confold -i /tmp/newer.deb >/dev/null 2>/tmp/dpkg.log ||
  fail "upgrade: $(cat /tmp/dpkg.log)"
grep -q '10.0.0.0/8' /etc/flowledger/config.yaml || fail 'the upgrade changed the configuration'
start_up
after=$(ask)
api=$(grep -lz 'apart/[p]rocess' /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3) || true
[[ $(stat -c %U "/proc/$api" 2>/dev/null) == flowledger-serve ]] ||
  fail 'the API has no process of its own'
grep -qE '^CapEff:\s+0+$' "/proc/$api/status" || fail 'the API has capabilities'
verdict() { grep -oE '"(verdict|inside_ip|inside_port)": *"?[^",]*' <<<"$1" | sort -u; }
[[ $(verdict "$before") == "$(verdict "$after")" ]] || fail "before: $before, after: $after"
flowledger token list --data-dir "$data" | grep desk >/dev/null || fail 'the token is gone'
flowledger verify-audit --data-dir "$data" >/dev/null || fail 'the audit after the upgrade'
stop_up
ok "upgraded to $(dpkg-query -W -f '${Version}' flowledger): same answer, token and audit are there"

man_page=/usr/share/man/man1/flowledger-lookup.1.gz
# Some machines install no man pages at all (dpkg's path-exclude); the package has them.
dpkg -L flowledger | grep -x "$man_page" >/dev/null || fail 'no man page'
if command -v man >/dev/null && [[ -e $man_page ]]; then
  man -l "$man_page" 2>&1 | grep SYNOPSIS >/dev/null || fail 'man does not show it'
fi
bash -c 'source /usr/share/bash-completion/completions/flowledger; COMP_WORDS=(flowledger look)
  COMP_CWORD=1; _flowledger; echo "${COMPREPLY[*]}"' | grep -qw lookup || fail 'bash completion'
for shell in zsh/vendor-completions/_flowledger fish/vendor_completions.d/flowledger.fish; do
  [[ -s /usr/share/$shell ]] || fail "$shell"
done
ok 'man pages and completions'
if command -v systemd-analyze >/dev/null; then
  systemd-analyze verify --man=no /lib/systemd/system/flowledger*.service 2>&1 |
    grep flowledger && fail 'units'
  ok 'the units find their program'
fi

dpkg -r flowledger >/dev/null 2>&1
[[ ! -e /usr/lib/flowledger && -d $data/postgres && -f /etc/flowledger/config.yaml ]] ||
  fail 'after remove'
ok 'removed: ledger and configuration stay'
dpkg -P flowledger >/dev/null 2>/tmp/purge.log
[[ -d $data/postgres && ! -e /etc/flowledger ]] || fail 'after purge'
grep -q 'is kept' /tmp/purge.log || fail 'purge does not say that the evidence is kept'
ok 'purged: the evidence stays, and that is said'
dpkg -i /tmp/newer.deb >/dev/null 2>&1
FLOWLEDGER_PURGE_EVIDENCE=yes dpkg -P flowledger >/dev/null 2>&1
[[ ! -e $data && ! -e /usr/lib/flowledger ]] || fail "left behind: $(ls -d $data)"
ok 'purged with FLOWLEDGER_PURGE_EVIDENCE=yes: nothing is left'
