import type { Classification } from '../model/classification.ts'
import { ipProtocol } from '../model/packet.ts'
import type { Flow } from './flow.ts'
import { portsOf } from './port-names.ts'
import { protocols } from './protocols.ts'
import type { Protocol } from './protocols/protocol.ts'
import type { Risk } from './risks.ts'

/** Where ports are chosen freely, only one that is somebody else's means something. */
const anywhere: ReadonlySet<Protocol['category']> = new Set([
  'web',
  'voip',
  'streaming',
  'file-sharing',
  'games',
  'crypto-currency',
  'other',
])

/** Ports below this are opened by the administrator of a host alone: they mean something. */
const systemPorts = 1024

let named: ReadonlyMap<string, Protocol> | undefined

/** Protocols by their own names and those of their variants. */
function byName(): ReadonlyMap<string, Protocol> {
  named ??= new Map(
    protocols.flatMap((protocol) =>
      [protocol.name, ...Object.keys(protocol.variants ?? {})].map((name) => [name, protocol])
    )
  )
  return named
}

/** True where a protocol that was recognised speaks on a port that is not its own. */
function isOdd(flow: Flow, { protocol: name, evidence }: Classification): boolean {
  if (flow.protocol !== ipProtocol.tcp && flow.protocol !== ipProtocol.udp) return false
  if (evidence[0]?.source !== 'payload') return false
  const protocol = byName().get(name)
  const own = protocol?.ports?.[flow.transport]
  if (protocol === undefined || own === undefined || own.length === 0) return false
  if (own.includes(flow.serverPort) || own.includes(flow.clientPort)) return false
  if (!anywhere.has(protocol.category)) return true
  return flow.serverPort < systemPorts || portsOf(protocols, flow.transport).has(flow.serverPort)
}

const oddPort: Risk = 'odd-port'

/** What was found of a flow, with the risk of an odd port where it has one. */
export function withOddPort(flow: Flow, found: Classification): Classification {
  if (!isOdd(flow, found)) return found
  return { ...found, risks: [...found.risks, oddPort] }
}
