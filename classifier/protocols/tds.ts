import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { ntlmUser } from '../wire/ntlm.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * MS-TDS §2.2.3.1, Microsoft SQL Server and Sybase; the length holds the head:
 *
 *    0      1        2            4           6        7
 *   | type | status | length (2) | SPID (2)  | packet | window 0 | ...
 *
 * Types: 1 batch, 2 login of old, 3 RPC, 4 answer, 6 attention, 7 bulk, 8 federated, 14
 * transaction, 16 login, 17 SSPI, 18 pre-login. Login (§2.2.6.4), little endian: offset and length
 * of the host at 36, the user at 40, both behind the head, in UTF-16.
 */
const requests = new Set([1, 2, 3, 6, 7, 8, 14, 15, 16, 17, 18])
const replies = new Set([4, 18])
const login = 16
const preLogin = 18
const status = 0x1f
const headBytes = 8

function lookAmong(types: ReadonlySet<number>): (bytes: Bytes) => Look {
  return (bytes) => {
    if (!types.has(bytes.u8(0))) return 'no'
    const length = bytes.u16(2)
    if (bytes.u8(1) >= 0 && (bytes.u8(1) & ~status) !== 0) return 'no'
    if (length >= 0 && length < headBytes) return 'no'
    if (bytes.length < headBytes) return 'more'
    if (bytes.u8(7) !== 0) return 'no'
    // The last packet of a message is waited for; those before it are as large as was agreed.
    if (bytes.length < length) {
      const isLastOne = (bytes.u8(1) & 1) === 1
      if (!isLastOne) return length >= 512 && length <= 32_767 ? 'yes' : 'no'
      return length <= 32_767 ? 'more' : 'no'
    }
    return bytes.u8(0) === preLogin && !isPreLogin(bytes) ? 'no' : 'yes'
  }
}

/** §2.2.6.5: options of five octets from 8 on, the first for the version; or TLS within. */
const isPreLogin = (bytes: Bytes): boolean =>
  (bytes.u8(8) === 0 && bytes.u8(headBytes + 3) >= 0) ||
  (bytes.u8(8) >= 0x14 && bytes.u8(8) <= 0x17 && bytes.u8(9) === 3)

function loginAt(client: Bytes): number {
  let at = 0
  for (let i = 0; i < 4; i++) {
    if (client.u8(at) === login) return at + headBytes
    const length = client.u16(at + 2)
    if (length < headBytes) return -1
    at += length
  }
  return -1
}

function metadataOf(client: Bytes): Metadata {
  const at = loginAt(client)
  if (at < 0) return {}
  const field = (place: number): string => {
    const from = at + client.u16le(at + place)
    const octets = client.subarray(
      from,
      from + 2 * Math.min(128, Math.max(0, client.u16le(at + place + 2)))
    )
    return Buffer.from(octets).toString('utf16le')
  }
  const [userName, software] = [field(40), field(48)]
  return {
    ...(userName === '' ? {} : { userName }),
    ...(software === '' ? {} : { software }),
    ...ntlmUser(client, at),
  }
}

function classify(flow: FlowView): Answer {
  const isUsual = flow.hasPort(1433)
  const talk = agreement(flow, lookAmong(requests), lookAmong(replies), isUsual ? 90 : 70)
  if (typeof talk === 'string') return talk
  const { client, confidence } = talk
  const metadata = metadataOf(client)
  const hasLogin = loginAt(client) >= 0
  return {
    confidence,
    evidence: `TDS packet type ${client.u8(0)}`,
    metadata,
    // The password of a login is only rotated and inverted (§2.2.6.4).
    risks: hasLogin && metadata.userName !== undefined ? ['clear-text-credentials'] : [],
    more: !hasLogin && client.u8(0) === preLogin && flow.packets < 8,
  }
}

export const tds: Protocol = {
  name: 'tds',
  title: 'Microsoft SQL Server (TDS)',
  category: 'database',
  transports: ['tcp'],
  begins: [1, 2, 3, 4, 6, 7, 8, 0x0e, 0x0f, 0x10, 0x11, 0x12],
  ports: { tcp: [1433] },
  classify,
}
