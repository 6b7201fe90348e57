/**
 * Opens connections to an API that say nothing, and tells how a request beside them fares:
 * `npx tsx scripts/idle-connections.ts http://127.0.0.1:8080 10000`
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { argv, stdout } from 'node:process'

/** Opened at one time: what the listener's queue holds. */
const atOnce = 100

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect(port, host).on('error', () => {})
  await once(socket, 'connect')
  return socket.resume()
}

async function askMs(url: URL): Promise<number> {
  const begun = performance.now()
  const response = await fetch(new URL('/healthz', url))
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`The API answers ${response.status}.`)
  return performance.now() - begun
}

const url = new URL(argv[2] ?? 'http://127.0.0.1:8080')
const count = Number(argv[3] ?? 10_000)
const alone = await askMs(url)
const sockets: Socket[] = []
while (sockets.length < count) {
  const next = Array.from({ length: Math.min(atOnce, count - sockets.length) }, () =>
    open(url.hostname, Number(url.port))
  )
  sockets.push(...(await Promise.all(next)))
}
const openNow = sockets.filter(({ closed }) => !closed).length
const beside = await askMs(url)
const begun = performance.now()
const ended = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await once(socket, 'close')
}
await Promise.all(sockets.map(ended))
const seconds = (performance.now() - begun) / 1000
stdout.write(
  `${openNow} connections open; a request took ${alone.toFixed(1)} ms before and ` +
    `${beside.toFixed(1)} ms beside them; all were ended ${seconds.toFixed(1)} s later.\n`
)
