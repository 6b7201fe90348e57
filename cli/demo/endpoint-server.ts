import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { At } from './endpoint-protocol.ts'

/** The line that tells a peer who it is to us. */
function seenAs(ip: string | undefined, port: number | undefined): string {
  return `${ip} ${port}\n`
}

/** Answers on TCP; a peer that goes away in the middle is its own affair. */
export async function listenTcp(local: At): Promise<At> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(seenAs(socket.remoteAddress, socket.remotePort)))
  })
  server.listen(local.port, local.ip)
  await once(server, 'listening')
  return { ip: local.ip, port: (server.address() as { port: number }).port }
}

/** Answers on UDP. It binds one address, so that the answer comes from the one that was asked. */
export async function listenUdp(local: At): Promise<At> {
  const socket = createSocket(local.ip.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (_, peer) => {
    socket.send(seenAs(peer.address, peer.port), peer.port, peer.address)
  })
  socket.bind(local.port, local.ip)
  await once(socket, 'listening')
  return { ip: local.ip, port: socket.address().port }
}
