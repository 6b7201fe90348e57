/**
 * The process of the API: started by the collecting one with a user of its own and no rights. All
 * that it knows comes over the socket pair at descriptor 3; when that closes, it ends.
 */
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { deserialize } from 'node:v8'
import { FlowledgerError } from '../../../model/errors.ts'
import type { Log } from '../../../model/log.ts'
import { startAnswering } from '../api.ts'
import type { Answering } from '../api.ts'
import { errorOf, Line, surroundingsOver, tellError } from './remote.ts'
import { FrameReader } from './wire.ts'
import type { FromApi, Settings, Setup, ToApi } from './wire.ts'

const socket = new Socket({ fd: 3, readable: true, writable: true })
const line = new Line(socket)

const tellLog =
  (level: Extract<FromApi, { kind: 'log' }>['level']) =>
  (text: string): void =>
    line.tell({ kind: 'log', level, text })
const log: Log = { info: tellLog('info'), warn: tellLog('warn'), error: tellLog('error') }

/** Capabilities in force, proc(5): a mask in hexadecimal. */
function requireNoRights(): void {
  const status = readFileSync('/proc/self/status', 'utf8')
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? ''
  if (process.getuid?.() !== 0 && /^0+$/.test(effective)) return
  throw new FlowledgerError('permission-missing', 'The process of the API still has rights.')
}

let inForce: Settings | undefined
let answering: Answering | undefined

function settings(): Settings {
  if (inForce === undefined) throw new Error('asked before it was set up')
  return inForce
}

async function setUp(setup: Setup): Promise<void> {
  try {
    requireNoRights()
    inForce = setup
    const around = surroundingsOver(line, setup, settings)
    answering = await startAnswering(setup.config, setup.urls, around, log)
    line.tell({ kind: 'ready', address: answering.address })
  } catch (error) {
    line.tell({ kind: 'failed', error: tellError(error) })
    socket.end()
  }
}

async function stop(): Promise<void> {
  await answering?.stop()
  socket.end()
  process.exit(0)
}

function take(message: ToApi): void {
  if (message.kind === 'setup') void setUp(message)
  else if (message.kind === 'stop') void stop()
  else if (message.kind === 'answer') {
    line.answer(message.id, (waiting) => waiting.resolve(message.value))
  } else if (message.kind === 'refused') {
    line.answer(message.id, (waiting) => waiting.reject(errorOf(message.error)))
  } else {
    inForce = message
    answering?.reload(message.config)
  }
}

// A Ctrl-C reaches both processes: the other one says when it is time to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.umask(0o077)

const reader = new FrameReader(Number.MAX_SAFE_INTEGER)
socket.on('data', (chunk) => {
  for (const payload of reader.push(chunk)) take(deserialize(payload) as ToApi)
})
// Nobody is left who could be answered.
socket.on('close', () => process.exit(1))
socket.on('error', () => process.exit(1))
