import type { NatVendor } from '../../../../model/syslog-sources.ts'
import type { ReadEvent } from '../reading.ts'

/** A line of a vendor, after its documentation, and what it tells beside its time. */
export interface Sample {
  readonly line: string
  readonly tells: readonly ReadEvent[]
}

/** The time that stands in the lines, and the second that it is. */
export const lineUs = Date.UTC(2026, 2, 1, 12) * 1000

const head = '<134>1 2026-03-01T12:00:00.500Z gw1'
const bsd = '<134>Mar  1 12:00:00 gw1'

/** A session of the inside host 10.0.0.5. */
const tcp = {
  protocol: 6,
  inside: '10.0.0.5 51000',
  outside: '192.0.2.1 20000',
  remote: '203.0.113.7 443',
  remoteAfter: '203.0.113.7 443',
}
const bib = { protocol: 6, inside: '10.0.0.5 51000', outside: '192.0.2.1 20000' }
const block = { inside: '10.0.0.5 0', outside: '192.0.2.1 0', portStart: 1024, portEnd: 1151 }

const junosPairs =
  'source-address="10.0.0.5" source-port="51000" destination-address="203.0.113.7" ' +
  'destination-port="443" connection-tag="0" service-name="junos-https" ' +
  'nat-source-address="192.0.2.1" nat-source-port="20000" ' +
  'nat-destination-address="203.0.113.7" nat-destination-port="443" nat-connection-tag="0" ' +
  'src-nat-rule-type="source rule" src-nat-rule-name="r1" dst-nat-rule-type="N/A" ' +
  'dst-nat-rule-name="N/A" protocol-id="6" policy-name="p" source-zone-name="trust" ' +
  'destination-zone-name="untrust" session-id="92317" username="bob" roles="N/A"'

const pbaPairs =
  'internal-ip="10.0.0.5" block-used="1" block-max-per-host="4" block-port-low="1024" ' +
  'block-port-high="1151" reflexive-ip="192.0.2.1" nat-pool-name="p1" logical-system-id="0" ' +
  'epoch-time-64="69a42a40"'

const asa = '<166>Mar 01 2026 12:00:00 fw1 : '

