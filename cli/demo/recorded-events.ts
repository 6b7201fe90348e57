import type { Question } from './scenario.ts'

/**
 * Recorded in the gateway of topology.ts while scenario.ts played, with
 * `conntrack -E -e NEW,DESTROY -o timestamp,id` (conntrack-tools 1.4.7, Linux 6.18); most of the
 * DNS traffic is left out. A backslash at the end of a line continues it.
 */
export const recordedEvents = `\
[1795192655.879564]\t    [NEW] udp      17 3 src=10.77.0.2 dst=198.51.100.1 sport=57067 \
dport=53 [UNREPLIED] src=198.51.100.1 dst=192.0.2.1 sport=53 dport=57067 id=4028403161
[1795192655.893014]\t    [NEW] tcp      6 3 SYN_SENT src=2001:db8:77::2 dst=2001:db8:2::1 \
sport=44853 dport=443 [UNREPLIED] src=2001:db8:2::1 dst=2001:db8:77::2 sport=443 dport=44853 \
id=4117216698
[1795192655.900705]\t    [NEW] icmp     1 3 src=10.77.0.2 dst=198.51.100.1 type=8 code=0 \
id=16452 [UNREPLIED] src=198.51.100.1 dst=192.0.2.1 type=0 code=0 id=16452 id=3453125993
[1795192655.908057]\t    [NEW] udp      17 3 src=10.77.1.2 dst=198.51.100.1 sport=49874 \
dport=53 [UNREPLIED] src=198.51.100.1 dst=192.0.2.1 sport=53 dport=49874 id=3868461184
[1795192655.919547]\t    [NEW] tcp      6 3 SYN_SENT src=2001:db8:77:1::2 dst=2001:db8:2::1 \
sport=43785 dport=443 [UNREPLIED] src=2001:db8:2::1 dst=2001:db8:77:1::2 sport=443 dport=43785 \
id=2739326793
[1795192655.925775]\t    [NEW] icmp     1 3 src=10.77.1.2 dst=198.51.100.1 type=8 code=0 \
id=16453 [UNREPLIED] src=198.51.100.1 dst=192.0.2.1 type=0 code=0 id=16453 id=2839011680
[1795192655.929609]\t    [NEW] udp      17 3 src=10.77.2.2 dst=198.51.100.1 sport=52101 \
dport=53 [UNREPLIED] src=198.51.100.1 dst=192.0.2.1 sport=53 dport=52101 id=493531290
[1795192655.940866]\t    [NEW] tcp      6 3 SYN_SENT src=2001:db8:77:2::2 dst=2001:db8:2::1 \
sport=41653 dport=443 [UNREPLIED] src=2001:db8:2::1 dst=2001:db8:77:2::2 sport=443 dport=41653 \
id=3228174246
[1795192655.946857]\t    [NEW] icmp     1 3 src=10.77.2.2 dst=198.51.100.1 type=8 code=0 \
id=16454 [UNREPLIED] src=198.51.100.1 dst=192.0.2.1 type=0 code=0 id=16454 id=3663133984
[1795192655.948527]\t    [NEW] tcp      6 3 SYN_SENT src=10.77.0.2 dst=198.51.100.1 sport=40001 \
dport=443 [UNREPLIED] src=198.51.100.1 dst=192.0.2.1 sport=443 dport=40001 id=673369048
[1795192655.950472]\t    [NEW] tcp      6 3 SYN_SENT src=10.77.1.2 dst=203.0.113.1 sport=40001 \
dport=443 [UNREPLIED] src=203.0.113.1 dst=192.0.2.1 sport=443 dport=40001 id=2047502572
[1795192655.952173]\t    [NEW] tcp      6 3 SYN_SENT src=10.77.0.2 dst=203.0.113.1 sport=40002 \
dport=443 [UNREPLIED] src=203.0.113.1 dst=192.0.2.1 sport=443 dport=40002 id=3581566194
[1795192655.954310]\t    [NEW] tcp      6 3 SYN_SENT src=203.0.113.1 dst=192.0.2.1 sport=40003 \
dport=8022 [UNREPLIED] src=10.77.2.2 dst=203.0.113.1 sport=22 dport=40003 id=2995871878
[1795192677.528975]\t[DESTROY] icmp     1 src=10.77.1.2 dst=198.51.100.1 type=8 code=0 id=16453 \
packets=1 bytes=84 src=198.51.100.1 dst=192.0.2.1 type=0 code=0 id=16453 packets=1 bytes=84 \
delta-time=3 id=2839011680
[1795192677.529068]\t[DESTROY] udp      17 src=10.77.0.2 dst=198.51.100.1 sport=57067 dport=53 \
packets=1 bytes=38 src=198.51.100.1 dst=192.0.2.1 sport=53 dport=57067 packets=1 bytes=44 \
delta-time=3 id=4028403161
[1795192677.529113]\t[DESTROY] tcp      6 ESTABLISHED src=10.77.0.2 dst=198.51.100.1 \
sport=40001 dport=443 packets=4 bytes=226 src=198.51.100.1 dst=192.0.2.1 sport=443 dport=40001 \
packets=3 bytes=180 [ASSURED] delta-time=12 id=673369048
[1795192677.529125]\t[DESTROY] tcp      6 ESTABLISHED src=2001:db8:77:1::2 dst=2001:db8:2::1 \
sport=43785 dport=443 packets=4 bytes=306 src=2001:db8:2::1 dst=2001:db8:77:1::2 sport=443 \
dport=43785 packets=3 bytes=247 [ASSURED] delta-time=12 id=2739326793
[1795192677.529273]\t[DESTROY] udp      17 src=10.77.1.2 dst=198.51.100.1 sport=49874 dport=53 \
packets=1 bytes=38 src=198.51.100.1 dst=192.0.2.1 sport=53 dport=49874 packets=1 bytes=44 \
delta-time=3 id=3868461184
[1795192677.529444]\t[DESTROY] tcp      6 ESTABLISHED src=203.0.113.1 dst=192.0.2.1 sport=40003 \
dport=8022 packets=4 bytes=226 src=10.77.2.2 dst=203.0.113.1 sport=22 dport=40003 packets=3 \
bytes=182 [ASSURED] delta-time=12 id=2995871878
[1795192677.529771]\t[DESTROY] tcp      6 ESTABLISHED src=2001:db8:77::2 dst=2001:db8:2::1 \
sport=44853 dport=443 packets=4 bytes=306 src=2001:db8:2::1 dst=2001:db8:77::2 sport=443 \
dport=44853 packets=3 bytes=245 [ASSURED] delta-time=12 id=4117216698
[1795192677.529988]\t[DESTROY] udp      17 src=10.77.2.2 dst=198.51.100.1 sport=52101 dport=53 \
packets=1 bytes=38 src=198.51.100.1 dst=192.0.2.1 sport=53 dport=52101 packets=1 bytes=44 \
delta-time=3 id=493531290
[1795192677.530201]\t[DESTROY] icmp     1 src=10.77.0.2 dst=198.51.100.1 type=8 code=0 id=16452 \
packets=1 bytes=84 src=198.51.100.1 dst=192.0.2.1 type=0 code=0 id=16452 packets=1 bytes=84 \
delta-time=3 id=3453125993
[1795192677.530398]\t[DESTROY] tcp      6 ESTABLISHED src=2001:db8:77:2::2 dst=2001:db8:2::1 \
sport=41653 dport=443 packets=4 bytes=306 src=2001:db8:2::1 dst=2001:db8:77:2::2 sport=443 \
dport=41653 packets=3 bytes=247 [ASSURED] delta-time=12 id=3228174246
[1795192677.530542]\t[DESTROY] tcp      6 TIME_WAIT src=10.77.0.2 dst=203.0.113.1 sport=40002 \
dport=443 packets=6 bytes=330 src=203.0.113.1 dst=192.0.2.1 sport=443 dport=40002 packets=4 \
bytes=232 [ASSURED] delta-time=5 id=3581566194
[1795192677.532017]\t[DESTROY] icmp     1 src=10.77.2.2 dst=198.51.100.1 type=8 code=0 id=16454 \
packets=1 bytes=84 src=198.51.100.1 dst=192.0.2.1 type=0 code=0 id=16454 packets=1 bytes=84 \
delta-time=3 id=3663133984
[1795192677.533591]\t[DESTROY] tcp      6 ESTABLISHED src=10.77.1.2 dst=203.0.113.1 sport=40001 \
dport=443 packets=4 bytes=226 src=203.0.113.1 dst=192.0.2.1 sport=443 dport=40001 packets=3 \
bytes=180 [ASSURED] delta-time=12 id=2047502572
`

const at = '2026-11-20T16:37:36Z'

/** What to ask of {@link recordedEvents}. */
export const recordedQuestions: readonly Question[] = [
  {
    text: 'One host held this address and port.',
    args: ['192.0.2.1:40002', at, '--protocol', 'tcp'],
  },
  {
    text: 'Two hosts held this address and port at once; the destination tells them apart.',
    args: ['192.0.2.1:40001', at, '--destination', '203.0.113.1:443'],
  },
  {
    text: 'A connection from outside, through the port forward.',
    args: ['192.0.2.1:8022', at, '--protocol', 'tcp'],
  },
]
