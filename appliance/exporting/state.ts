import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { SpoolPosition } from '../../store/spool-writer.ts'

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

/** A target's place, kept in a file so that a restart goes on where it was. */
export class ExportStateFile {
  private readonly path: string
  private written = ''

  constructor(directory: string, target: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    // Names hold letters, digits and . : @ _ - only: no path can be made of one.
    this.path = join(directory, `target-${target}.json`)
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
  write(next: ExportState): void {
    const text = JSON.stringify(next)
    if (text === this.written) return
    writeFileSync(`${this.path}.new`, text, { mode: 0o600 })
    renameSync(`${this.path}.new`, this.path)
    this.written = text
  }
}
