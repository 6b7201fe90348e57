import { formatWords } from '../../../model/address.ts'
import { formatInstant } from '../../../model/time.ts'
import { readMessage } from '../../../lookup-api/notices/read.ts'
import type { MessageReading } from '../../../lookup-api/notices/read.ts'
import type { NoticeSettings } from '../../../lookup-api/notices/context.ts'

/** When the tests read notices. */
export const nowUs = Date.UTC(2026, 10, 20) * 1000

export async function read(
  text: string | Uint8Array,
  settings: Partial<NoticeSettings> = {},
  type = ''
): Promise<MessageReading> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  return readMessage(bytes, { nowUs, ...settings }, type)
}

/** A sighting on one line: `198.51.100.7 51413 2015-05-06T05:00:00.000Z`, `?` where not sure. */
export function lines({ notices }: MessageReading): string[] {
  return notices.flatMap(({ sightings }) =>
    sightings.map(({ ip, port, time, uncertain }) => {
      const instants = (time?.instants ?? []).map(formatInstant).join('|') || '-'
      const sure = uncertain ? ' ?' : ''
      return `${ip === undefined ? '-' : formatWords(ip)} ${port ?? '-'} ${instants}${sure}`
    })
  )
}

/** What somebody could be accused by: sightings that are sure, with whatever of them is told. */
export function accusations(reading: MessageReading): string[] {
  return lines(reading).filter((line) => !line.endsWith('?') && /^[^-].* \d{4}-/.test(line))
}

export interface Truth {
  readonly ip: string
  readonly port: number
  /** Microseconds. */
  readonly atUs: number
}

export const truthLine = ({ ip, port, atUs }: Truth): string =>
  `${ip} ${port} ${formatInstant(atUs)}`

/** Accusations that no truth bears out; one without a port is borne out by address and time. */
export function wrong(reading: MessageReading, truths: readonly Truth[]): string[] {
  const whole = new Set(truths.map(truthLine))
  const portless = new Set(truths.map((truth) => truthLine(truth).replace(/ \d+ /, ' - ')))
  return accusations(reading).filter((line) => !whole.has(line) && !portless.has(line))
}

/** How many of the truths are told whole and surely. */
export function told(reading: MessageReading, truths: readonly Truth[]): number {
  const said = new Set(accusations(reading))
  return truths.filter((truth) => said.has(truthLine(truth))).length
}
