/** Syslog of gateways into a spool: sockets and collector/syslog handed their journal. */
import { readFileSync } from 'node:fs'
import { ClockWatch } from '../../collector/conntrack/clock-watch.ts'
import { noticeExtras } from '../../collector/nat/extras.ts'
import { SyslogCollector } from '../../collector/syslog/collector.ts'
import { readPatterns } from '../../collector/syslog/pattern.ts'
import { Senders } from '../../collector/syslog/senders.ts'
import { openSyslogSocket } from '../../collector/syslog/sockets.ts'
import type { SyslogSocket } from '../../collector/syslog/sockets.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { batchRows, maxSliceUs } from '../../model/limits.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import { recentSegment } from '../../store/spool-recent.ts'
import { SpoolSources } from '../../store/spool-sources.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import type { SyslogSetup, SyslogStatus } from './messages.ts'

/** Every open mapping was journalled within the last slice; twice that leaves room for cuts. */
const recoverMs = (2 * maxSliceUs) / 1000 + 120_000
const tickMs = 1000
/** Rows and notes of a spool of many sources: how far each is stands in notes of its own. */
const noProgress = { watermarkUs: 0, closedThroughUs: 0 }

/** A running receiver. */
export interface SyslogReceiver {
  readonly collector: SyslogCollector
  readonly spool: SpoolWriter
  readonly addresses: readonly string[]
  status(): SyslogStatus
  stop(): Promise<void>
}

/** Fills the collector from what an earlier run journalled. */
function recover(collector: SyslogCollector, directory: string, ownSegment: number): void {
  const segment = recentSegment(directory, recoverMs)
  const reader = new SpoolReader(directory, { segment, offset: 0 })
  const batch = makeFlowBatch(batchRows, noticeExtras)
  try {
    for (let frame = reader.next(batch); frame !== undefined; frame = reader.next(batch)) {
      if (frame.end.segment >= ownSegment) return
      if (frame.kind === 'note' && frame.note.type === 'progress') {
        for (const { source, watermarkUs } of frame.note.of) {
          collector.recoverProgress(source, watermarkUs)
        }
      } else if ('batch' in frame) collector.recover(frame.kind, frame.batch)
    }
  } finally {
    reader.close()
  }
}

function makeSenders(setup: SyslogSetup, sources: SpoolSources): Senders {
  const { config } = setup
  const patterns = new Map(
    config.sources.flatMap(({ patternFile }) =>
      patternFile === undefined
        ? []
        : [[patternFile, readPatterns(readFileSync(patternFile, 'utf8'))] as const]
    )
  )
  return new Senders({
    sources: config.sources,
    patternsOf: ({ patternFile = '' }) => patterns.get(patternFile) ?? [],
    indexOf: (name) => sources.indexOf(name, 'syslog'),
    nowUs: () => Date.now() * 1000,
  })
}

/** Watches what the kernel drops, between two looks. */
function watchDrops(sockets: readonly SyslogSocket[], collector: SyslogCollector): () => void {
  let before = sockets.reduce((sum, socket) => sum + socket.drops(), 0)
  let lookedUs = Date.now() * 1000
  return () => {
    const now = sockets.reduce((sum, socket) => sum + socket.drops(), 0)
    if (now > before) collector.lost(now - before, lookedUs)
    before = now
    lookedUs = Date.now() * 1000
  }
}

/**
 * Starts to receive.
 *
 * @throws FlowledgerError `port-in-use`; `usage` for a pattern that cannot be read
 */
export async function startSyslogReceiver(setup: SyslogSetup): Promise<SyslogReceiver> {
  const { config, spoolDir: directory, source, syncBytes, spoolMaxBytes: maxBytes } = setup
  const sources = new SpoolSources(directory)
  const senders = makeSenders(setup, sources)
  const spool = new SpoolWriter({
    directory,
    source,
    maxBytes,
    keepFreeBytes: setup.spoolKeepFreeBytes,
    syncBytes,
    extras: noticeExtras,
  })
  const collector = new SyslogCollector({
    ...config,
    senders,
    networks: setup.networks,
    nowUs: () => Date.now() * 1000,
    journal: {
      append: (kind, batch) => void spool.append(kind, batch, noProgress),
      note: (note) => void spool.note(note, noProgress),
    },
  })
  recover(collector, directory, spool.position.segment)
  // It may be set right soon.
  collector.ourClock.set()
  let tooLong = 0
  const hearing = {
    message(text: string, address: string): boolean {
      const sender = senders.find(address, text)
      if (sender !== undefined) collector.take(text, sender)
      return senders.knows(address)
    },
    tooLong: (messages: number): void => void (tooLong += messages),
  }
  const sockets: SyslogSocket[] = []
  const closeAll = async (): Promise<void> => {
    for (const socket of sockets) await socket.close()
  }
  try {
    for (const one of config.listeners) sockets.push(await openSyslogSocket(one, hearing))
  } catch (error) {
    await closeAll()
    throw error
  }
  const lookForDrops = watchDrops(sockets, collector)
  const sync = setInterval(() => {
    collector.flush()
    spool.syncSoon()
  }, setup.syncIntervalMs)
  const clock = new ClockWatch()
  const tick = setInterval(() => {
    const step = clock.step()
    if (step !== undefined) collector.clockSet(step)
    lookForDrops()
    collector.tick()
  }, tickMs)
  return {
    collector,
    spool,
    addresses: sockets.map(({ address }) => address),
    status: () => statusOf(collector, spool, senders, sockets, tooLong),
    async stop() {
      clearInterval(sync)
      clearInterval(tick)
      await closeAll()
      const step = clock.step()
      if (step !== undefined) collector.clockSet(step)
      collector.tick()
      spool.close()
      sources.close()
    },
  }
}

function statusOf(
  { tracker }: SyslogCollector,
  spool: SpoolWriter,
  senders: Senders,
  sockets: readonly SyslogSocket[],
  tooLong: number
): SyslogStatus {
  return {
    addresses: sockets.map(({ address }) => address),
    receiveBuffer: Math.max(0, ...sockets.map(({ receiveBuffer }) => receiveBuffer)),
    senders: [...senders.all()].map(({ name, heardUs, delayUs, source }) => {
      const { unknown: unknownLines, malformed: malformedLines } = source.samples
      return Object.assign(
        { name, heardUs, delayUs, unknownLines, malformedLines },
        source.counters
      )
    }),
    mappings: tracker.counters,
    open: tracker.open.size,
    refused: { ...senders.refused, 'message-too-long': tooLong },
    refusedFrames: spool.refused,
  }
}
