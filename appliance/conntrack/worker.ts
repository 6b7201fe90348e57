/**
 * The thread that follows conntrack: collector/conntrack handed its spool. It shares nothing with
 * the main thread but messages, so that a busy API never delays a read.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { Follower } from '../../collector/conntrack/follower.ts'
import type { FollowerSetup, FollowerStatus, FromFollower, ToFollower } from './messages.ts'
import { verdictExtras } from '../../model/flow-verdict.ts'
import type { VerdictMessage } from '../../model/verdict-batch.ts'
import { failureOf } from '../thread-failure.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { batchRows } from '../../model/limits.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import type { SpoolFrame } from '../../store/spool-reader.ts'
import { recentSegment } from '../../store/spool-recent.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'

function post(message: FromFollower): void {
  parentPort?.postMessage(message)
}

/** The frames that recovery needs: those before this run's own segment. */
function* earlierFrames(setup: FollowerSetup, ownSegment: number): Generator<SpoolFrame> {
  // Every open flow was journalled within the last active timeout; twice that leaves room for cuts.
  const segment = recentSegment(setup.spoolDir, setup.activeTimeoutUs / 500 + 120_000)
  const reader = new SpoolReader(setup.spoolDir, { segment, offset: 0 })
  const batch = makeFlowBatch(batchRows, verdictExtras)
  try {
    for (let frame = reader.next(batch); frame !== undefined; frame = reader.next(batch)) {
      if (frame.end.segment >= ownSegment) return
      yield frame
    }
  } finally {
    reader.close()
  }
}

function statusOf(follower: Follower, spool: SpoolWriter): FollowerStatus {
  const { counters, table } = follower.tracker
  return {
    ...follower.progress,
    newEvents: counters.newEvents,
    destroyEvents: counters.destroyEvents,
    openFlows: table.size,
    overruns: follower.counters.overruns,
    orphans: counters.orphans,
    duplicates: counters.duplicates,
    inferredEnds: counters.inferredEnds,
    lostRows: spool.lostRows,
    thinnedRows: spool.thinnedRows,
    failedSyncs: spool.failedSyncs,
    malformed: {
      ...counters.malformed,
      truncated: follower.events.truncated,
    },
    receiveBuffer: follower.events.grantedBuffer,
    settled: follower.settled,
    refusal: spool.refusal,
    joined: follower.joins.counters.joined,
    unjoined: { ...follower.joins.counters.unjoined },
    namesLeftOut: table.book.namesLeftOut,
  }
}

/** The port does not keep the thread alive. */
function takeVerdicts(follower: Follower, port: MessagePort): void {
  follower.joins.answerTo((message) => {
    const { buffer } = 'ended' in message ? message.ended : message.entries
    port.postMessage(message, [buffer])
  })
  port.on('close', () => follower.joins.answerTo(undefined))
  port.on('message', (message: VerdictMessage) => follower.take(message))
  port.unref()
}

async function main(setup: FollowerSetup): Promise<void> {
  const spool = new SpoolWriter({
    directory: setup.spoolDir,
    source: setup.source,
    maxBytes: setup.spoolMaxBytes,
    keepFreeBytes: setup.spoolKeepFreeBytes,
    syncBytes: setup.syncBytes,
    extras: verdictExtras,
  })
  const follower = new Follower(setup, {
    append: (kind, batch, progress) => spool.append(kind, batch, progress),
    gap: (gap, progress) => spool.note({ type: 'gap', ...gap }, progress),
    watchedFrom: (us, progress) => spool.note({ type: 'watched-from', us }, progress),
    get refusedFor() {
      return spool.refusedFor
    },
  })
  follower.recover(earlierFrames(setup, spool.position.segment))
  const sync = setInterval(() => spool.syncSoon(), setup.syncIntervalMs)
  parentPort?.on('message', (message: ToFollower) => {
    if (message.type === 'stop') follower.stop()
    else if (message.type === 'verdicts') takeVerdicts(follower, message.port)
    else if (message.type === 'reload') follower.reload(message)
    else if (message.type === 'status') {
      post({ type: 'status', id: message.id, status: statusOf(follower, spool) })
    } else {
      void follower.query(message.queries).then((answer) => {
        post({ type: 'answer', id: message.id, ...answer, position: spool.position })
      })
    }
  })
  post({ type: 'ready' })
  await follower.run()
  clearInterval(sync)
  spool.close()
  parentPort?.close()
}

try {
  await main(workerData as FollowerSetup)
} catch (error) {
  post({ type: 'failed', ...failureOf(error, 'conntrack-missing') })
  parentPort?.close()
}