export const samples: Readonly<Record<NatVendor, readonly Sample[]>> = {
  juniper: [
    {
      line: `${head} RT_FLOW - RT_FLOW_SESSION_CREATE [junos@2636.1.1.1.2.39 ${junosPairs}]`,
      tells: [{ natEvent: 4, ...tcp, user: 'bob' }],
    },
    {
      line:
        `${head} RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@2636.1.1.1.2.39 reason="TCP FIN" ` +
        `${junosPairs} packets-from-client="10" bytes-from-client="1000" ` +
        'packets-from-server="12" bytes-from-server="2000" elapsed-time="30"]',
      tells: [
        {
          natEvent: 5,
          ...tcp,
          user: 'bob',
          packets: 10,
          octets: 1000,
          reverseOctets: 2000,
          startedUs: lineUs + 0.5e6 - 30e6,
        },
      ],
    },
    {
      line:
        `${bsd} RT_FLOW: RT_FLOW_SESSION_CREATE: session created 10.0.0.5/51000->203.0.113.7/443 ` +
        '0x0 junos-https 192.0.2.1/20000->203.0.113.7/443 0x0 source rule r1 N/A N/A 6 p trust ' +
        'untrust 92317 N/A(N/A) ge-0/0/0.0 UNKNOWN UNKNOWN UNKNOWN',
      tells: [{ natEvent: 4, ...tcp }],
    },
    {
      line:
        `${bsd} RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed idle Timeout: ` +
        '10.0.0.5/51000->203.0.113.7/443 junos-https 192.0.2.1/20000->203.0.113.7/443 r1 None 6 ' +
        'p trust untrust 92317 10(1000) 12(2000) 30 UNKNOWN UNKNOWN',
      tells: [
        {
          natEvent: 5,
          ...tcp,
          packets: 10,
          octets: 1000,
          reverseOctets: 2000,
          startedUs: lineUs - 30e6,
        },
      ],
    },
    {
      line: `${head} RT_NAT - RT_SRC_NAT_PBA_ALLOC [junos@2636.1.1.1.2.39 ${pbaPairs}]`,
      tells: [{ natEvent: 16, ...block, pool: 'p1' }],
    },
    {
      line: `${head} RT_NAT - RT_SRC_NAT_PBA_INTERIM [junos@2636.1.1.1.2.39 ${pbaPairs}]`,
      tells: [{ natEvent: 16, ...block, pool: 'p1', startedUs: 0x69a42a40 * 1e6, flags: 4 }],
    },
    {
      line:
        `${bsd} RT_NAT: RT_SRC_NAT_PBA_RELEASE: Subscriber 10.0.0.5 used/maximum [0/4] blocks, ` +
        'releases port block [1024-1151] from 192.0.2.1 in source pool p1 lsys_id: 0',
      tells: [{ natEvent: 17, ...block, pool: 'p1' }],
    },
    {
      line:
        `${bsd} RT_NAT: RT_SRC_NAT_SUBS_POOL_ALARM_RAISE: Subscriber ip: 10.0.0.5, Source NAT ` +
        'pool: p1, Pool type: PBA, threshold: 90%, current: 100%',
      tells: [{ natEvent: 18, inside: '10.0.0.5 0', pool: 'p1' }],
    },
  ],
  'juniper-services': [
    {
      line:
        `${bsd} (FPC Slot 1, PIC Slot 0) {ss1}[jservices-nat]: JSERVICES_NAT_PORT_BLOCK_ALLOC: ` +
        '10.0.0.5 -> 192.0.2.1:1024-1151 0x69a42a40',
      tells: [{ natEvent: 16, ...block }],
    },
    {
      line:
        `${bsd} {ss1}[jservices-nat]: JSERVICES_NAT_PORT_BLOCK_RELEASE: 10.0.0.5 -> ` +
        '192.0.2.1:1024-1151 0x69a42a40',
      tells: [{ natEvent: 17, ...block, startedUs: 0x69a42a40 * 1e6 }],
    },
    {
      line:
        `${bsd} {ss1}[jservices-sfw]: JSERVICES_SESSION_OPEN: application:none, ge-0/0/0.0 ` +
        '10.0.0.5:51000 [192.0.2.1:20000] -> 203.0.113.7:443 (TCP)',
      tells: [{ natEvent: 4, ...tcp }],
    },
    {
      line:
        `${bsd} {ss1}[jservices-sfw]: JSERVICES_SESSION_CLOSE: application:none, ge-0/0/0.0 ` +
        '10.0.0.5:51000 [192.0.2.1:20000] -> 203.0.113.7:443 (TCP)',
      tells: [{ natEvent: 5, ...tcp }],
    },
  ],
  a10: [
    {
      line: `${bsd} NAT-TCP-C: 10.0.0.5:51000 -> 192.0.2.1:20000`,
      tells: [{ natEvent: 8, ...bib }],
    },
    {
      line: `${bsd} NAT-TCP-N: 10.0.0.5:51000 -> 192.0.2.1:20000 to 203.0.113.7:443`,
      tells: [{ natEvent: 4, ...tcp }],
    },
    {
      line:
        `${bsd} NAT-TCP-F: 10.0.0.5:51000<->203.0.113.7:443, ` +
        '203.0.113.7:443<-->192.0.2.1:20000',
      tells: [{ natEvent: 5, ...tcp }],
    },
    {
      line: `${bsd} NAT-UDP-B: 10.0.0.5 -> 192.0.2.1:1024-1151`,
      tells: [{ natEvent: 16, protocol: 17, ...block }],
    },
    {
      line: `${bsd} FIXED-NAT-PORTS 10.0.0.5->192.0.2.1:1024-1151`,
      tells: [{ natEvent: 16, ...block, flags: 4 }],
    },
    {
      line:
        `${bsd} CEF:0|A10|CFW|6.0.0-P1|CGN 101|Nat Port Freed|5|proto=TCP src=10.0.0.5 spt=51000 ` +
        'sourceTranslatedAddress=192.0.2.1 sourceTranslatedPort=20000 dst=203.0.113.7 dpt=443',
      tells: [{ natEvent: 5, ...tcp }],
    },
  ],
  f5: [
    {
      line: `${bsd} tmm[1]: LSN_ADD 10.0.0.5%3:51000 TCP 192.0.2.1:20000 203.0.113.7:443`,
      tells: [{ natEvent: 4, ...tcp, vrf: 3 }],
    },
    {
      line: `${bsd} "LSN_DELETE" "10.0.0.5%0:51000" "TCP" "192.0.2.1:20000" "203.0.113.7:443"`,
      tells: [{ natEvent: 5, ...tcp }],
    },
    {
      line:
        `${bsd} ip_protocol="TCP",lsn_event="LSN_DELETE",start="1772366340000",` +
        'cli="10.0.0.5:51000",nat="192.0.2.1:20000",dest="203.0.113.7:443"',
      tells: [{ natEvent: 5, ...tcp, startedUs: lineUs - 60e6 }],
    },
    {
      line: `${bsd} lsn_event="LSN_PB_ALLOCATED",lsn_client="10.0.0.5",lsn_pb="192.0.2.1: 1024-1151"`,
      tells: [{ natEvent: 16, ...block }],
    },
    { line: `${bsd} LSN_QUOTA_EXCEEDED 10.0.0.5`, tells: [{ natEvent: 13 }] },
  ],
  nfware: [
    {
      line: `${head} nat - - - A VRF 7 6 INT 10.0.0.5:51000 EXT 192.0.2.1:20000 DST 203.0.113.7:443 DIR OUT`,
      tells: [{ natEvent: 4, ...tcp, vrf: 7 }],
    },
    {
      line: `${head} nat - - - D VRF 0 6 INT 10.0.0.5:51000 EXT 192.0.2.1:20000`,
      tells: [{ natEvent: 9, ...bib }],
    },
    {
      line: `${head} nat - - - A VRF 0 INT 10.0.0.5 EXT 192.0.2.1:1024-1151`,
      tells: [{ natEvent: 16, ...block }],
    },
    {
      line: `${head} nat - - - A VRF 0 INT 10.0.0.5 EXT 192.0.2.1`,
      tells: [{ natEvent: 14, inside: '10.0.0.5 0', outside: '192.0.2.1 0' }],
    },
  ],
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
