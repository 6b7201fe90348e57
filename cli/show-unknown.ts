import type { UnknownCluster, UnknownClusters, UnknownSide } from '../model/unknown-cluster.ts'
import { print, say, table } from './output.ts'

/** Ports that a line shows. */
const shownPorts = 3

function portsOf({ ports }: UnknownCluster): string {
  const shown = ports.slice(0, shownPorts).map(({ port }) => String(port))
  return ports.length > shownPorts ? `${shown.join(',')},..` : shown.join(',')
}

function sideOf({ least, most, begins }: UnknownSide): string {
  if (most === 0) return '-'
  return `${least === most ? least : `${least}-${most}`} ${begins}`.trimEnd()
}

/** Shows connections that nothing recognised, those alike in one line. */
export function showUnknown(unknown: UnknownClusters, output: 'table' | 'ndjson'): void {
  const { clusters, flows, forgotten } = unknown
  if (output === 'ndjson') {
    for (const { firstUs, lastUs, ...rest } of clusters) {
      print(JSON.stringify({ ...rest, first_us: firstUs, last_us: lastUs }))
    }
  } else {
    const head = ['flows', 'l4', 'ports', 'client says', 'server says', 'such as']
    const rows = clusters.map((one) => [
      String(one.flows),
      one.transport.toUpperCase(),
      portsOf(one),
      sideOf(one.client),
      sideOf(one.server),
      one.example.join(' '),
    ])
    print(table([head, ...rows]))
  }
  say(`${flows} flows that nothing recognised, in ${clusters.length} lines.`)
  if (forgotten > 0) say(`${forgotten} more were too different from each other to be kept.`)
}

/** The answer of `GET /v1/live/unknown` as it was in the program that gave it. */
export function unknownOfJson(body: Record<string, unknown>): UnknownClusters {
  type Sent = Omit<UnknownCluster, 'firstUs' | 'lastUs'> & { first_us: number; last_us: number }
  const { clusters, ...counts } = body as unknown as { clusters: Sent[] } & UnknownClusters
  const read = clusters.map(({ first_us: firstUs, last_us: lastUs, ...rest }) => {
    return { ...rest, firstUs, lastUs }
  })
  return { ...counts, clusters: read }
}
