import type { Gap, Progress } from '../model/coverage.ts'
import type { SpoolNote } from './spool-note.ts'

/** What a spool of several sources told of one of them. */
export interface SourceNews {
  readonly gaps: Gap[]
  watchedFromUs?: number
  progress?: Progress
}

/** True where it is not only progress, which can wait. */
export function isUrgent({ gaps, watchedFromUs }: SourceNews): boolean {
  return gaps.length > 0 || watchedFromUs !== undefined
}

/** Gathers the notes of one commit. */
export class CommitNotes {
  readonly gaps: Gap[] = []
  readonly sources = new Map<number, SourceNews>()
  watchedFromUs: number | undefined

  take(note: SpoolNote): void {
    if (note.type === 'progress') {
      for (const { source, watermarkUs, closedThroughUs, skewUs } of note.of) {
        const news = this.newsOf(source)
        const widest = Math.max(skewUs ?? 0, news.progress?.skewUs ?? 0)
        news.progress = { watermarkUs, closedThroughUs, ...(widest > 0 && { skewUs: widest }) }
      }
    } else if (note.type === 'gap') {
      const gaps = note.source === undefined ? this.gaps : this.newsOf(note.source).gaps
      gaps.push(gapOf(note))
    } else if (note.type !== 'watched-from') return
    else if (note.source === undefined) this.watchedFromUs = note.us
    else this.newsOf(note.source).watchedFromUs ??= note.us
  }

  private newsOf(source: number): SourceNews {
    const known = this.sources.get(source) ?? { gaps: [] }
    this.sources.set(source, known)
    return known
  }
}

function gapOf(note: SpoolNote & { type: 'gap' }): Gap {
  const { fromUs, toUs, reason, lost } = note
  return { fromUs, toUs, reason, ...(lost === undefined ? {} : { lost }) }
}
