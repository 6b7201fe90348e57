import { wordEnd } from '../identity/scan.ts'
import { parseZone } from '../../model/time-zone.ts'
import { SyslogHeader } from './header.ts'

/** HOSTNAME at its longest (RFC 5424 §6). */
const maxHost = 255

/** Reads whom a relay says that a line is of: the word behind its time (RFC 5424, RFC 3164). */
export class HostField {
  // When the line was written is asked for elsewhere, with the zone of its source.
  readonly #header = new SyslogHeader({ zone: parseZone('UTC'), nowUs: () => Date.now() * 1000 })

  /** The name in lower case; undefined where the line has no time, or nothing behind it. */
  read(line: string): string | undefined {
    if (this.#header.read(line) === 'time-missing') return undefined
    const { start } = this.#header
    const host = line.slice(start, Math.min(wordEnd(line, start), start + maxHost))
    return /^[\w.:-]+$/.test(host) ? host.toLowerCase() : undefined
  }
}
