import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../store/replace-file.ts'

/**
 * What is known of exporters, in `exporters.json` of the spool. The next run goes on with the
 * sequence numbers that it says and takes what came before them for kept: so it is saved behind the
 * rows that it speaks of, and they are forced to disk before it.
 */
export class ExporterState {
  readonly #path: string
  readonly #snapshot: () => string
  readonly #sync: () => Promise<boolean>
  #saving: Promise<boolean> | undefined

  /**
   * @param snapshot what is to be kept, once everything that it speaks of is in the spool
   * @param sync forces the spool to disk; false where that did not take all of it
   */
  constructor(directory: string, snapshot: () => string, sync: () => Promise<boolean>) {
    this.#path = join(directory, 'exporters.json')
    this.#snapshot = snapshot
    this.#sync = sync
  }

  /** What an earlier run kept; empty where there is nothing. */
  read(): string {
    try {
      return readFileSync(this.#path, 'utf8')
    } catch {
      return ''
    }
  }

  /**
   * Keeps what is known now; where that is under way already, what was known then.
   *
   * @returns false where the disk does not take it: what is lost by a crash is a longer gap then
   */
  save(): Promise<boolean> {
    this.#saving ??= this.#write().finally(() => (this.#saving = undefined))
    return this.#saving
  }

  /** Keeps what is known at the end. */
  async end(): Promise<void> {
    await this.#saving
    await this.save()
  }

  async #write(): Promise<boolean> {
    const text = this.#snapshot()
    try {
      if (!(await this.#sync())) return false
      await replaceFile(this.#path, text)
      return true
    } catch {
      // A full disk, which the spool tells of.
      return false
    }
  }
}
