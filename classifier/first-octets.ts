import type { Protocol, ProtocolList } from './protocols/protocol.ts'

/** True where a payload of the protocol can begin with the octet, as far as it says. */
export function canBegin({ begins }: Protocol, octet: number): boolean {
  if (begins === undefined) return true
  return typeof begins === 'string'
    ? begins.includes(String.fromCharCode(octet))
    : begins.includes(octet)
}

/** Of each octet the protocols of a transport that can begin with it, by their numbers. */
export class FirstOctets {
  private readonly lists: readonly Uint16Array[]

  constructor(protocols: ProtocolList, transport: 'tcp' | 'udp') {
    const all = [...protocols.entries()].filter(([, one]) => one.transports.includes(transport))
    this.lists = Array.from({ length: 256 }, (_, octet) => {
      const able = all.filter(([, protocol]) => canBegin(protocol, octet))
      return Uint16Array.from(able, ([index]) => index)
    })
  }

  /** Numbers of the protocols, in their order. */
  of(octet: number): Uint16Array {
    return this.lists[octet] ?? new Uint16Array(0)
  }
}
