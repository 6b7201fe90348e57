import { lineEnd } from '../wire/http-head.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 3912: the client sends one line, the server answers in text and closes.
 */
const maxLine = 255

function classify(flow: FlowView): Answer {
  if (flow.server.port !== 43 && flow.server.port !== 4343) return 'never'
  const { bytes } = flow.client
  const end = lineEnd(bytes, 0)
  if (end < 0)
    return bytes.length < maxLine && (bytes.length === 0 || bytes.isPrintable()) ? 'more' : 'never'
  const isLine = end > 0 && end < maxLine && end === bytes.length - 1
  if (!isLine || !/^[\x20-\x7e\x80-\xff]+$/.test(bytes.text(0, end).trimEnd())) return 'never'
  const answer = flow.server.bytes
  const isText = answer.length > 0 && /^[\s!-~\x80-\xff]+$/.test(answer.text(0, 64))
  if (answer.length > 0 && !isText) return 'never'
  const asked = bytes.text(0, end).trim().split(/\s+/).at(-1)?.toLowerCase() ?? ''
  const isName = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(asked)
  return {
    confidence: isText ? 90 : 80,
    evidence: 'one line on its port',
    metadata: isName ? { hostname: asked } : {},
  }
}

export const whois: Protocol = {
  name: 'whois',
  title: 'WHOIS',
  category: 'other',
  transports: ['tcp'],
  ports: { tcp: [43, 4343] },
  classify,
}
