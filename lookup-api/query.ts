import { requireAddress } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { parsePort } from '../model/endpoint-text.ts'
import { FlowledgerError } from '../model/errors.ts'
import { parseProtocol } from '../model/protocol.ts'
import { parseDuration } from '../model/quantity.ts'
import { parseInstant } from '../model/time.ts'
import type { Instant } from '../model/time.ts'

/**
 * What may be asked, as text: parameters of `/v1/lookup`, columns of a batch, flags of a command.
 */
export const lookupFields = [
  'ip',
  'port',
  'protocol',
  'at',
  'tz',
  'tolerance',
  'destination_ip',
  'destination_port',
  'case',
  'purpose',
  'approval',
] as const

export type LookupField = (typeof lookupFields)[number]

/** A question as it was received. */
export type LookupInput = Readonly<Partial<Record<LookupField, string>>>

/** A question as it was understood. Times are microseconds since 1970. */
export interface LookupQuery {
  readonly ip: AddressWords
  readonly port?: number
  readonly protocol?: number
  readonly time: Instant
  /** T: the time asked for, never later than `nowUs`. */
  readonly atUs: number
  readonly toleranceUs: number
  /**
   * The window [T - tolerance, T + tolerance], cut at `nowUs`: nothing was seen after the question.
   */
  readonly fromUs: number
  readonly toUs: number
  readonly nowUs: number
  readonly destination?: { readonly ip?: AddressWords; readonly port?: number }
  readonly case?: string
  readonly purpose?: string
  /** Number of the approval that the asker names. */
  readonly approval?: string
}

/** How far the clock of who asks may run ahead of ours before a time counts as the future. */
const clockLeadUs = 5e6

/** The widest window that can still be called a time. */
const maxToleranceUs = 86_400e6

const maxNoteLength = 200

/** Names the field that an error is about, so that a form can mark it. */
export function inField<T>(field: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof FlowledgerError)) throw error
    throw new FlowledgerError(error.code, error.message, {
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      details: { ...error.details, field },
      cause: error,
    })
  }
}

function usage(message: string, fix: string): FlowledgerError {
  return new FlowledgerError('usage', message, { fix })
}

function readPort(text: string): number {
  const port = parsePort(text)
  if (port !== undefined) return port
  throw usage(`"${text.slice(0, 20)}" is not a port.`, 'A port is a number between 0 and 65535.')
}

function readProtocol(text: string): number {
  const protocol = parseProtocol(text)
  if (protocol !== undefined) return protocol
  const fix = 'Write tcp, udp, icmp, icmpv6, sctp, udplite, dccp, gre, esp, or a number up to 255.'
  throw usage(`"${text.slice(0, 20)}" is not a protocol.`, fix)
}

/** A duration with its unit, or a bare number of seconds: the unit in which times are given. */
function readTolerance(text: string): number {
  const us = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text)
  if (us !== undefined && us <= maxToleranceUs) return us
  throw usage(
    `"${text.slice(0, 20)}" is not a tolerance.`,
    'Write a duration of at most 24h, such as 5s or 2m.'
  )
}

/** Free text for the audit: one line, bounded. */
function readNote(text: string): string {
  // A note goes into the audit and onto terminals: no control characters, no halves of characters
  // (Unicode categories Cc and Cs).
  if (text.length <= maxNoteLength && !/[\p{Cc}\p{Cs}]/u.test(text)) return text
  throw usage(
    'The text is too long or holds control characters.',
    'Write one line, 200 characters.'
  )
}

/** Reads a field where it was given and is not blank. */
function optional<T>(
  input: LookupInput,
  field: LookupField,
  read: (text: string) => T
): T | undefined {
  const text = input[field]?.trim()
  return text === undefined || text === '' ? undefined : inField(field, () => read(text))
}

function required<T>(input: LookupInput, field: LookupField, read: (text: string) => T): T {
  const value = optional(input, field, read)
  if (value !== undefined) return value
  return inField(field, () => {
    throw usage(`"${field}" is missing.`, 'A look-up needs an address (ip) and a time (at).')
  })
}

/** Leaves out what is undefined, as exactOptionalPropertyTypes wants it. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function readTime(input: LookupInput, nowUs: number): Instant {
  const tz = input.tz?.trim() === '' ? undefined : input.tz?.trim()
  const time = required(input, 'at', (text) => parseInstant(text, { tz, nowUs }))
  if (time.atUs <= nowUs + clockLeadUs) return time
  return inField('at', () => {
    throw usage(`${time.text} lies in the future.`, 'Check the date and the time zone.')
  })
}

/**
 * Reads a question.
 *
 * @param nowUs when it was asked
 * @throws FlowledgerError `usage`, `address-invalid` or one of the time codes, with
 *   `details.field` naming what it is about
 */
export function readLookup(input: LookupInput, nowUs: number): LookupQuery {
  const ip = required(input, 'ip', requireAddress)
  const time = readTime(input, nowUs)
  const atUs = Math.min(time.atUs, nowUs)
  const toleranceUs = optional(input, 'tolerance', readTolerance) ?? time.precisionUs
  const destination = defined({
    ip: optional(input, 'destination_ip', requireAddress),
    port: optional(input, 'destination_port', readPort),
  })
  return {
    ip,
    time,
    atUs,
    toleranceUs,
    fromUs: atUs - toleranceUs,
    toUs: Math.min(atUs + toleranceUs, nowUs),
    nowUs,
    ...defined({
      port: optional(input, 'port', readPort),
      protocol: optional(input, 'protocol', readProtocol),
      destination: Object.keys(destination).length === 0 ? undefined : destination,
      case: optional(input, 'case', readNote),
      purpose: optional(input, 'purpose', readNote),
      approval: optional(input, 'approval', readNote),
    }),
  }
}
