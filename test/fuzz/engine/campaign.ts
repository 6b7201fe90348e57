import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { noOutcome } from './run-target.ts'
import type { Outcome, Plan } from './run-target.ts'
import type { AnyTarget } from './target.ts'

/** What decides the inputs. */
type How = Pick<Plan, 'seed' | 'variants'>
/** What a campaign remembers of a target. */
type Kept = Omit<Outcome, 'failure'> & How

/**
 * What came of targets so far, a file each in a folder: hours are put together from pieces, and a
 * piece goes on behind the last input of the one before.
 */
export class Campaign {
  private readonly folder: string
  private readonly how: How

  constructor(folder: string, how: How) {
    this.folder = folder
    this.how = how
  }

  private file({ name }: AnyTarget): string {
    const { seed, variants } = this.how
    return join(this.folder, `${name.replaceAll('/', '.')}.${seed}.${variants}.json`)
  }

  /** What came of it before; nothing where its seed or variants were others. */
  outcomeOf(target: AnyTarget): Outcome {
    const file = this.file(target)
    if (!existsSync(file)) return noOutcome()
    const { inputs, cpuMs, slowestMs, slowest } = JSON.parse(readFileSync(file, 'utf8')) as Kept
    return { inputs, cpuMs, slowestMs, slowest, failure: undefined }
  }

  /** Keeps what came of it, so that an end at any time leaves the old or the new. */
  keep(target: AnyTarget, { inputs, cpuMs, slowestMs, slowest }: Outcome): void {
    const file = this.file(target)
    const kept: Kept = { ...this.how, inputs, cpuMs, slowestMs, slowest }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, `${JSON.stringify(kept)}\n`)
    renameSync(`${file}.new`, file)
  }
}
