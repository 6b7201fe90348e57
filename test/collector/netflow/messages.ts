import { requireAddress } from '../../../model/address.ts'

/** Octets of a field: its value in a number of octets, or octets as they are. */
export type FieldValue = readonly [value: number | bigint | string, length: number] | Buffer

/** A field of a template: element, octets, and the enterprise where there is one. */
export type FieldSpec = readonly [id: number, length: number, pen?: number]

export const u = (value: number | bigint, length: number): Buffer => {
  const octets = Buffer.alloc(length)
  let rest = BigInt(value)
  for (let at = length - 1; at >= 0; at--) {
    octets[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return octets
}

/** An address in its own number of octets. */
export const ip = (text: string): Buffer => {
  const words = requireAddress(text)
  const octets = Buffer.concat(words.map((word) => u(word, 4)))
  return text.includes(':') ? octets : octets.subarray(12)
}

export const set = (id: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([u(id, 2), u(body.length + 4, 2), body])
}

const field = ([id, length, pen]: FieldSpec): Buffer =>
  pen === undefined
    ? Buffer.concat([u(id, 2), u(length, 2)])
    : Buffer.concat([u(id | 0x8000, 2), u(length, 2), u(pen, 4)])

/** A template record; the same in v9 and IPFIX. */
export const template = (id: number, fields: readonly FieldSpec[]): Buffer =>
  Buffer.concat([u(id, 2), u(fields.length, 2), ...fields.map(field)])

/** An options template record of IPFIX. */
export const optionsTemplate = (
  id: number,
  scopes: readonly FieldSpec[],
  fields: readonly FieldSpec[]
): Buffer =>
  Buffer.concat([
    u(id, 2),
    u(scopes.length + fields.length, 2),
    u(scopes.length, 2),
    ...[...scopes, ...fields].map(field),
  ])

/** An options template record of v9. */
export const optionsTemplate9 = (
  id: number,
  scopes: readonly FieldSpec[],
  fields: readonly FieldSpec[]
): Buffer =>
  Buffer.concat([
    u(id, 2),
    u(4 * scopes.length, 2),
    u(4 * fields.length, 2),
    ...[...scopes, ...fields].map(field),
  ])

export interface Head {
  readonly seconds?: number
  readonly sequence?: number
  readonly domain?: number
  readonly uptimeMs?: number
}

/** 2026-03-01T12:00:00Z. */
export const noon = 1_772_366_400

export const v9 = (head: Head, ...sets: readonly Buffer[]): Buffer =>
  Buffer.concat([
    u(9, 2),
    u(sets.length, 2),
    u(head.uptimeMs ?? 3_600_000, 4),
    u(head.seconds ?? noon, 4),
    u(head.sequence ?? 0, 4),
    u(head.domain ?? 0, 4),
    ...sets,
  ])

export const ipfix = (head: Head, ...sets: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(sets)
  return Buffer.concat([
    u(10, 2),
    u(16 + body.length, 2),
    u(head.seconds ?? noon, 4),
    u(head.sequence ?? 0, 4),
    u(head.domain ?? 0, 4),
    body,
  ])
}

/** A v5 datagram with `count` in its head and as many records as `records` says. */
export const v5 = (
  head: Head & { readonly count?: number; readonly sampling?: number },
  records: readonly Buffer[]
): Buffer =>
  Buffer.concat([
    u(5, 2),
    u(head.count ?? records.length, 2),
    u(head.uptimeMs ?? 36e5, 4),
    u(head.seconds ?? noon, 4),
    u(0, 4),
    u(head.sequence ?? 0, 4),
    u(head.domain ?? 0, 2),
    u(head.sampling ?? 0, 2),
    ...records,
  ])

/** A v5 record: 10.0.0.7:40000 to 198.51.100.9:443, 5 packets, 600 octets. */
export const v5Record = (firstMs = 3_590_000, lastMs = 3_599_000): Buffer =>
  Buffer.concat([
    ip('10.0.0.7'),
    ip('198.51.100.9'),
    ip('0.0.0.0'),
    u(1, 2),
    u(2, 2),
    u(5, 4),
    u(600, 4),
    u(firstMs, 4),
    u(lastMs, 4),
    u(4e4, 2),
    u(443, 2),
    u(0, 1),
    u(27, 1),
    u(6, 1),
    u(0, 1),
    u(0, 4),
    u(0, 2),
    u(0, 2),
  ])

/** What most records of these tests have: an IPv4 flow of which start and end are told in ms. */
export const flowFields: readonly FieldSpec[] = [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [1, 8],
  [2, 4],
  [152, 8],
  [153, 8],
]

export interface FlowValues {
  readonly source?: string
  readonly destination?: string
  readonly octets?: bigint
  readonly startMs?: number
  readonly endMs?: number
}

export const flowRecord = (values: FlowValues = {}): Buffer =>
  Buffer.concat([
    ip(values.source ?? '10.0.0.7'),
    ip(values.destination ?? '198.51.100.9'),
    u(40_000, 2),
    u(443, 2),
    u(6, 1),
    u(values.octets ?? 600n, 8),
    u(5, 4),
    u(values.startMs ?? noon * 1000 - 10_000, 8),
    u(values.endMs ?? noon * 1000 - 1000, 8),
  ])

/** A session of NAT as RFC 8158 §6.1 has it: both tuples, an event, and when it was. */
export const sessionFields: readonly FieldSpec[] = [
  [323, 8],
  [230, 1],
  [8, 4],
  [225, 4],
  [4, 1],
  [7, 2],
  [227, 2],
  [12, 4],
  [11, 2],
]

export interface SessionValues {
  readonly atMs?: number
  /** Inside, and as the world saw it. */
  readonly ports?: readonly [inside: number, outside: number]
}

/** @param event 4: it begins, 5: it ends (NAT44) */
export const sessionEvent = (event: number, values: SessionValues = {}): Buffer => {
  const [inside, outside] = values.ports ?? [40_000, 61_284]
  return Buffer.concat([
    u(values.atMs ?? noon * 1000 - 2000, 8),
    u(event, 1),
    ip('10.0.0.7'),
    ip('192.0.2.1'),
    u(6, 1),
    u(inside, 2),
    u(outside, 2),
    ip('198.51.100.9'),
    u(443, 2),
  ])
}
