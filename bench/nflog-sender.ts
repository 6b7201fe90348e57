/** The sending half of bench/nflog.ts: frames of new connections, from both sides. RATE SECONDS */
import { setTimeout as sleep } from 'node:timers/promises'
import { tlsTalk } from '../test/classifier/protocols/tls-talk.ts'
import { Volley, frameOf, initial, setEnds, socketOn, tcpFlags } from './frames.ts'

const [rate = 20_000, seconds = 8] = process.argv.slice(2).map(Number)
/** Connections of one volley; three of ten are QUIC. */
const volley = 40
const quicOf = 12
const hosts = ['www.netflix.com', 'us04web.zoom.us', 'en.wikipedia.org', 'www.example.test']
/** In the middle of a connection: what says nothing of TLS is left out. */
const data = { flags: tcpFlags.PSH | tcpFlags.ACK, sequence: 1, acknowledges: 1 }

const talks = await Promise.all(hosts.map((host) => tlsTalk('TLSv1.3', host)))
const said = (i: number, who: string): Uint8Array =>
  talks[i % hosts.length]?.find(([by]) => by === who)?.[1] as Uint8Array
const [clients, servers]: [Buffer[], Buffer[]] = [[], []]
for (let i = 0; i < volley; i++) {
  const hello = said(i, 'client')
  if (i < quicOf) {
    const id = Buffer.from([i, 1, 2, 3, 4, 5, 6, 7])
    clients.push(frameOf(1, initial(hello.subarray(5), id)))
  } else {
    clients.push(frameOf(1, hello, data))
    servers.push(frameOf(2, said(i, 'server').subarray(0, 1300), data))
  }
}
const [there, back] = [new Volley(socketOn('in'), clients), new Volley(socketOn('out'), servers)]
const total = rate * seconds
let flows = 0
let frames = 0

/** New connections, as many as a volley has; what the kernel takes of them is counted. */
function fire(): void {
  for (let i = 0; i < volley; i++) {
    const number = flows + i
    const client = 0x0a460002 + (number % 60_000)
    const server = 0x0a470002 + (i % 250)
    const port = 10_000 + Math.floor(number / 60_000)
    setEnds(clients[i] as Buffer, client, server, port, 443)
    const reply = servers[i - quicOf]
    if (reply !== undefined) setEnds(reply, server, client, 443, port)
  }
  for (const side of [there, back]) {
    const taken = side.send()
    if (taken !== side.frames.length) throw new Error('the kernel did not take all')
    frames += taken
  }
  flows += volley
}

const began = Date.now()
while (flows < total) {
  fire()
  const ahead = (flows / rate) * 1000 - (Date.now() - began)
  if (ahead > 2) await sleep(ahead)
}
const offeredPerSecond = flows / ((Date.now() - began) / 1000)
// What was lost last is seen by what comes behind it.
await sleep(2000)
fire()
console.log(JSON.stringify({ flows, frames, offeredPerSecond }))
