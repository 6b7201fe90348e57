import { createSocket } from 'node:dgram'
import { expect, test } from 'vitest'
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
