import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Graphite's plaintext protocol, a value in each line:
 *
 *   path.of.metric SP value SP seconds LF
 */
const line =
  /^[A-Za-z0-9_][\w.\-;=:]{0,250}\.[\w.\-;=:]{1,250} -?\d+(\.\d+)?(e[-+]?\d+)? (\d{9,10}|-1)\r?$/
const maxLine = 600

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(2003)) return 'never'
  const { bytes } = flow.client
  const end = bytes.indexOf(10, 0, maxLine)
  if (end < 0)
    return bytes.length < maxLine && flow.transport === 'tcp' && flow.server.bytes.length === 0
      ? 'more'
      : 'never'
  return line.test(bytes.text(0, end))
    ? { confidence: 80, evidence: 'a value in text on its port' }
    : 'never'
}

export const graphite: Protocol = {
  name: 'graphite',
  title: 'Graphite (Carbon)',
  category: 'monitoring',
  transports: ['tcp', 'udp'],
  onPorts: { tcp: [2003], udp: [2003] },
  ports: { tcp: [2003], udp: [2003] },
  classify,
}
