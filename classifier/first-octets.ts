import type { Protocol, ProtocolList } from './protocols/protocol.ts'

type Transport = 'tcp' | 'udp'

const allOctets: readonly number[] = Array.from({ length: 256 }, (_, octet) => octet)

/** The octets that a payload of the protocol can begin with, as far as it says. */
export function beginnings({ begins }: Protocol, transport: Transport): readonly number[] {
  const isOne = begins === undefined || typeof begins === 'string' || 'length' in begins
  const octets = isOne ? begins : begins[transport]
  if (octets === undefined) return allOctets
  return typeof octets === 'string' ? [...Buffer.from(octets, 'latin1')] : octets
}

type Numbered = readonly [index: number, protocol: Protocol]

/**
 * Of each octet those that can begin with it, in their order. Protocols are gone through, not
 * octets: most begin with few, and to ask each of each octet took a tenth of a short command.
 */
function byOctet(protocols: readonly Numbered[], transport: Transport): Uint16Array[] {
  const able = Array.from({ length: 256 }, (): number[] => [])
  for (const [index, protocol] of protocols) {
    for (const octet of beginnings(protocol, transport)) {
      const list = able[octet]
      if (list?.at(-1) !== index) list?.push(index)
    }
  }
  return able.map((list) => Uint16Array.from(list))
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
    this.all = byOctet(mine, transport)
    const unbound = mine.filter(([index]) => !this.ports.has(index))
    this.onAnyPort = byOctet(unbound, transport)
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
