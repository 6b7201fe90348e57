import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Stratum (en.bitcoin.it/wiki/Stratum_mining_protocol; github.com/xmrig/xmrig-proxy,
 * doc/STRATUM.md; EIP-1571), JSON in lines:
 *
 *   {"id":1,"method":"mining.subscribe","params":["cgminer/4.9"]}
 *   {"id":1,"method":"login","params":{"login":"...","pass":"x","agent":"XMRig/6"}}
 *   {"id":1,"method":"eth_submitLogin","params":["0x..."],"worker":"rig"}
 */
const words = 'eth_submitLogin|eth_login|eth_getWork|eth_submitHashrate|login|job|keepalived|submit'
const methods = new RegExp(`"method" ?: ?"(mining\\.[a-z_.]+|${words})"`)
const maxSearched = 2048

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0x7b) return 'no'
  const text = bytes.text(0, Math.min(maxSearched, bytes.length))
  const method = methods.exec(text)?.[1]
  if (method?.includes('.') === true || method?.startsWith('eth_') === true) return 'yes'
  if (method === 'login')
    return text.includes('"agent"') || text.includes('"pass"') ? 'yes' : 'more'
  if (method === 'job') return text.includes('"blob"') ? 'yes' : 'more'
  return bytes.length < maxSearched ? 'more' : 'no'
}

/** Who mines, and with what, as the client says. */
function metadataOf(text: string): Metadata {
  const userName =
    /"login" ?: ?"([^"]{1,200})"/.exec(text)?.[1] ??
    /"(?:mining\.authorize|eth_submitLogin)", ?"params" ?: ?\[ ?"([^"]{1,200})"/.exec(text)?.[1]
  const software =
    /"agent" ?: ?"([^"]{1,100})"/.exec(text)?.[1] ??
    /"mining\.subscribe", ?"params" ?: ?\[ ?"([^"]{1,100})"/.exec(text)?.[1]
  return {
    ...(userName === undefined ? {} : { userName }),
    ...(software === undefined ? {} : { software }),
  }
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'method of a mining pool' })
  if (typeof answer === 'string') return answer
  return { ...answer, metadata: metadataOf(flow.client.bytes.text(0, maxSearched)) }
}

export const mining: Protocol = {
  name: 'mining',
  title: 'Stratum mining',
  category: 'crypto-currency',
  transports: ['tcp'],
  begins: '{',
  ports: { tcp: [3333, 4444] },
  classify,
}
