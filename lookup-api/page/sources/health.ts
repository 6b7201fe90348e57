import type { ExporterJson } from '../../routes/exporters.ts'
import type { Tone } from '../parts/basics.tsx'

/** What of an exporter wants somebody's attention first, in a few words. */
export function healthOf(one: ExporterJson): { tone: Tone; words: string } {
  if (one.last_heard === null) return { tone: 'plain', words: 'silent' }
  if (one.flapping) return { tone: 'bad', words: 'templates change' }
  if (one.bad_datagrams > 0) return { tone: 'bad', words: 'cannot all be read' }
  if (one.lost > 0) return { tone: 'unsure', words: 'loses' }
  if (one.missing_template + one.waiting_sets > 0) return { tone: 'unsure', words: 'waits' }
  if (one.sampling.interval > 1) return { tone: 'unsure', words: 'samples' }
  return { tone: 'sure', words: 'well' }
}
