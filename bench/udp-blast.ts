import koffi from 'koffi'
import { makeDatagram } from './netflow-datagrams.ts'

/**
 * Sends NetFlow v9 to 127.0.0.1 at a pace and prints how many datagrams it sent. The kernel is
 * given many in one buffer and cuts them itself (UDP_SEGMENT, udp(7)); who receives sees each
 * alone, unless it asks for what the kernel has joined (UDP_GRO). So sending costs the other core
 * less than receiving costs its own, and sets no limit. With `alone` each is sent by a call of its
 * own, as most exporters do.
 *
 * npx tsx bench/udp-blast.ts PORT DATAGRAMS_PER_SECOND SECONDS [alone]
 */
const [port = 0, rate = 0, seconds = 0] = process.argv.slice(2, 5).map(Number)
const isAlone = process.argv[5] === 'alone'
const libc = koffi.load('libc.so.6')
const socket = libc.func('int socket(int, int, int)')
const connect = libc.func('int connect(int, const void *, uint32_t)')
const setsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)')
const send = libc.func('intptr_t send(int, const void *, size_t, int)')

const [afInet, sockDgram, solUdp, udpSegment] = [2, 2, 17, 103] as const
const fd = socket(afInet, sockDgram, 0) as number
const to = Buffer.alloc(16)
to.writeUInt16LE(afInet, 0)
to.writeUInt16BE(port, 2)
to.writeUInt32BE(0x7f000001, 4)
if ((connect(fd, to, 16) as number) !== 0) throw new Error('connect failed')

/** The template first, alone. */
const first = makeDatagram(9, 0, true)
send(fd, first, first.length, 0)

/** As many of one length as one UDP payload may hold. */
const { length } = makeDatagram(9, 0, false)
const perCall = isAlone ? 1 : Math.min(64, Math.floor(65_507 / length))
const datagrams = Buffer.concat(
  Array.from({ length: perCall }, (_, i) => makeDatagram(9, i, false))
)
const option = Buffer.alloc(4)
option.writeInt32LE(length)
if ((setsockopt(fd, solUdp, udpSegment, option, 4) as number) !== 0) {
  throw new Error('this kernel does not cut datagrams (UDP_SEGMENT, Linux 4.18)')
}

let sequence = 1
let sent = 0
const pause = new Int32Array(new SharedArrayBuffer(4))
const begun = performance.now()
for (;;) {
  const elapsed = performance.now() - begun
  if (elapsed >= seconds * 1000) break
  if (sent > (elapsed / 1000) * rate) {
    Atomics.wait(pause, 0, 0, 1)
    continue
  }
  for (let i = 0; i < perCall; i++) datagrams.writeUInt32BE((sequence + i) >>> 0, i * length + 12)
  // A full send buffer takes none of them; they are offered again.
  if ((send(fd, datagrams, datagrams.length, 0) as number) < 0) continue
  sequence += perCall
  sent += perCall
}
console.log(JSON.stringify({ sent, seconds: (performance.now() - begun) / 1000 }))
