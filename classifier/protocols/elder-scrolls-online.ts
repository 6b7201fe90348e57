import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * The Elder Scrolls Online, what its client says first:
 *
 *    0                     4    6    8                     12
 *   | length of the rest  | 1  | 1  | length of the rest  | ... | length (2) | name | ...
 */
const minBytes = 64
const maxBytes = 8192

function classify(flow: FlowView): Answer {
  const { bytes } = flow.client
  if (bytes.length === 0) return 'more'
  const length = bytes.u32(0)
  if (length >= 0 && (length < minBytes || length > maxBytes)) return 'never'
  if (!bytes.mayHave('\0\0', 0) || !bytes.mayHave('\0\x01\0\x01', 4)) return 'never'
  if (bytes.length < 12) return 'more'
  if (bytes.u32(8) !== length - 8) return 'never'
  const evidence = 'two lengths that agree'
  return { confidence: 90, evidence, application: 'elder-scrolls-online' }
}

export const elderScrollsOnline: Protocol = {
  name: 'elder-scrolls-online',
  title: 'The Elder Scrolls Online',
  category: 'games',
  transports: ['tcp'],
  classify,
}
