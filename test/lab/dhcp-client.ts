/**
 * A DHCP client as small as can be (RFC 2131 §3.1): DISCOVER, OFFER, REQUEST, ACK. Run in a
 * namespace with the MAC address of its interface and a host name; prints the address that it got.
 *
 * ```
 *  op 1 | htype 1 | hlen 6 | hops | xid (4) | secs (2) | flags (2) | ciaddr yiaddr siaddr giaddr
 *  chaddr (16) | sname (64) | file (128) | magic 63825363 | options: code, length, value
 * ```
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const [mac = '', hostname = ''] = process.argv.slice(2)
const octets = Buffer.from(mac.replaceAll(':', ''), 'hex')
if (octets.length !== 6) throw new Error(`"${mac}" is no MAC address.`)

const xid = 0x1234abcd
const magic = 0x63825363
const kinds = { discover: 1, offer: 2, request: 3, ack: 5 } as const

function option(code: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([code, value.length]), value])
}

function message(kind: number, options: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(240)
  head.set([1, 1, 6, 0])
  head.writeUInt32BE(xid, 4)
  // The broadcast flag: without the address no unicast packet could be taken.
  head.writeUInt16BE(0x8000, 10)
  head.set(octets, 28)
  head.writeUInt32BE(magic, 236)
  const name = option(12, Buffer.from(hostname))
  return Buffer.concat([
    head,
    option(53, Buffer.from([kind])),
    name,
    ...options,
    Buffer.from([255]),
  ])
}

function readOptions(packet: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 240; at + 1 < packet.length && packet[at] !== 255;) {
    const length = packet[at + 1] ?? 0
    if (packet[at] !== 0) found.set(packet[at] ?? 0, packet.subarray(at + 2, at + 2 + length))
    at += packet[at] === 0 ? 1 : 2 + length
  }
  return found
}

const socket = createSocket({ type: 'udp4', reuseAddr: true })
socket.bind(68, '0.0.0.0')
await once(socket, 'listening')
socket.setBroadcast(true)

/** Sends until the server answers with `kind`: it may not be up yet. */
async function ask(packet: Buffer, kind: number): Promise<Buffer> {
  return await new Promise((resolve) => {
    const send = (): void => socket.send(packet, 67, '255.255.255.255')
    const again = setInterval(send, 500)
    const take = (answer: Buffer): void => {
      const isOurs = answer.length > 240 && answer.readUInt32BE(4) === xid
      if (!isOurs || readOptions(answer).get(53)?.[0] !== kind) return
      clearInterval(again)
      socket.off('message', take)
      resolve(answer)
    }
    socket.on('message', take)
    send()
  })
}

const offer = await ask(message(kinds.discover, []), kinds.offer)
const offered = offer.subarray(16, 20)
const server = readOptions(offer).get(54) ?? Buffer.alloc(4)
const wish = [option(50, offered), option(54, server)]
const ack = await ask(message(kinds.request, wish), kinds.ack)
console.log([...ack.subarray(16, 20)].join('.'))
socket.close()
