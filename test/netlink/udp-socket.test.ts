import { createSocket } from 'node:dgram'
import { expect, test } from 'vitest'
import { closeSocket, connectSocket, openSocket, sendBytes, setOption } from '../../netlink/libc.ts'
import { UdpSocket } from '../../netlink/udp-socket.ts'
import { until } from '../until.ts'

test('a socket that is closed still tells what the kernel dropped, and no more', async () => {
  const socket = new UdpSocket({ ip: [0, 0, 0xffff, 0x7f000001], port: 0 }, 4096)
  const port = Number(socket.address.split(':').at(-1))
  const sender = createSocket('udp4')
  const datagram = Buffer.alloc(1000)
  const send = (): Promise<void> =>
    new Promise((resolve) => sender.send(datagram, port, '127.0.0.1', () => resolve()))
  for (let i = 0; i < 200; i++) await send()
  sender.close()
  // The kernel may hand over the last ones a moment after they were sent.
  let received = 0
  await until(() => (received += socket.receive()) + socket.drops >= 200)
  const { drops } = socket
  expect(drops).toBeGreaterThan(0)
  expect(received + drops).toBe(200)
  socket.close()
  expect(socket.drops).toBe(drops)
})

test('the longest datagrams are read whole, and spoil none beside them', async () => {
  const socket = new UdpSocket({ ip: [0, 0, 0xffff, 0x7f000001], port: 0 }, 1 << 20)
  const port = Number(socket.address.split(':').at(-1))
  const sender = createSocket('udp4')
  const sent = [100, 65_507, 1472, 65_507, 1].map((length, i) => Buffer.alloc(length, i + 1))
  for (const datagram of sent) {
    await new Promise((resolve) => sender.send(datagram, port, '127.0.0.1', resolve))
  }
  sender.close()
  const received: Buffer[] = []
  await until(() => {
    const count = socket.receive()
    for (let slot = 0; slot < count; slot++) {
      socket.at(slot)
      const { buffer, byteOffset } = socket.view
      received.push(
        Buffer.copyBytesFrom(
          new Uint8Array(buffer),
          byteOffset + socket.from,
          socket.to - socket.from
        )
      )
    }
    return received.length === sent.length
  })
  expect(received.every((datagram, i) => sent[i]?.equals(datagram))).toBe(true)
  socket.close()
})

/** Sends from one socket what the kernel cuts into datagrams of `each` octets (udp(7)). */
function sendCut(port: number, each: number, lengths: readonly number[]): Buffer[] {
  const [afInet, sockDgram, solUdp, udpSegment] = [2, 2, 17, 103] as const
  const fd = openSocket(afInet, sockDgram, 0)
  const to = Buffer.alloc(16)
  to.writeUInt16LE(afInet, 0)
  to.writeUInt16BE(port, 2)
  to.writeUInt32BE(0x7f000001, 4)
  expect(connectSocket(fd, to)).toBe(0)
  expect(setOption(fd, solUdp, udpSegment, each)).toBe(0)
  let octet = 0
  const sent: Buffer[] = []
  for (const length of lengths) {
    const whole = Buffer.from(Array.from({ length }, () => octet++ % 251))
    expect(sendBytes(fd, whole)).toBe(length)
    for (let at = 0; at < length; at += each) sent.push(whole.subarray(at, at + each))
  }
  closeSocket(fd)
  return sent
}

test('datagrams that the kernel joined are told apart, also behind ones that it did not', async () => {
  const socket = new UdpSocket({ ip: [0, 0, 0xffff, 0x7f000001], port: 0 }, 8 << 20)
  const port = Number(socket.address.split(':').at(-1))
  const joined: number[] = []
  for (const lengths of [
    [500, 60_000, 999],
    [1, 1001, 500, 64_000],
    Array.from({ length: 40 }, () => 5001),
  ]) {
    const sent = sendCut(port, 500, lengths)
    const received: Buffer[] = []
    await until(() => {
      const messages = socket.receive()
      for (let slot = 0; slot < messages; slot++) {
        socket.at(slot)
        const { from, to, each, view } = socket
        if (to - from > each) joined.push(to - from)
        for (let at = from; at < to; at += each) {
          const end = Math.min(to, at + each)
          received.push(Buffer.from(new Uint8Array(view.buffer, view.byteOffset + at, end - at)))
        }
      }
      return received.length >= sent.length
    })
    expect(received.length).toBe(sent.length)
    expect(received.every((datagram, i) => sent[i]?.equals(datagram))).toBe(true)
  }
  // Linux 5.0 and later join them; an older one hands over each alone.
  expect(joined.length).toBeGreaterThan(40)
  socket.close()
})
