/**
 * The sending half of bench/whole-path.ts: whole connections as frames from both sides, with
 * handshakes and ends. RATE SECONDS FIRST; prints when it begins, and at the end what was sent.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { tlsTalk } from '../test/classifier/protocols/tls-talk.ts'
import { Volley, frameOf, initial, setEnds, socketOn, tcpFlags } from './frames.ts'
import { connection, volley } from './whole-path-plan.ts'
import type { Kind } from './whole-path-plan.ts'

const [rate = 5000, seconds = 5, first = 0] = process.argv.slice(2).map(Number)
const hosts = ['www.netflix.com', 'us04web.zoom.us', 'en.wikipedia.org', 'www.example.test']
const { FIN, SYN, PSH, ACK } = tcpFlags
const none = new Uint8Array(0)

/** What both say: the client first. */
type Talk = readonly [client: Uint8Array, server: Uint8Array]

/** A question and its answer (RFC 1035 §4.1): A of a name. */
function dnsTalk(host: string): Talk {
  const labels = host.split('.').flatMap((label) => [label.length, ...Buffer.from(label)])
  const question = [...labels, 0, 0, 1, 0, 1]
  const answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 1]
  const asked = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...question]
  const told = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...question, ...answer]
  return [Uint8Array.from(asked), Uint8Array.from(told)]
}

const httpTalk: Talk = [
  Buffer.from('GET / HTTP/1.1\r\nHost: www.example.test\r\nUser-Agent: bench\r\n\r\n'),
  Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok'),
]

const tlsTalks = await Promise.all(hosts.map((host) => tlsTalk('TLSv1.3', host)))

function talkOf(kind: Kind, i: number): Talk {
  const said = tlsTalks[i % hosts.length] ?? []
  const of = (who: string): Uint8Array => {
    const octets = said.find(([by]) => by === who)?.[1]
    return octets instanceof Uint8Array ? octets : none
  }
  if (kind === 'dns') return dnsTalk(hosts[i % hosts.length] ?? '')
  if (kind === 'http') return httpTalk
  if (kind === 'tls') return [of('client'), of('server').subarray(0, 1300)]
  const id = Buffer.from([i, 1, 2, 3, 4, 5, 6, 7])
  return [initial(of('client').subarray(5), id), initial(of('server').subarray(5, 900), id)]
}

/** Frames of a connection in their order, client and server in turn, as both kinds have them. */
function framesOf([asks, says]: Talk, overTcp: boolean): Buffer[] {
  if (!overTcp) return [frameOf(1, asks), frameOf(2, says)]
  const at = (flags: number, sequence: number, acknowledges: number) => ({
    flags,
    sequence,
    acknowledges,
  })
  const [asked, said] = [1 + asks.length, 1 + says.length]
  return [
    frameOf(1, none, at(SYN, 0, 0)),
    frameOf(2, none, at(SYN | ACK, 0, 1)),
    frameOf(1, asks, at(PSH | ACK, 1, 1)),
    frameOf(2, says, at(PSH | ACK, 1, asked)),
    frameOf(1, none, at(FIN | ACK, asked, said)),
    frameOf(2, none, at(FIN | ACK, said, asked + 1)),
    frameOf(1, none, at(ACK, asked + 1, said + 1)),
  ]
}

const talks = volley.map((kind, i) => framesOf(talkOf(kind, i), kind === 'tls' || kind === 'http'))
const [inside, outside] = [socketOn('in'), socketOn('out')]
/** What is sent together: the first frames of all, then the second of all, and so on. */
const steps = Array.from({ length: 7 }, (_, step) => {
  const frames = talks.flatMap((talk) => talk[step] ?? [])
  return new Volley(step % 2 === 0 ? inside : outside, frames)
})
const total = rate * seconds
let sent = 0
let frames = 0

function fire(): void {
  for (const [i, talk] of talks.entries()) {
    const { client, server, public: outer, port, serverPort } = connection(first + sent + i)
    for (const [step, frame] of talk.entries()) {
      if (step % 2 === 0) setEnds(frame, client, server, port, serverPort)
      else setEnds(frame, server, outer, serverPort, port)
    }
  }
  for (const step of steps) {
    const taken = step.send()
    if (taken !== step.frames.length) throw new Error('the kernel did not take all')
    frames += taken
  }
  sent += talks.length
}

const began = Date.now()
console.log(JSON.stringify({ began }))
while (sent < total) {
  fire()
  const ahead = (sent / rate) * 1000 - (Date.now() - began)
  if (ahead > 2) await sleep(ahead)
}
const perSecond = Math.round(sent / ((Date.now() - began) / 1000))
console.log(JSON.stringify({ connections: sent, frames, perSecond }))
