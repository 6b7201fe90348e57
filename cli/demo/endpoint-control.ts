import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Answer, At, Closed, Command, Connection, FetchCommand } from './endpoint-protocol.ts'
import type { Fetched, Transport } from './endpoint-protocol.ts'
import type { Topology } from './topology.ts'

/** A host that talks or answers on our word. Calls may overlap. */
export interface Endpoint {
  listen(protocol: Transport, local: At): Promise<At>
  open(protocol: Transport, local: At, remote: At): Promise<Connection>
  talk(connection: Connection): Promise<At>
  close(connection: Connection, reset?: boolean): Promise<Closed>
  fetch(request: Omit<FetchCommand, 'do'>): Promise<Fetched>
  stop(): Promise<void>
}

/** The command line of an endpoint: compiled as it stands, from source through tsx. */
function endpointArgv(): string[] {
  const compiled = import.meta.url.endsWith('.js')
  const file = new URL(compiled ? './endpoint.js' : './endpoint.ts', import.meta.url)
  if (compiled) return [process.execPath, fileURLToPath(file)]
  return [process.execPath, '--import', tsxLoader(), fileURLToPath(file)]
}

/**
 * The loader that lets Node run TypeScript, by its full name: it works in any working directory.
 */
export function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Requests in flight, each settled by the answer line that carries its number. */
function correlate(child: ChildProcess): (command: Command) => Promise<unknown> {
  const waiting = new Map<number, Waiting>()
  let asked = 0
  if (child.stdout === null || child.stdin === null) throw new Error('The endpoint has no pipes.')
  const { stdin } = child
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as Answer
    const asker = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('error' in reply) asker?.reject(new Error(reply.error))
    else asker?.resolve(reply.result)
  })
  child.once('close', () => {
    for (const asker of waiting.values()) asker.reject(new Error('The endpoint has ended.'))
    waiting.clear()
  })
  stdin.on('error', () => undefined)
  return (command) =>
    new Promise((resolve, reject) => {
      const id = ++asked
      if (child.exitCode !== null) reject(new Error('The endpoint has ended.'))
      waiting.set(id, { resolve, reject })
      stdin.write(`${JSON.stringify({ id, ...command })}\n`)
    })
}

/** Starts an endpoint in a namespace of the topology. */
export function startEndpoint(topology: Topology, namespace: string): Endpoint {
  const child = topology.spawn(namespace, endpointArgv(), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ask = correlate(child)
  return {
    listen: (protocol, local) => ask({ do: 'listen', protocol, local }) as Promise<At>,
    open: (protocol, local, remote) =>
      ask({ do: 'open', protocol, local, remote }) as Promise<Connection>,
    talk: ({ connection }) => ask({ do: 'talk', connection }) as Promise<At>,
    close: ({ connection }, reset = false) =>
      ask({ do: 'close', connection, reset }) as Promise<Closed>,
    fetch: (request) => ask({ do: 'fetch', ...request }) as Promise<Fetched>,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    },
  }
}
