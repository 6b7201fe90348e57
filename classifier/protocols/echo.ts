import type { Answer, FlowView, Protocol } from './protocol.ts'

/* RFC 862, port 7: what the client sends comes back as it is. */
const port = 7

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(port)) return 'never'
  const [{ bytes: asked }, { bytes: answered }] = flow.sides
  if (asked.length === 0 || answered.length === 0) {
    return flow.isLast ? 'never' : 'more'
  }
  const length = Math.min(asked.length, answered.length)
  const isSame = Buffer.compare(asked.subarray(0, length), answered.subarray(0, length)) === 0
  return isSame ? { confidence: 95, evidence: 'what was sent came back' } : 'never'
}

export const echo: Protocol = {
  name: 'echo',
  title: 'Echo',
  category: 'other',
  transports: ['tcp', 'udp'],
  onPorts: { tcp: [port], udp: [port] },
  ports: { tcp: [port], udp: [port] },
  classify,
}
