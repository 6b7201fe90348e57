import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { maxWireAnswerBytes, question } from './endpoint-protocol.ts'
import type { At } from './endpoint-protocol.ts'

/** One side of an open connection. */
export interface Talk {
  readonly local: At
  /** Asks the peer whom it sees, and gives its answer. */
  ask(): Promise<At>
  close(reset: boolean): Promise<void>
}

const answerWithinMs = 20_000

/** Reads `ADDRESS PORT` back into its parts. */
function parseSeen(text: string): At {
  const [ip = '', port = ''] = text.trim().split(' ')
  if (text.length > maxWireAnswerBytes || ip === '' || !/^\d{1,5}$/.test(port)) {
    throw new Error(`The peer answered "${text.slice(0, maxWireAnswerBytes)}".`)
  }
  return { ip, port: Number(port) }
}

function silence(remote: At): Error {
  return new Error(`${remote.ip} port ${remote.port} did not answer.`)
}

export async function openTcp(local: At, remote: At): Promise<Talk> {
  const socket = connect({
    host: remote.ip,
    port: remote.port,
    localAddress: local.ip,
    localPort: local.port,
  })
  await once(socket, 'connect')
  // Errors after this show as a question without an answer.
  socket.on('error', () => undefined)
  return {
    local: { ip: local.ip, port: socket.localPort ?? 0 },
    async ask() {
      const signal = AbortSignal.timeout(answerWithinMs)
      socket.write(question)
      const [data] = (await once(socket, 'data', { signal }).catch(() => {
        throw silence(remote)
      })) as [Buffer]
      return parseSeen(data.toString('latin1'))
    },
    async close(reset) {
      if (socket.destroyed) return
      const closed = once(socket, 'close')
      if (reset) socket.resetAndDestroy()
      else socket.end()
      await closed
    },
  }
}

export async function openUdp(local: At, remote: At): Promise<Talk> {
  const socket = createSocket(local.ip.includes(':') ? 'udp6' : 'udp4')
  socket.bind(local.port, local.ip)
  await once(socket, 'listening')
  return {
    local: { ip: local.ip, port: socket.address().port },
    async ask() {
      const signal = AbortSignal.timeout(answerWithinMs)
      socket.send(question, remote.port, remote.ip)
      const [data] = (await once(socket, 'message', { signal }).catch(() => {
        throw silence(remote)
      })) as [Buffer]
      return parseSeen(data.toString('latin1'))
    },
    async close() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
