import type { Protocol } from './protocols/protocol.ts'

type Ports = ReadonlyMap<number, string>

const known = new WeakMap<readonly Protocol[], { tcp: Ports; udp: Ports }>()

/** Names of protocols by the ports that are theirs; of two with one port, the first in the list. */
export function portsOf(protocols: readonly Protocol[], transport: 'tcp' | 'udp'): Ports {
  const there = known.get(protocols)
  if (there !== undefined) return there[transport]
  const made = {
    tcp: listOf(protocols, 'tcp'),
    udp: listOf(protocols, 'udp'),
  }
  known.set(protocols, made)
  return made[transport]
}

function listOf(protocols: readonly Protocol[], transport: 'tcp' | 'udp'): Ports {
  const names = new Map<number, string>()
  for (const { name, ports } of protocols) {
    for (const port of ports?.[transport] ?? []) if (!names.has(port)) names.set(port, name)
  }
  return names
}
