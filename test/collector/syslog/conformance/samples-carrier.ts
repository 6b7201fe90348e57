import { bib, block, bsd, lineUs, tcp } from './sample.ts'

/** Lines of carriers' gateways, which log sessions, bindings and blocks of ports. */

const head = '<134>1 2026-03-01T12:00:00.500Z gw1'

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

export const carrierSamples = {
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
        `${bsd} RT_FLOW: RT_FLOW_SESSION_CREATE: session created 10.0.0.5/51000->203.0.113.7/443 ` +
        '0x0 junos-https 192.0.2.1/20000->203.0.113.7/443 0x0 source rule r1 N/A N/A 6 p trust ' +
        'untrust 92317 carol(staff, printers) ge-0/0/0.0 UNKNOWN UNKNOWN UNKNOWN',
      tells: [{ natEvent: 4, ...tcp, user: 'carol' }],
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
    {
      line:
        `${bsd} (FPC Slot 1, PIC Slot 0) {ss1}[FWNAT]: ASP_SFW_CREATE_ACCEPT_FLOW: proto 6 (TCP) ` +
        'application: any, ge-0/0/0.0:10.0.0.5:51000 -> 203.0.113.7:443, creating forward or ' +
        'watch flow ; source address and port translate to 192.0.2.1:20000',
      tells: [{ natEvent: 4, ...tcp }],
    },
    {
      line:
        `${bsd} {ss1}[FWNAT]: ASP_SFW_DELETE_FLOW: proto 6 (TCP) application: any, (null)(null)` +
        '10.0.0.5:51000 -> 203.0.113.7:443, deleting forward or watch flow ; ' +
        'source address and port translate to 192.0.2.1:20000',
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
    {
      line:
        `${bsd} CEF:0|A10|CFW|6.0.0-P1|CGN 100|Nat Port Allocated|5|proto=TCP src=10.0.0.5 ` +
        'spt=51000 suser=line7 sourceTranslatedAddress=192.0.2.1 sourceTranslatedPort=20000',
      tells: [{ natEvent: 8, ...bib, user: 'line7' }],
    },
    ...(['Allocated', 'Freed'] as const).map((what, i) => ({
      line:
        `${bsd} CEF:0|A10|CFW|6.0.0-P1|CGN 10${6 + i}|Nat Port Batch Pool ${what}|5|proto=UDP ` +
        'src=10.0.0.5 sourceTranslatedAddress=192.0.2.1 sourceTranslatedPort=1024 cn3=1151 ' +
        'cn3Label=Last Nat Port',
      tells: [{ natEvent: 16 + i, protocol: 17, ...block }],
    })),
    {
      line: `${bsd} NAT-TCP-C: 0a000005:c738 -> c0000201:4e20`,
      tells: [{ natEvent: 8, ...bib }],
    },
  ],
  f5: [
    {
      line: `${bsd} tmm[1]: LSN_ADD 10.0.0.5%3:51000 TCP 192.0.2.1:20000 203.0.113.7:443`,
      tells: [{ natEvent: 4, ...tcp, vrf: 3 }],
    },
    {
      line: `${bsd} LSN_DELETE 10.0.0.5%0:51000 TCP 192.0.2.1%0:20000 203.0.113.7%0:443`,
      tells: [{ natEvent: 5, ...tcp }],
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
    {
      line: `${bsd} tmm[1]: LSN_PB_RELEASED 10.0.0.5%3 192.0.2.1%0:1024-1151`,
      tells: [{ natEvent: 17, ...block, vrf: 3 }],
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
}
