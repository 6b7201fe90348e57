import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { UdpSocket } from '../../netlink/udp-socket.ts'

test('a socket that is closed still tells what the kernel dropped, and no more', async () => {
  const socket = new UdpSocket({ ip: [0, 0, 0xffff, 0x7f000001], port: 0 }, 4096)
  const port = Number(socket.address.split(':').at(-1))
  const sender = createSocket('udp4')
  const datagram = Buffer.alloc(1000)
  for (let i = 0; i < 200; i++) sender.send(datagram, port, '127.0.0.1')
  await sleep(200)
  sender.close()
  const received = socket.receive()
  const { drops } = socket
  expect(drops).toBeGreaterThan(0)
  expect(received + drops).toBe(200)
  socket.close()
  expect(socket.drops).toBe(drops)
})
