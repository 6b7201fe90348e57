import type { Bytes } from '../../model/bytes.ts'
import type { FlowView } from '../protocols/protocol.ts'

/** What a side has said, held against a format: it is that, it may become that, it is not. */
export type Look = 'yes' | 'more' | 'no'

/** Looks at the first octets of a side, of which there is one at least. */
export type Looker = (bytes: Bytes) => Look

/** Both sides of a conversation in the roles in which they agree with a protocol. */
export interface Talk {
  readonly confidence: number
  readonly client: Bytes
  readonly server: Bytes
}

const surelyAlone = 80

/**
 * Holds both sides against the formats of a protocol's client and server. Where nobody saw who
 * opened the connection the roles may be the other way round.
 *
 * @param alone how sure one side makes while the other has not said enough; if that is not much it
 *   is given only once nothing else will come
 */
export function agreement(
  flow: FlowView,
  client: Looker,
  server: Looker,
  alone = 90
): Talk | 'more' | 'never' {
  const [a, b] = flow.sides
  const straight = inRoles(flow, a.bytes, b.bytes, client, server, alone)
  if (straight !== 'never' || flow.isOpenerKnown) return straight
  return inRoles(flow, b.bytes, a.bytes, client, server, alone)
}

function inRoles(
  flow: FlowView,
  client: Bytes,
  server: Bytes,
  asClient: Looker,
  asServer: Looker,
  alone: number
): Talk | 'more' | 'never' {
  const first = client.length === 0 ? 'more' : asClient(client)
  if (first === 'no') return 'never'
  const second = server.length === 0 ? 'more' : asServer(server)
  if (second === 'no') return 'never'
  if (first === 'yes' && second === 'yes') return { confidence: 100, client, server }
  if (first === 'more' && second === 'more') return 'more'
  if (alone < surelyAlone && !flow.isLast) return 'more'
  return { confidence: alone, client, server }
}

/** Whether the octets begin with this text. */
export function lookFor(bytes: Bytes, text: string): Look {
  if (bytes.has(text)) return 'yes'
  return bytes.length < text.length && bytes.mayHave(text) ? 'more' : 'no'
}

/** Whether the octets begin with one of these texts. */
export function lookForAny(bytes: Bytes, texts: readonly string[]): Look {
  let found: Look = 'no'
  for (const text of texts) {
    const look = lookFor(bytes, text)
    if (look === 'yes') return look
    if (look === 'more') found = look
  }
  return found
}
