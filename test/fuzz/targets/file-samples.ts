import { readdirSync, readFileSync } from 'node:fs'

const pages = new URL('../../../docs/how-to/', import.meta.url)

/** What the guides show of configurations, and texts that use what YAML has. */
export const configSamples = [
  ...readdirSync(pages).flatMap((name) => {
    const blocks = readFileSync(new URL(name, pages), 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)
    return [...blocks].map(([, text = '']) => text)
  }),
  'data_dir: &d /srv/a\narchive: { directory: *d }\n"api": { listen: "127.0.0.1:8443" }\n',
  'database:\n  url: |-\n    postgres://flowledger@db.example/flowledger\ncollector: ~\n',
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
