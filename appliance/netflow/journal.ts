/** What is collected goes into the spool: flows at once, events as the intervals that they make. */
import type { CollectorJournal } from '../../collector/netflow/collector-journal.ts'
import { flowExtras } from '../../collector/netflow/extras.ts'
import { NatTracker } from '../../collector/nat/tracker.ts'
import type { Progress } from '../../model/coverage.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { batchRows } from '../../model/limits.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import { recentSegment } from '../../store/spool-recent.ts'
import { SpoolSources } from '../../store/spool-sources.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import type { SpoolNote } from '../../store/spool-note.ts'

/** Full batches are written together (octets): the system takes them for two thirds of the cost. */
const gatherBytes = 256 << 10
/** Mappings that may be open at a time. */
const maxOpen = 4_000_000
/** Open mappings are journalled again at least this often (ms); twice that is read at the start. */
const journalledMs = 3_600_000
/** Sources that one note tells the progress of. */
const notedSources = 1000
/** The progress of many sources is no single number. */
const none: Progress = { watermarkUs: 0, closedThroughUs: 0 }

export interface JournalSetup {
  readonly source: string
  readonly spoolDir: string
  readonly spoolMaxBytes: number
  /** Octets of the disk that are left to others. */
  readonly spoolKeepFreeBytes?: number
  readonly syncBytes: number
}

/** The spool of one listener, and the mappings that are open at those who are heard through it. */
export class NetflowJournal implements CollectorJournal {
  readonly spool: SpoolWriter
  readonly sources: SpoolSources
  readonly tracker: NatTracker
  /** What an earlier run kept as a whole: see {@link once}. */
  readonly keptOnce = new Set<string>()
  private readonly progressOf = new Map<number, Progress>()

  constructor(setup: JournalSetup) {
    this.spool = new SpoolWriter({
      directory: setup.spoolDir,
      source: setup.source,
      maxBytes: setup.spoolMaxBytes,
      keepFreeBytes: setup.spoolKeepFreeBytes,
      syncBytes: setup.syncBytes,
      extras: flowExtras,
      gatherBytes,
    })
    this.sources = new SpoolSources(setup.spoolDir)
    const journal = {
      append: (kind: 'open' | 'slices' | 'nat', batch: FlowBatch) => this.append(kind, batch),
    }
    this.tracker = new NatTracker({ journal, maxOpen })
    this.recover(setup.spoolDir)
  }

  flows(batch: FlowBatch): void {
    this.append('slices', batch)
  }

  events(batch: FlowBatch): void {
    this.tracker.take(batch)
  }

  once(ids: readonly string[], write: () => void): void {
    this.tracker.flush()
    this.spool.transaction(ids, none, () => {
      write()
      this.tracker.flush()
    })
  }

  sourceIndex(name: string): number | undefined {
    return this.sources.indexOf(name, 'netflow')
  }

  watchedFrom(source: number, us: number): void {
    this.note({ type: 'watched-from', us, source })
  }

  gap(source: number, gap: Parameters<CollectorJournal['gap']>[1]): void {
    this.note({ type: 'gap', ...gap, ...(source === 0 ? {} : { source }) })
  }

  progress(of: readonly (Progress & { source: number })[]): void {
    for (let from = 0; from < of.length; from += notedSources) {
      this.note({ type: 'progress', of: of.slice(from, from + notedSources) })
    }
    for (const { source, watermarkUs, closedThroughUs } of of) {
      this.progressOf.set(source, { watermarkUs, closedThroughUs })
    }
  }

  restarted(source: number, atUs: number): void {
    this.tracker.restarted(source, atUs)
  }

  doubted(source: number): void {
    this.tracker.doubt(source)
  }

  /** How far a source has come; undefined where it has told nothing yet in this run. */
  progressAt(source: number): Progress | undefined {
    return this.progressOf.get(source)
  }

  close(): void {
    this.spool.close()
    this.sources.close()
  }

  private append(kind: 'open' | 'slices' | 'nat', batch: FlowBatch): void {
    this.spool.append(kind, batch, none)
  }

  private note(note: SpoolNote): void {
    this.spool.note(note, none)
  }

  /** Takes up what was open when an earlier run ended, and what it kept as a whole. */
  private recover(directory: string): void {
    const own = this.spool.position.segment
    const segment = recentSegment(directory, 2 * journalledMs)
    const reader = new SpoolReader(directory, { segment, offset: 0 })
    const batch = makeFlowBatch(batchRows, flowExtras)
    try {
      for (let frame = reader.next(batch); frame !== undefined; frame = reader.next(batch)) {
        if (frame.end.segment >= own) return
        if ('batch' in frame) this.tracker.recover(frame.kind, frame.batch)
        else if (frame.kind === 'note' && frame.note.type === 'commit') {
          for (const id of frame.note.of) this.keptOnce.add(id)
        }
      }
    } finally {
      reader.close()
    }
  }
}
