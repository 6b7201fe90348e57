import type { Octets, Protocol, ProtocolList } from './protocols/protocol.ts'

type Transport = 'tcp' | 'udp'

function octetsOf({ begins }: Protocol, transport: Transport): Octets | undefined {
  if (begins === undefined || typeof begins === 'string' || 'length' in begins) return begins
  return begins[transport]
}

/** True where a payload of the protocol can begin with the octet, as far as it says. */
export function canBegin(protocol: Protocol, transport: Transport, octet: number): boolean {
  const octets = octetsOf(protocol, transport)
  if (octets === undefined) return true
  return typeof octets === 'string'
    ? octets.includes(String.fromCharCode(octet))
    : octets.includes(octet)
}

/** Lists that are kept: a few hundred are all that traffic leads to. */
const maxMade = 4096

/** Of each octet the protocols of a transport that can begin with it, by their numbers. */
export class FirstOctets {
  /** All of them, and those that any port will do for. */
  private readonly all: readonly Uint16Array[]
  private readonly onAnyPort: readonly Uint16Array[]
  /** Ports that some are bound to, and the ports of each that is. */
  private readonly isBound = new Uint8Array(65_536)
  private readonly ports = new Map<number, ReadonlySet<number>>()
  /** Lists that were put together lately, by octet and the one port that some are bound to. */
  private readonly made = new Map<number, Uint16Array>()

  constructor(protocols: ProtocolList, transport: Transport) {
    const mine = [...protocols.entries()].filter(([, one]) => one.transports.includes(transport))
    for (const [index, { onPorts }] of mine) {
      const ports = onPorts?.[transport]
      if (ports === undefined) continue
      this.ports.set(index, new Set(ports))
      for (const port of ports) this.isBound[port] = 1
    }
    this.all = Array.from({ length: 256 }, (_, octet) => {
      const able = mine.filter(([, protocol]) => canBegin(protocol, transport, octet))
      return Uint16Array.from(able, ([index]) => index)
    })
    this.onAnyPort = this.all.map((list) => list.filter((index) => !this.ports.has(index)))
  }

  /** Numbers of the protocols that a flow between two ports can be, in their order. */
  of(octet: number, onePort: number, otherPort: number): Uint16Array {
    const isOne = this.isBound[onePort] !== 0
    const isOther = this.isBound[otherPort] !== 0
    if (!isOne && !isOther) return this.onAnyPort[octet] ?? nobody
    if (isOne && isOther) return this.listOf(octet, onePort, otherPort)
    const port = isOne ? onePort : otherPort
    const key = (octet << 16) | port
    const known = this.made.get(key)
    if (known !== undefined) return known
    const list = this.listOf(octet, port, port)
    if (this.made.size >= maxMade) this.made.clear()
    this.made.set(key, list)
    return list
  }

  private listOf(octet: number, onePort: number, otherPort: number): Uint16Array {
    return (this.all[octet] ?? nobody).filter((index) => {
      const ports = this.ports.get(index)
      return ports === undefined || ports.has(onePort) || ports.has(otherPort)
    })
  }
}

const nobody = new Uint16Array(0)
