import { formatWords, requireAddress } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { FlowledgerError } from '../model/errors.ts'
import type { ApprovalAct } from '../model/rights.ts'
import { formatInstant, parseInstant } from '../model/time.ts'
import type { Subject } from './dependencies.ts'
import { inField, readLookup } from './query.ts'
import type { LookupQuery } from './query.ts'

/**
 * What an approval is for, in one spelling: an address in canonical form, a time as an instant, so
 * that a question is the same subject however it was written, and another one is not.
 */

const maxFields = 20
const maxText = 200

/** A look-up as a subject: all that its answer depends on, and nothing of why it is asked. */
export function subjectOfLookup(query: LookupQuery): Subject {
  const { ip, port, protocol, atUs, toleranceUs, destination } = query
  const fields: [string, string | undefined][] = [
    ['ip', formatWords(ip)],
    ['port', port?.toString()],
    ['protocol', protocol?.toString()],
    ['at', formatInstant(atUs)],
    ['tolerance_us', String(toleranceUs)],
    ['destination_ip', destination?.ip && formatWords(destination.ip)],
    ['destination_port', destination?.port?.toString()],
  ]
  return Object.fromEntries(
    fields.filter((field): field is [string, string] => field[1] !== undefined)
  )
}

/** A list of flows as a subject. */
export function subjectOfList(filter: {
  readonly fromUs: number
  readonly toUs: number
  readonly inside: AddressWords | undefined
  readonly public: AddressWords | undefined
}): Subject {
  return {
    from: formatInstant(filter.fromUs),
    to: formatInstant(filter.toUs),
    ...(filter.inside === undefined ? {} : { inside: formatWords(filter.inside) }),
    ...(filter.public === undefined ? {} : { public: formatWords(filter.public) }),
  }
}

type Reader = (text: string, nowUs: number, tz: string | undefined) => string

const address: Reader = (text) => formatWords(requireAddress(text))
const instant: Reader = (text, nowUs, tz) => formatInstant(parseInstant(text, { tz, nowUs }).atUs)

/** Fields that have several spellings. */
const readers: Readonly<Record<string, Reader>> = {
  ip: address,
  inside: address,
  public: address,
  address,
  at: instant,
  from: instant,
  to: instant,
}

/** Says why a question is asked, or how it is answered, not what: no part of a subject. */
const notes: ReadonlySet<string> = new Set([
  'case',
  'purpose',
  'approval',
  'tz',
  'limit',
  'cursor',
  'order',
  'search',
])

/**
 * Parameters of another act as a subject: times and addresses in one spelling, the rest as text.
 *
 * @throws FlowledgerError `usage`, `address-invalid` or one of the time codes
 */
export function subjectOf(given: Readonly<Record<string, string>>, nowUs: number): Subject {
  const fields = Object.entries(given).filter(([name]) => !notes.has(name))
  if (fields.length === 0 || fields.length > maxFields) {
    throw new FlowledgerError('usage', `A subject has 1 to ${maxFields} fields.`, {
      details: { field: 'subject' },
    })
  }
  return Object.fromEntries(
    fields.map(([name, text]) => {
      const clean = text.trim().normalize('NFC')
      if (name.length > 60 || clean.length > maxText || /[\p{Cc}\p{Cs}]/u.test(`${name}${clean}`)) {
        throw new FlowledgerError('usage', 'A field of the subject is too long or no plain text.', {
          details: { field: 'subject' },
        })
      }
      const read = readers[name]
      return [
        name,
        read === undefined ? clean : inField(name, () => read(clean, nowUs, given['tz'])),
      ]
    })
  )
}

/**
 * The subject of a wish, as the act itself will name it.
 *
 * @throws FlowledgerError where the question cannot be read
 */
export function subjectOfWish(
  act: ApprovalAct,
  given: Readonly<Record<string, string>>,
  nowUs: number
): Subject {
  return act === 'reveal' || (act === 'wide' && Object.hasOwn(given, 'ip'))
    ? subjectOfLookup(readLookup(given, nowUs))
    : subjectOf(given, nowUs)
}
