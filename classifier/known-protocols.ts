import { ipProtocols } from './ip-protocols.ts'
import { protocols } from './protocols.ts'

/** A protocol as the list of them tells of it. */
export interface KnownProtocol {
  readonly name: string
  readonly title: string
  readonly category: string
  /** `443/tcp`; of those told by their number over IP, `ip 50`. */
  readonly ports: readonly string[]
}

/** Every protocol that a flow can be named, variants included, by name. */
export function knownProtocols(): readonly KnownProtocol[] {
  const byPayload: KnownProtocol[] = []
  for (const { name, title, category, ports, variants } of protocols) {
    const tcp = (ports?.tcp ?? []).map((port) => `${port}/tcp`)
    const udp = (ports?.udp ?? []).map((port) => `${port}/udp`)
    byPayload.push({ name, title, category, ports: tcp.concat(udp) })
    for (const [variant, text] of Object.entries(variants ?? {})) {
      byPayload.push({ name: variant, title: text, category, ports: [] })
    }
  }
  const byNumber = [...ipProtocols].map(([number, [name, title]]) => ({
    name,
    title,
    category: 'network',
    ports: [`ip ${number}`],
  }))
  const merged = new Map<string, KnownProtocol>()
  for (const protocol of [...byPayload, ...byNumber]) {
    const there = merged.get(protocol.name)
    const ports = [...(there?.ports ?? []), ...protocol.ports]
    merged.set(protocol.name, { ...(there ?? protocol), ports })
  }
  return [...merged.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
