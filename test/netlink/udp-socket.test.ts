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
