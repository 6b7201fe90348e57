import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { sharedFolder } from './global-setup.ts'

/**
 * Ports that are given out here: below those that the kernel gives to who asks for any
 * (net.ipv4.ip_local_port_range, from 32768 on), so that no socket of another test can be given
 * one between now and the moment when it is bound, or while its program is started again.
 */
const [firstPort, ports] = [12_000, 18_000]

const given = new Set<number>()

/** True where nobody was given the port before: where files of tests run at once, by a file. */
function claim(port: number): boolean {
  const folder = process.env[sharedFolder]
  if (given.has(port)) return false
  given.add(port)
  if (folder === undefined) return true
  try {
    writeFileSync(join(folder, `port-${port}`), '', { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** True where TCP may listen at the port. */
async function isFreeOfTcp(port: number): Promise<boolean> {
  const server = createServer()
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (!isFree) return false
  server.close()
  await once(server, 'close')
  return true
}

/** True where UDP may bind the port too. */
async function isFreeOfUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  const isFree = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false))
    socket.bind(port, '127.0.0.1', () => resolve(true))
  })
  socket.close()
  return isFree
}

/** A port of TCP and UDP that is the caller's alone: collectors take a number, not "any". */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * ports)
    if (claim(port) && (await isFreeOfTcp(port)) && (await isFreeOfUdp(port))) return port
  }
}
