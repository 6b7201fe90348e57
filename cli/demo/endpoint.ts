import { createInterface } from 'node:readline'
import { openTcp, openUdp } from './endpoint-client.ts'
import type { Talk } from './endpoint-client.ts'
import type { Answer, At, Closed, Command, Connection, FetchCommand } from './endpoint-protocol.ts'
import type { Fetched, Request, Transport } from './endpoint-protocol.ts'
import { listenTcp, listenUdp } from './endpoint-server.ts'

/**
 * A program of its own, run inside a namespace: it plays a host that talks or answers, as told on
 * its standard input (see endpoint-protocol.ts), and ends when that is closed.
 */
const talks = new Map<number, Talk>()
let opened = 0

/** The clock in whole milliseconds: rounded down for a beginning, up for an end. */
const nowUs = (): number => Date.now() * 1000
const nowUsUp = (): number => (Date.now() + 1) * 1000

async function open(protocol: Transport, local: At, remote: At): Promise<Connection> {
  const startUs = nowUs()
  const talk = await (protocol === 'tcp' ? openTcp(local, remote) : openUdp(local, remote))
  const seenAs = await talk.ask()
  const establishedUs = nowUsUp()
  const connection = ++opened
  talks.set(connection, talk)
  return { connection, protocol, local: talk.local, seenAs, remote, startUs, establishedUs }
}

function find(connection: number): Talk {
  const talk = talks.get(connection)
  if (talk === undefined) throw new Error(`There is no connection ${connection}.`)
  return talk
}

async function close(connection: number, reset: boolean): Promise<Closed> {
  await find(connection).close(reset)
  talks.delete(connection)
  return { endUs: nowUsUp() }
}

async function request({ url, ...init }: FetchCommand): Promise<Fetched> {
  const response = await fetch(url, { ...init, redirect: 'error' })
  return { status: response.status, body: await response.text() }
}

async function perform(command: Command): Promise<At | Connection | Closed | Fetched> {
  if (command.do === 'open') return open(command.protocol, command.local, command.remote)
  if (command.do === 'talk') return find(command.connection).ask()
  if (command.do === 'close') return close(command.connection, command.reset === true)
  if (command.do === 'fetch') return request(command)
  return command.protocol === 'tcp' ? listenTcp(command.local) : listenUdp(command.local)
}

async function answer(line: string): Promise<void> {
  const order = JSON.parse(line) as Request
  const { id } = order
  const reply: Answer = await perform(order).then(
    (result) => ({ id, result }),
    // fetch() hides what went wrong in the cause.
    (error: Error) => ({ id, error: String((error.cause as Error | undefined) ?? error) })
  )
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}

for await (const line of createInterface({ input: process.stdin })) void answer(line)
process.exit(0)
