import { runTool } from '../cli/demo/namespaces.ts'

/**
 * Joins a gateway to both ends of every connection, which are one namespace:
 *
 * ```
 *  ends ── in ═══ in 10.70.0.1 ── gateway ── out 10.71.0.1 ═══ out ── ends
 * ```
 */
export function linkEnds(gateway: string, ends: string): void {
  for (const [side, subnet, mac] of [
    ['in', '10.70', '02:00:00:00:00:01'],
    ['out', '10.71', '02:00:00:00:00:02'],
  ] as const) {
    const peer = ['type', 'veth', 'peer', 'name', side, 'netns', ends]
    runTool('ip', ['-n', gateway, 'link', 'add', side, 'address', mac, ...peer])
    runTool('ip', ['-n', gateway, 'address', 'add', `${subnet}.0.1/32`, 'dev', side])
    for (const name of [gateway, ends]) {
      runTool('ip', ['-n', name, 'link', 'set', side, 'up', 'arp', 'off'])
    }
    // One next hop: a neighbour for each of 60 000 clients is not what is measured.
    const route = [`${subnet}.0.0/16`, 'via', `${subnet}.255.254`, 'dev', side, 'onlink']
    runTool('ip', ['-n', gateway, 'route', 'add', ...route])
  }
}
