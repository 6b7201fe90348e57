/** Sound configurations: each part of it somewhere. */
export const configSamples = [
  `data_dir: /var/lib/flowledger
database:
  url: postgres://flowledger@db.example/flowledger
collector:
  conntrack: true
  name: gw1
netflow:
  listen: ["0.0.0.0:2055", "[::]:4739"]
  exporters:
    - { name: cgn1, address: 192.0.2.10, tz: Europe/Berlin }
syslog:
  listen: ["udp://0.0.0.0:514"]
networks:
  inside: [10.0.0.0/8, 100.64.0.0/10, "fd00::/8"]
  public:
    - { prefix: 192.0.2.0/24 }
`,
  'identity:\n  sources:\n    - { name: dhcp, kind: dhcpd, path: /var/lib/dhcp/dhcpd.leases }\n',
  'api: { listen: "127.0.0.1:8443" }\nretention: { connections: 365d }\n',
  'a: &a [1, 2]\nb: *a\n"c": |\n  text\n  more\n',
]

const query =
  '{"address":[0,0,65535,3221225985],"port":2000,"protocol":6,"fromUs":1.79e15,"toUs":1.8e15,"limit":10}'
const end = '{"ip":[0,0,65535,1],"port":1}'
const slice = `{"source":"gw","flowId":"7","open":true,"natKind":1,"protocol":6,"zone":0,"inside":${end},"public":${end},"remote":${end},"connectionStartUs":1,"startUs":1,"endUs":2,"lastPacketUs":2,"octets":"5","packets":"1","reverseOctets":"0","reversePackets":"0","conntrackId":1,"mark":0,"endReason":0,"flags":0}`

/** Sound lines between processes. */
export const wireSamples = [
  `{"queries":[${query}]}`,
  `{"answers":[[{"source":"gw","watermarkUs":1,"closedThroughUs":1,"cut":false,"flows":[${slice}]}]]}`,
  '{"error":"no"}',
  '{"exporters":true}',
  '{"exporter":"192.0.2.1 domain 7"}',
  '{"exporter":null}',
]
