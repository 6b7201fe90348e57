import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile, replaceSoon } from '../../store/replace-file.ts'
import type { SpoolPosition } from '../../store/spool-position.ts'

const position = z.strictObject({ segment: z.number().int(), offset: z.number().int() })
const state = z.strictObject({
  sequence: z.number().int(),
  positions: z.record(z.string(), position),
})

/** Up to where a target was told each spool, and the sequence number that comes next. */
export interface ExportState {
  readonly sequence: number
  readonly positions: Readonly<Record<string, SpoolPosition>>
}

/**
 * A target's place, kept in a file so that a restart goes on where it was. A loss of power may
 * bring back one that was kept some seconds before, from which on all is told again: but not none,
 * and no half of one, after which the target would begin with what is new.
 */
export class ExportStateFile {
  private readonly path: string
  private written = ''
  private isNamed: boolean

  constructor(directory: string, target: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    // Names hold letters, digits and . : @ _ - only: no path can be made of one.
    this.path = join(directory, `target-${target}.json`)
    this.isNamed = existsSync(this.path)
  }

  /** What was kept; undefined for a target that is new, or where the file is damaged. */
  read(): ExportState | undefined {
    try {
      const parsed = state.safeParse(JSON.parse(readFileSync(this.path, 'utf8')))
      return parsed.success ? parsed.data : undefined
    } catch {
      return undefined
    }
  }

  /** Keeps it whole or not at all. */
  async write(next: ExportState): Promise<void> {
    const text = JSON.stringify(next)
    if (text === this.written) return
    await (this.isNamed ? replaceSoon : replaceFile)(this.path, text)
    this.isNamed = true
    this.written = text
  }
}
