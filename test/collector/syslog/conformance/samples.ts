import type { NatVendor } from '../../../../model/syslog-sources.ts'
import { carrierSamples } from './samples-carrier.ts'
import { bib, block, bsd, lineUs, tcp } from './sample.ts'
import type { Sample } from './sample.ts'

const asa = '<166>Mar 01 2026 12:00:00 fw1 : '
const ping = {
  protocol: 1,
  inside: '10.0.0.5 51000',
  outside: '192.0.2.1 20000',
  remote: '203.0.113.7 0',
  remoteAfter: '203.0.113.7 0',
}

/** Every vendor's lines. */
export const samples: Readonly<Record<NatVendor, readonly Sample[]>> = {
  ...carrierSamples,
  sixwind: [
    {
      line:
        `${bsd} fp-cgnat[2484]: NEW CONN: fwd proto 6 10.0.0.5:51000 -> 203.0.113.7:443, ` +
        'back proto 6 203.0.113.7:443 --> 192.0.2.1:20000',
      tells: [{ natEvent: 4, ...tcp }],
    },
    {
      line:
        `${bsd} fp-cgnat[4269]: USER 10.0.0.5 (matching rule 1): DESTROY BLOCK (pool "p1", ` +
        'ip public 192.0.2.1, proto 6, port 1024 - 1151)',
      tells: [{ natEvent: 17, protocol: 6, ...block, pool: 'p1' }],
    },
  ],
  'cisco-asa': [
    {
      line: `${asa}%ASA-6-305011: Built dynamic TCP translation from inside:10.0.0.5/51000(LOCAL\\bob) to outside:192.0.2.1/20000`,
      tells: [{ natEvent: 8, ...bib, user: 'LOCAL\\bob' }],
    },
    {
      line: `${asa}%ASA-6-305012: Teardown dynamic TCP translation from inside:10.0.0.5/51000 to outside:192.0.2.1/20000 duration 0:01:30`,
      tells: [{ natEvent: 9, ...bib, startedUs: lineUs - 90e6 }],
    },
    {
      line: `${asa}%ASA-6-302013: Built outbound TCP connection 12 for outside:203.0.113.7/443 (203.0.113.7/443) to inside:10.0.0.5/51000 (192.0.2.1/20000) (bob)`,
      tells: [{ natEvent: 4, ...tcp, user: 'bob' }],
    },
    {
      line: `${asa}%ASA-6-302014: Teardown TCP connection 12 for outside:203.0.113.7/443 to inside:10.0.0.5/51000 duration 0:01:30 bytes 4711 TCP FINs`,
      tells: [
        {
          natEvent: 5,
          protocol: 6,
          inside: '10.0.0.5 51000',
          remote: '203.0.113.7 443',
          remoteAfter: '203.0.113.7 443',
          octets: 4711,
          startedUs: lineUs - 90e6,
        },
      ],
    },
    {
      line: `${asa}%ASA-6-302020: Built outbound ICMP connection for faddr 203.0.113.7/0 gaddr 192.0.2.1/20000 laddr 10.0.0.5/51000(LOCAL\\bob) type 8 code 0`,
      tells: [{ natEvent: 4, ...ping, user: 'LOCAL\\bob' }],
    },
    {
      line: `${asa}%ASA-6-302021: Teardown ICMP connection for faddr 203.0.113.7/0 gaddr 192.0.2.1/20000 laddr 10.0.0.5/51000`,
      tells: [{ natEvent: 5, ...ping }],
    },
    {
      line: `${asa}%ASA-6-302020: Built inbound ICMP connection for faddr 203.0.113.7/77 gaddr 192.0.2.1/0 laddr 10.0.0.5/0`,
      tells: [{ natEvent: 4, ...ping, inside: '10.0.0.5 77', outside: '192.0.2.1 77' }],
    },
    {
      line: `${asa}%ASA-6-305014: Allocated TCP block of ports for translation from inside:10.0.0.5 to outside:192.0.2.1/1024-1151.`,
      tells: [{ natEvent: 16, protocol: 6, ...block }],
    },
    {
      line: `${asa}%ASA-3-202010: PAT pool exhausted. Unable to create TCP connection from inside:10.0.0.5/51000 to outside:203.0.113.7/443`,
      tells: [{ natEvent: 3 }],
    },
  ],
  'cisco-ios': [
    {
      line:
        '<189>1234: rt1: *Mar  1 12:00:00.000 UTC: %IPNAT-6-CREATED: tcp 10.0.0.5:51000 ' +
        '192.0.2.1:20000 203.0.113.7:443 203.0.113.7:443',
      tells: [{ natEvent: 4, ...tcp }],
    },
    {
      line:
        '<189>77: Mar  1 12:00:00.000 UTC: %IOSXE-6-PLATFORM: F0: cpp_cp: QFP:0.0 Thread:105 ' +
        'TS:00000123456789 %NAT-6-LOG_TRANSLATION: Deleted Translation TCP 10.0.0.5:51000 ' +
        '192.0.2.1:20000 203.0.113.7:443 203.0.113.7:443 9',
      tells: [{ natEvent: 5, ...tcp, vrf: 9 }],
    },
    {
      line:
        '<188>78: Mar  1 12:00:00.000 UTC: %IPNAT-4-ADDR_ALLOC_FAILURE: Address allocation failed ' +
        'for 10.0.0.5, pool p1 might be exhausted',
      tells: [{ natEvent: 3, pool: 'p1' }],
    },
  ],
  mikrotik: [
    {
      line:
        `${bsd} srcnat: in:bridge out:ether1, connection-state:new src-mac 02:00:00:00:00:01, ` +
        'proto TCP (SYN), 10.0.0.5:51000->203.0.113.7:443, NAT ' +
        '(10.0.0.5:51000->192.0.2.1:20000)->203.0.113.7:443, len 60',
      tells: [tcp],
    },
    {
      line:
        `${bsd} forward: in:ether1 out:bridge, connection-state:established,dnat proto TCP (ACK), ` +
        '203.0.113.7:443->192.0.2.1:80, NAT 203.0.113.7:443->(192.0.2.1:80->10.0.0.5:8080), len 52',
      tells: [
        {
          protocol: 6,
          inside: '203.0.113.7 443',
          outside: '203.0.113.7 443',
          remote: '192.0.2.1 80',
          remoteAfter: '10.0.0.5 8080',
          flags: 4,
        },
      ],
    },
  ],
  econat: [
    {
      line:
        '2026-03-01T12:00:00Z nat1 203.0.113.7:443 A 192.0.2.1:20000 E 10.0.0.5:51000 TCP ' +
        '203.0.113.7:443 F 192.0.2.1:20000 E 10.0.0.5:51000 TCP',
      tells: [
        { natEvent: 4, ...tcp },
        { natEvent: 5, ...tcp },
      ],
    },
    {
      line: '2026-03-01T12:00:00Z nat1 cb007107:01bb A c0000201:4e20 E 0a000005:c738 TCP',
      tells: [{ natEvent: 4, ...tcp }],
    },
  ],
  natlog: [
    {
      line:
        `${bsd} natlog: from 1772366340:55588 thru 1772366347:807100 (UTC): tcp 10.0.0.5:51000 ` +
        '(via: 192.0.2.1:20000) to 203.0.113.7:443; sent: 802, received: 7669',
      tells: [
        {
          ...tcp,
          octets: 802,
          reverseOctets: 7669,
          startedUs: 1_772_366_340_055_588,
          fromUs: 1_772_366_340_055_588,
          toUs: 1_772_366_347_807_100,
        },
      ],
    },
  ],
  'linux-log': [
    {
      line:
        `${bsd} kernel: [12.345678] [NAT-SRC-10-MASQ]IN= OUT=eth0 SRC=10.0.0.5 DST=203.0.113.7 ` +
        'LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=4711 DF PROTO=TCP SPT=51000 DPT=443 WINDOW=64240',
      tells: [{ ...tcp, outside: '10.0.0.5 51000', flags: 4 }],
    },
  ],
  conntrack: [
    {
      line:
        `${bsd} conntrack-logger[812]: [NEW] tcp      6 120 SYN_SENT src=10.0.0.5 dst=203.0.113.7 ` +
        'sport=51000 dport=443 [UNREPLIED] src=203.0.113.7 dst=192.0.2.1 sport=443 dport=20000',
      tells: [{ natEvent: 4, ...tcp }],
    },
    {
      line:
        `${bsd} conntrack-logger[812]: [DESTROY] tcp      6 src=10.0.0.5 dst=203.0.113.7 ` +
        'sport=51000 dport=443 packets=10 bytes=1000 src=203.0.113.7 dst=192.0.2.1 sport=443 ' +
        'dport=20000 packets=12 bytes=2000 [ASSURED]',
      tells: [{ natEvent: 5, ...tcp, packets: 10, octets: 1000, reverseOctets: 2000 }],
    },
  ],
  ulogd: [
    {
      line:
        `${bsd} ulogd[7]: [NEW] ORIG: SRC=10.0.0.5 DST=203.0.113.7 PROTO=TCP SPT=51000 DPT=443 ` +
        'PKTS=0 BYTES=0 , REPLY: SRC=203.0.113.7 DST=192.0.2.1 PROTO=TCP SPT=443 DPT=20000 ' +
        'PKTS=0 BYTES=0 ',
      tells: [{ natEvent: 4, ...tcp }],
    },
    {
      line:
        `${bsd} ulogd[7]: [DESTROY] ORIG: SRC=10.0.0.5 DST=203.0.113.7 PROTO=TCP SPT=51000 ` +
        'DPT=443 PKTS=10 BYTES=1000 , REPLY: SRC=203.0.113.7 DST=192.0.2.1 PROTO=TCP SPT=443 ' +
        'DPT=20000 PKTS=12 BYTES=2000 ',
      tells: [{ natEvent: 5, ...tcp, packets: 10, octets: 1000, reverseOctets: 2000 }],
    },
  ],
  jool: [
    {
      line:
        `${bsd} kernel: [  312.493235] Jool: alpha 2026/3/1 11:59:59 (GMT) - Mapped ` +
        '2001:db8::5#19945 to 192.0.2.2#8208 (UDP)',
      tells: [
        {
          natEvent: 10,
          protocol: 17,
          inside: '2001:db8::5 19945',
          outside: '192.0.2.2 8208',
          fromUs: lineUs - 1e6,
          toUs: lineUs - 1,
        },
      ],
    },
    {
      line:
        `${bsd} kernel: [  312.493235] Jool: alpha 2026/3/1 11:59:59 (GMT) - Forgot session ` +
        '2001:db8::5#19945|64:ff9b::203.0.113.7#80|192.0.2.2#8208|203.0.113.7#80|TCP',
      tells: [
        {
          natEvent: 7,
          protocol: 6,
          inside: '2001:db8::5 19945',
          remote: '64:ff9b::cb00:7107 80',
          outside: '192.0.2.2 8208',
          remoteAfter: '203.0.113.7 80',
          fromUs: lineUs - 1e6,
          toUs: lineUs - 1,
        },
      ],
    },
  ],
}
