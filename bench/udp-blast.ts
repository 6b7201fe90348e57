import koffi from 'koffi'
import { makeDatagram } from './netflow-datagrams.ts'

/**
 * Sends NetFlow v9 to 127.0.0.1 at a pace, many datagrams a call (sendmmsg), and prints how many.
 *
 * npx tsx bench/udp-blast.ts PORT DATAGRAMS_PER_SECOND SECONDS
 */
const [port = 0, rate = 0, seconds = 0] = process.argv.slice(2).map(Number)
const libc = koffi.load('libc.so.6')
const socket = libc.func('int socket(int, int, int)')
const connect = libc.func('int connect(int, const void *, uint32_t)')
const sendmmsg = libc.func('int sendmmsg(int, void *, uint32_t, int)')

const perCall = 64
const fd = socket(2, 2, 0) as number
const to = Buffer.alloc(16)
to.writeUInt16LE(2, 0)
to.writeUInt16BE(port, 2)
to.writeUInt32BE(0x7f000001, 4)
if ((connect(fd, to, 16) as number) !== 0) throw new Error('connect failed')

/** Messages of one call; every buffer stays referenced while the kernel reads it. */
const datagrams = Array.from({ length: perCall }, (_, i) => makeDatagram(9, i, false))
const vectors = Buffer.alloc(16 * perCall)
const headers = Buffer.alloc(64 * perCall)
for (const [i, datagram] of datagrams.entries()) {
  vectors.writeBigUInt64LE(koffi.address(datagram), 16 * i)
  vectors.writeBigUInt64LE(BigInt(datagram.length), 16 * i + 8)
  headers.writeBigUInt64LE(koffi.address(vectors) + BigInt(16 * i), 64 * i + 16)
  headers.writeBigUInt64LE(1n, 64 * i + 24)
}
let sequence = 1
const number = (datagram: Buffer): void => void datagram.writeUInt32BE(sequence++ >>> 0, 12)

/** The template first, alone. */
const first = makeDatagram(9, 0, true)
vectors.writeBigUInt64LE(koffi.address(first), 0)
vectors.writeBigUInt64LE(BigInt(first.length), 8)
sendmmsg(fd, headers, 1, 0)
vectors.writeBigUInt64LE(koffi.address(datagrams[0] ?? first), 0)
vectors.writeBigUInt64LE(BigInt(datagrams[0]?.length ?? 0), 8)

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
  for (const datagram of datagrams) number(datagram)
  // A full send buffer takes none of them; they are offered again.
  sent += Math.max(0, sendmmsg(fd, headers, perCall, 0) as number)
}
console.log(JSON.stringify({ sent, seconds: (performance.now() - begun) / 1000 }))
