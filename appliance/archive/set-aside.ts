import type { Log } from '../../model/log.ts'
import { asideText } from '../../store/archive/aside.ts'

/** Files of the archive that were set aside since the start: each is told of, and counted. */
export class SetAside {
  count = 0
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  add(path: string): void {
    this.count++
    this.#log.warn(asideText(path))
  }
}
