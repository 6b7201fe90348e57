import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 5456 §8.1.1, full frames, Asterisk's calls and registrations:
 *
 *    0               2               4           8        9        10      11        12
 *   | 1, call (15)  | R, call (15)  | time (4)  | sent   | got    | type  | subclass | elements |
 *
 * Of type 6, control, elements fill the rest: | number | length | value |. Those read here: 1
 * called number, 2 calling number, 6 user name.
 */
const control = 6
const lastSubclass = 0x28
const headBytes = 12
const port = 4569
const maxElements = 32

function elementsOf(bytes: Bytes): Map<number, string> | undefined {
  const elements = new Map<number, string>()
  let at = headBytes
  for (let i = 0; i < maxElements && at < bytes.wireLength; i++) {
    const length = bytes.u8(at + 1)
    if (length < 0 || at + 2 + length > bytes.wireLength) return undefined
    elements.set(bytes.u8(at), bytes.utf8(at + 2, at + 2 + length))
    at += 2 + length
  }
  return at === bytes.wireLength ? elements : undefined
}

function classify(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined || first.bytes.u8(0) < 0x80) return 'never'
  const { bytes } = first
  const subclass = bytes.u8(11)
  if (bytes.u8(10) !== control || subclass < 1 || subclass > lastSubclass) return 'never'
  const elements = elementsOf(bytes)
  if (elements === undefined || (elements.size === 0 && !flow.hasPort(port))) return 'never'
  const [callTo, callFrom, userName] = [1, 2, 6].map((number) => elements.get(number))
  const metadata: Metadata = {
    ...(callTo === undefined ? {} : { callTo }),
    ...(callFrom === undefined ? {} : { callFrom }),
    ...(userName === undefined ? {} : { userName }),
  }
  return {
    confidence: flow.hasPort(port) ? 95 : 80,
    evidence: `control frame ${subclass}`,
    metadata,
  }
}

export const iax: Protocol = {
  name: 'iax',
  title: 'IAX2',
  category: 'voip',
  transports: ['udp'],
  ports: { udp: [port] },
  classify,
}
