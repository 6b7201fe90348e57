import type { Bytes } from '../../model/bytes.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * nicotine-plus.org/doc/SLSKPROTOCOL.html, all numbers LE:
 *
 *   to the server: | length (4) | 1 login (4) | length | user | length | password | ...
 *   to a peer:     | length (4) | 0 pierce (1) | token (4) |
 *                  | length (4) | 1 init (1) | length (4) | user | length (4) | P, F, D | ...
 */
const maxText = 128

/** A text at a place: where it ends, -1 where there is none. */
function textEnd(bytes: Bytes, at: number): number {
  const length = bytes.u32le(at)
  if (length < 1 || length > maxText) return -1
  return bytes.isPrintable(at + 4, at + 4 + length) ? at + 4 + length : -1
}

function look(bytes: Bytes): Look {
  const length = bytes.u32le(0)
  if (length > 1024 || (length >= 0 && length < 15)) return 'no'
  if (length < 0 || bytes.length < 4 + length)
    return bytes.length > 4 && bytes.u8(4) !== 1 ? 'no' : 'more'
  if (bytes.u8(4) !== 1) return 'no'
  const user = textEnd(bytes, 5)
  const kind = user < 0 ? '' : bytes.text(user + 4, user + 5)
  if (bytes.u32le(user) === 1 && 'PFD'.includes(kind) && kind !== '' && user + 9 === 4 + length)
    return 'yes'
  const name = bytes.u32le(4) === 1 ? textEnd(bytes, 8) : -1
  const password = name < 0 ? -1 : textEnd(bytes, name)
  const digest = password < 0 ? -1 : textEnd(bytes, password + 4)
  // Clients of today say their minor version behind the hash.
  return digest === 4 + length || digest + 4 === 4 + length ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const { bytes } = flow.client
  if (bytes.length === 0) return 'more'
  const seen = look(bytes)
  if (seen !== 'yes') return seen === 'no' ? 'never' : 'more'
  const login = bytes.u32le(4) === 1 && textEnd(bytes, 8) > 0 && textEnd(bytes, 5) < 0
  const at = login ? 8 : 5
  const userName = bytes.text(at + 4, textEnd(bytes, at))
  const risks = login ? (['clear-text-credentials'] as const) : []
  return { confidence: 90, evidence: login ? 'login' : 'peer', metadata: { userName }, risks }
}

export const soulseek: Protocol = {
  name: 'soulseek',
  title: 'Soulseek',
  category: 'file-sharing',
  transports: ['tcp'],
  ports: { tcp: [2234, 2242] },
  classify,
}
