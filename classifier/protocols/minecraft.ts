import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Minecraft, Java edition (minecraft.wiki, "Java Edition protocol"), the first packet:
 *
 *   | length | id 0 | version | length | server name | port (2) | next state |
 *
 *   next state: 1 status, 2 login, 3 transfer
 *   lengths, id, version and next are variable integers: seven bits an octet, the lowest first
 *
 * The answer, and what follows, has the same length in front. Forge adds words behind the name.
 */
const maxLength = 300
const maxVersion = 0x40000200

/** A variable integer and the place behind it; undefined where it is cut off or too long. */
function varInt(bytes: Bytes, from: number): readonly [value: number, at: number] | undefined {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const octet = bytes.u8(from + i)
    if (octet < 0) return undefined
    value += (octet & 0x7f) * 2 ** (7 * i)
    if (octet < 0x80) return [value, from + i + 1]
  }
  return undefined
}

/** The server's name behind `=`, or what a look at the octets says. */
function readHost(bytes: Bytes): string {
  const length = varInt(bytes, 0)
  if (length === undefined) return bytes.length < 2 ? 'more' : 'no'
  if (length[0] < 8 || length[0] > maxLength) return 'no'
  if (bytes.length > length[1] && bytes.u8(length[1]) !== 0) return 'no'
  if (bytes.length < length[0] + length[1]) return 'more'
  const version = varInt(bytes, length[1] + 1)
  const name = version === undefined ? undefined : varInt(bytes, version[1])
  if (version === undefined || name === undefined) return 'no'
  // -1 where a client only wants to know the server's version.
  if (version[0] > maxVersion && version[0] !== 0xffffffff) return 'no'
  const end = name[1] + name[0]
  const next = bytes.u8(end + 2)
  if (end + 3 !== length[0] + length[1] || next < 1 || next > 3) return 'no'
  const host = bytes.utf8(name[1], end).split('\0')[0] ?? ''
  return /^[\w.:-]+$/.test(host) ? `=${host.toLowerCase()}` : 'no'
}

function classify(flow: FlowView): Answer {
  const { bytes } = flow.client
  if (bytes.length === 0) return 'more'
  const read = readHost(bytes)
  if (read === 'more') return 'more'
  if (!read.startsWith('=')) return 'never'
  const evidence = 'handshake of exact length'
  const metadata = { hostname: read.slice(1) }
  return { confidence: 90, evidence, application: 'minecraft', metadata }
}

export const minecraft: Protocol = {
  name: 'minecraft',
  title: 'Minecraft',
  category: 'games',
  transports: ['tcp'],
  ports: { tcp: [25565] },
  classify,
}
