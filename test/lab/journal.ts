import { join } from 'node:path'
import { SpoolReader } from '../../store/spool-reader.ts'

/** The journal of the connections that a lab's program follows, read while it is written. */
export class Journal {
  readonly #reader: SpoolReader
  #watchedUs = 0

  constructor(dataDir: string) {
    const directory = join(dataDir, 'spool', 'conntrack')
    this.#reader = new SpoolReader(directory, { segment: 0, offset: 0 })
  }

  /** Up to when all that happened is in it (us since 1970), whatever ends the program now. */
  get watchedUs(): number {
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      this.#watchedUs = Math.max(this.#watchedUs, frame.watermarkUs)
    }
    return this.#watchedUs
  }

  close(): void {
    this.#reader.close()
  }
}
