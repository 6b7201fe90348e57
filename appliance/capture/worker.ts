/**
 * The thread that classifies connections by their first packets and tells the stream of them. It
 * shares nothing with the main thread but messages, so that a busy API never delays a read.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { FlowledgerError } from '../../model/errors.ts'
import type { Log } from '../../model/log.ts'
import type { CaptureSetup, CaptureStatus, FromCapture, ToCapture } from './messages.ts'
import { classifyLive } from './classify-live.ts'
import type { LiveClassification, LiveEvents } from './classify-live.ts'
import { openNaming } from './naming.ts'
import type { Naming } from './naming.ts'
import { VerdictSender } from './verdict-sender.ts'

/** Wanted receive buffer: room for 20 000 packets of 1600 octets while rules are read anew. */
const receiveBuffer = 32 << 20

function post(message: FromCapture): void {
  parentPort?.postMessage(message)
}

function postFailure(id: number, error: unknown): void {
  const known = error instanceof FlowledgerError ? error : undefined
  const message = error instanceof Error ? error.message : String(error)
  const fix = known?.fix === undefined ? {} : { fix: known.fix }
  post({ type: 'failed', id, code: known?.code ?? 'not-running', message, ...fix })
}

const log: Log = {
  info: (text) => post({ type: 'log', level: 'info', text }),
  warn: (text) => post({ type: 'log', level: 'warn', text }),
  error: (text) => post({ type: 'log', level: 'error', text }),
}

/** The parts of the running thread. */
interface Parts {
  readonly naming: Naming
  readonly live: LiveClassification
  readonly flows: ReadonlyMap<string, number>
  readonly verdicts: VerdictSender | undefined
}

function open({ capture, follower }: CaptureSetup, naming: Naming): Parts {
  const flows = new Map<string, number>()
  const { events, verdictOf, factsOf } = naming
  const verdicts =
    follower === undefined ? undefined : new VerdictSender({ port: follower, verdictOf, factsOf })
  const counted: LiveEvents = {
    decided(flow) {
      const protocol = flow.classification?.protocol ?? 'unknown'
      flows.set(protocol, (flows.get(protocol) ?? 0) + 1)
      events.decided?.(flow)
      verdicts?.decided(flow)
    },
    ended(flow) {
      events.ended(flow)
      verdicts?.ended(flow)
    },
    saw: (flow) => verdicts?.saw(flow),
    batchEnded: () => verdicts?.flush(),
  }
  const { group, snapLength } = capture
  const live = classifyLive({ group, snapLength, receiveBuffer }, counted, naming.judge)
  return { naming, live, flows, verdicts }
}

function statusOf({ naming, live, flows, verdicts }: Parts): CaptureStatus {
  const { packets, lost, overruns, truncated, malformed } = live.counters
  const hub = naming.stream?.hub
  return {
    packets,
    lost,
    overruns,
    truncated,
    malformed,
    openFlows: live.size,
    flows: Object.fromEntries(flows),
    verdicts: verdicts?.sent ?? 0,
    readers: hub?.size ?? 0,
    readersDropped: hub?.readersDropped ?? 0,
  }
}

function take(parts: Parts, message: ToCapture): void {
  if (message.type === 'stop') parts.live.stop()
  else if (message.type === 'status') {
    post({ type: 'status', id: message.id, status: statusOf(parts) })
  } else {
    try {
      parts.naming.reload(message.naming)
      parts.verdicts?.retell()
      post({ type: 'reloaded', id: message.id })
    } catch (error) {
      postFailure(message.id, error)
    }
  }
}

async function main(setup: CaptureSetup): Promise<void> {
  const naming = await openNaming(setup.naming, log)
  try {
    const parts = open(setup, naming)
    parentPort?.on('message', (message: ToCapture) => take(parts, message))
    post({ type: 'ready', id: 0, lines: naming.describe() })
    await parts.live.ended
    parts.verdicts?.close()
  } finally {
    await naming.stop()
  }
}

try {
  await main(workerData as CaptureSetup)
} catch (error) {
  postFailure(0, error)
}
parentPort?.close()
