import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * ITU-T H.248.1 annex B, in text, long or short; over TCP within TPKT (annex D.2):
 *
 *   MEGACO/1 [192.0.2.1]:2944 Transaction = 1 { ... }          !/1 [192.0.2.1]:2944 T=1{ ... }
 */
const address = String.raw`\[[0-9a-fA-F.:]+\](:\d+)?|<[^>]+>(:\d+)?|\S+`
const first = 'Transaction|Reply|Pending|T|P|PN|K|TransactionResponseAck|Auth|AU|Error|ER'
const head = new RegExp(String.raw`^(MEGACO|!)\/\d{1,2}\s+(${address})\s+(${first})\b`)

const textOf = (bytes: Bytes): string => bytes.text(bytes.u16(0) === 0x0300 ? 4 : 0, 304)

function classify(flow: FlowView): Answer {
  const { client, server } = flow
  const { bytes } = client.bytes.length > 0 ? client : server
  const start = bytes.u8(0)
  // `M`, `!`, or the first octet of TPKT.
  if (start !== 0x4d && start !== 0x21 && start !== 3) return 'never'
  const text = textOf(bytes)
  if (head.test(text)) return { confidence: 95, evidence: 'head of an H.248 message' }
  const mayCome =
    flow.transport === 'tcp' &&
    ['MEGACO/', '!/', ''].some(
      (word) => text.startsWith(word.slice(0, text.length)) && text.length < 60
    )
  return mayCome ? 'more' : 'never'
}

export const megaco: Protocol = {
  name: 'megaco',
  title: 'Megaco / H.248',
  category: 'voip',
  transports: ['tcp', 'udp'],
  begins: 'M!\u0003',
  ports: { tcp: [2944], udp: [2944] },
  classify,
}
