import { maxConnectionUs } from '../../model/limits.ts'
import type { LocalClock } from './local-clock.ts'
import type { LineReader } from './text-line.ts'

/** Times of the kernel that could not be used, by why; the line itself was used. */
export interface TimeNotes {
  /** `-o ktimestamp` writes local time: without the zone it says nothing. */
  localTimeWithoutZone: number
  /** The zone had that hour twice, or never. */
  localTimeAmbiguous: number
  localTimeUnreadable: number
  /** The entry would be older than any connection, or begin after its end. */
  startImpossible: number
}

/** The times of one line, from whichever of its fields and of the options say the most. */
export class LineTimes {
  /** When the line's event was, or when the entry was seen (us since 1970); 0 where nobody says. */
  atUs = 0
  /** The entry was there from then on, at the latest (us); 0 where the line does not tell. */
  startUs = 0
  /** {@link startUs} is the kernel's start, as the whole second in which it lies. */
  startExact = false
  readonly notes: TimeNotes = {
    localTimeWithoutZone: 0,
    localTimeAmbiguous: 0,
    localTimeUnreadable: 0,
    startImpossible: 0,
  }
  private readonly clock: LocalClock | undefined

  constructor(clock: LocalClock | undefined) {
    this.clock = clock
  }

  /**
   * The time before the line is the best. The kernel's stop is a whole second, so the end is taken
   * as the end of that second: the mapping was held until some time in it.
   *
   * @param fallbackUs what `--at` or the arrival says; 0 where there is neither
   */
  read(line: LineReader, fallbackUs: number): void {
    this.atUs = line.timeUs
    this.startUs = 0
    this.startExact = false
    const start = this.local(line.startText)
    if (this.atUs === 0 && line.kind === 'destroy') {
      const stop = this.local(line.stopText)
      if (stop > 0) this.atUs = stop + 999_999
    }
    if (this.atUs === 0) this.atUs = fallbackUs
    if (this.atUs === 0) return
    if (start > 0) {
      this.setStart(start, true)
    } else if (line.entry.ageSeconds >= 0) {
      // The age is cut to whole seconds, so the entry is sure to be as old as one second less.
      this.setStart(this.atUs - Math.max(0, line.entry.ageSeconds - 1) * 1e6, false)
    }
  }

  private setStart(us: number, exact: boolean): void {
    if (us > this.atUs || this.atUs - us > maxConnectionUs) {
      this.notes.startImpossible++
      return
    }
    this.startUs = us
    this.startExact = exact
  }

  private local(text: string): number {
    if (text === '') return 0
    if (this.clock === undefined) {
      this.notes.localTimeWithoutZone++
      return 0
    }
    const us = this.clock.read(text)
    if (us === -1) this.notes.localTimeUnreadable++
    else if (us < 0) this.notes.localTimeAmbiguous++
    return Math.max(0, us)
  }
}
