/**
 * The thread that classifies connections by their first packets and tells the stream of them. It
 * shares nothing with the main thread but messages, so that a busy API never delays a read.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { FlowledgerError } from '../../model/errors.ts'
import type { EndedMessage } from '../../model/ended-flows.ts'
import { failureOf } from '../thread-failure.ts'
import type { Log } from '../../model/log.ts'
import type { ReportedAction } from '../../policy/report.ts'
import type { CaptureSetup, CaptureStatus, FromCapture, ToCapture } from './messages.ts'
import { classifyLive } from './classify-live.ts'
import type { LiveClassification, LiveEvents } from './classify-live.ts'
import { UnknownPackets } from './unknown-packets.ts'
import { openNaming } from './naming.ts'
import type { Naming } from './naming.ts'
import { VerdictSender } from './verdict-sender.ts'
import { startActing } from '../policy/acting.ts'
import type { Acting } from '../policy/acting.ts'

/** Wanted receive buffer: room for 20 000 packets of 1600 octets while rules are read anew. */
const receiveBuffer = 32 << 20

function post(message: FromCapture): void {
  parentPort?.postMessage(message)
}

function postFailure(id: number, error: unknown): void {
  post({ type: 'failed', id, ...failureOf(error, 'not-running') })
}

const log: Log = {
  info: (text) => post({ type: 'log', level: 'info', text }),
  warn: (text) => post({ type: 'log', level: 'warn', text }),
  error: (text) => post({ type: 'log', level: 'error', text }),
}

type Reload = Extract<ToCapture, { readonly type: 'reload' }>

/** The parts of the running thread. */
interface Parts {
  readonly naming: Naming
  readonly live: LiveClassification
  readonly flows: ReadonlyMap<string, number>
  readonly verdicts: VerdictSender | undefined
  readonly acting: Acting | undefined
  readonly kept: UnknownPackets | undefined
}

/** Acting needs entries, which the follower of conntrack knows. */
function openActing({ naming: config, policy, follower }: CaptureSetup, naming: Naming) {
  if (policy === undefined) return undefined
  if (follower === undefined) {
    log.warn('The policy does nothing: connections are not followed (collector.conntrack).')
  }
  const { dataDir, applications } = config
  const stream = (report: ReportedAction): void => naming.stream?.hub.acted(report)
  return startActing({ dataDir, policy, applications, rules: naming.keeper.rules, stream }, log)
}

/** @throws FlowledgerError `config-invalid` where the directory cannot be used */
function openKept({ unknown, snapLength }: CaptureSetup['capture']): UnknownPackets | undefined {
  if (unknown === undefined) return undefined
  try {
    return new UnknownPackets(unknown, snapLength, (text) => log.warn(text))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `Packets cannot be kept in ${unknown.directory}: ${why}`
    throw new FlowledgerError('config-invalid', message, { cause })
  }
}

function open(setup: CaptureSetup, naming: Naming): Parts {
  const { capture, follower } = setup
  const flows = new Map<string, number>()
  const { events, verdictOf, factsOf } = naming
  const acting = openActing(setup, naming)
  const sending = {
    verdictOf,
    factsOf,
    ended: (message: EndedMessage) => live.end(message),
    ...(acting === undefined ? {} : { sink: acting }),
  }
  const verdicts =
    follower === undefined ? undefined : new VerdictSender({ port: follower, ...sending })
  const kept = openKept(capture)
  const { links } = naming
  const counted: LiveEvents = {
    counted:
      links === undefined ? undefined : (flow, packet, own) => links.counted(flow, packet, own),
    watch: links,
    decided(flow) {
      kept?.decided(flow)
      const protocol = flow.classification?.protocol ?? 'unknown'
      flows.set(protocol, (flows.get(protocol) ?? 0) + 1)
      events.decided?.(flow)
      verdicts?.decided(flow)
    },
    ended(flow) {
      kept?.ended(flow)
      events.ended(flow)
      verdicts?.ended(flow)
      acting?.onEnded({
        ipProtocol: flow.protocol,
        local: { address: flow.clientAddress, port: flow.clientPort },
        other: { address: flow.serverAddress, port: flow.serverPort },
      })
    },
    unrecognised(flow, said) {
      naming.unknown.add(flow, said)
      kept?.unrecognised(flow)
    },
    saw(flow, frame) {
      verdicts?.saw(flow)
      if (frame !== undefined) kept?.saw(flow, frame)
    },
    batchEnded() {
      verdicts?.flush()
      kept?.pause()
    },
  }
  const { group, interfaces, snapLength, packets } = capture
  const live = classifyLive(
    { group, interfaces, snapLength, packets, receiveBuffer },
    counted,
    naming.judge
  )
  if (links !== undefined) links.losses = () => live.losses
  return { naming, live, flows, verdicts, acting, kept }
}

function statusOf({ naming, live, flows, verdicts, acting, kept }: Parts): CaptureStatus {
  const { packets, lost, overruns, truncated, malformed } = live.counters
  const hub = naming.stream?.hub
  return {
    packets,
    lost,
    overruns,
    truncated,
    malformed,
    repeated: live.repeated,
    hurried: live.hurried,
    openFlows: live.size,
    flows: Object.fromEntries(flows),
    verdicts: verdicts?.sent ?? 0,
    unknownPackets: kept?.counts,
    policy: acting?.status(),
    readers: hub?.size ?? 0,
    readersDropped: hub?.readersDropped ?? 0,
  }
}

/** What can fail by what was sent with it. */
type Fallible = Exclude<ToCapture, { type: 'stop' } | { type: 'status' }>

async function answer(parts: Parts, message: Fallible): Promise<void> {
  const { naming } = parts
  const { id } = message
  if (message.type === 'live') post({ type: 'live', id, page: naming.live(message.query) })
  else if (message.type === 'hosts') post({ type: 'hosts', id, hosts: naming.hosts() })
  else if (message.type === 'unknown') {
    post({ type: 'unknown', id, unknown: naming.unknown.list(message.limit) })
  } else if (message.type === 'rules') {
    const changes = naming.rules(message.act)
    if (message.act === 'rollback' && changes !== undefined) parts.verdicts?.retell()
    post({ type: 'rules', id, changes })
  } else if (message.type === 'explain') {
    post({ type: 'explained', id, texts: naming.explain(message.flow) })
  } else {
    await reload(parts, message)
    post({ type: 'reloaded', id })
  }
}

function take(parts: Parts, message: ToCapture): void {
  if (message.type === 'stop') parts.live.stop()
  else if (message.type === 'status') {
    post({ type: 'status', id: message.id, status: statusOf(parts) })
  } else {
    answer(parts, message).catch((error: unknown) => postFailure(message.id, error))
  }
}

/** Everything is read before anything is taken: a mistake in one file changes nothing. */
async function reload({ naming, verdicts, acting }: Parts, { naming: next, policy }: Reload) {
  const use = policy === undefined ? undefined : acting?.prepare(policy, next.applications)
  naming.reload(next)
  await use?.()
  verdicts?.retell()
}

async function main(setup: CaptureSetup): Promise<void> {
  const { interfaces } = setup.capture
  const named = interfaces.length > 0 ? interfaces : undefined
  const naming = await openNaming(setup.naming, log, named)
  try {
    const parts = open(setup, naming)
    parentPort?.on('message', (message: ToCapture) => take(parts, message))
    const lines = [...naming.describe(), ...((await parts.acting?.describe()) ?? [])]
    post({ type: 'ready', id: 0, lines })
    await parts.live.ended
    parts.verdicts?.close()
    parts.kept?.close()
    await parts.acting?.stop()
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
