import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  flowFields,
  flowRecord,
  ipfix,
  optionsTemplate,
  set,
  template,
  u,
} from '../collector/netflow/messages.ts'
import type { FieldSpec } from '../collector/netflow/messages.ts'
import { Run } from '../collector/netflow/run.ts'
import { shown } from '../collector/netflow/shown.ts'
import { assertFor } from './for-a-while.ts'

/** Longer on demand: FUZZ_MS=600000 npx vitest run test/fuzz/netflow-templates.test.ts */
const timeMs = Number(process.env['FUZZ_MS'] ?? 1500)

const variable = 0xffff
/** Elements that mean something to us, in whatever length a template gives them, and any other. */
const meant = [1, 2, 4, 7, 8, 10, 11, 12, 21, 22, 27, 28, 34, 48, 50, 82, 95, 96, 130, 148, 150]
const meantToo = [152, 154, 156, 158, 160, 225, 226, 227, 230, 233, 234, 281, 283, 291, 292, 293]
const meantLast = [302, 305, 323, 339, 341, 346, 361, 362, 363, 364, 463, 464, 466, 473]
const element = fc.oneof(fc.constantFrom(...meant, ...meantToo, ...meantLast), fc.nat(0x7fff))
const lengths = fc.oneof(
  fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 16, variable),
  fc.integer({ min: 1, max: 40 })
)
const pen = fc.constantFrom(undefined, undefined, undefined, 9, 637, 29_305, 4_000_000_000)
const field = fc
  .tuple(element, lengths, pen)
  .map(([id, octets, maker]): FieldSpec =>
    maker === undefined ? [id, octets] : [id, octets, maker]
  )
const specs = fc.array(field, { minLength: 1, maxLength: 12 })

/** Octets for a field; one of variable length in its short form or its long one (RFC 7011 §7). */
function octetsOf([, length]: FieldSpec, from: Uint8Array): Buffer {
  const [first = 0] = from
  if (length !== variable) return Buffer.alloc(length, from.length === 0 ? '\0' : from)
  const body = Buffer.from(from)
  return first & 1
    ? Buffer.concat([u(255, 1), u(body.length, 2), body])
    : Buffer.concat([u(body.length, 1), body])
}

/** A template, what it is for, and a set of records that are as it says. */
const described = fc
  .record({
    fields: specs,
    scopes: fc.integer({ min: 0, max: 2 }),
    records: fc.integer({ min: 1, max: 4 }),
    values: fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 12 }),
  })
  .map(({ fields, scopes, records, values }) => {
    const isOptions = scopes > 0 && scopes <= fields.length
    const data = Array.from({ length: records }, (_, record) =>
      fields.map((spec, at) =>
        octetsOf(spec, values[(at + record) % values.length] ?? new Uint8Array())
      )
    ).flat()
    const definition = (id: number): Buffer =>
      isOptions
        ? set(3, optionsTemplate(id, fields.slice(0, scopes), fields.slice(scopes)))
        : set(2, template(id, fields))
    return { isOptions, records, definition, data: Buffer.concat(data) }
  })

const several = fc.array(described, { minLength: 1, maxLength: 4 })

test('whatever a template describes is decoded to its last record, before it or after', async () => {
  await assertFor(
    fc.property(several, fc.boolean(), (all, isDataFirst) => {
      const run = new Run()
      all.forEach(({ definition, data }, at) => {
        const pair = [definition(256 + at), set(256 + at, data)]
        run.send([ipfix({}, ...(isDataFirst ? pair.toReversed() : pair))])
      })
      run.tick()
      const sum = (isOptions: boolean): number =>
        all.filter((one) => one.isOptions === isOptions).reduce((n, one) => n + one.records, 0)
      const { counters } = run.exporter()
      expect(counters.malformed).toEqual({})
      expect([counters.records, counters.optionRecords]).toEqual([sum(false), sum(true)])
    }),
    timeMs
  )
}, 0)

test('and shown as JSON, each record once', async () => {
  await assertFor(
    fc.property(described, ({ isOptions, records, definition, data }) => {
      const lines = shown(ipfix({}, definition(256), set(256, data)))
      if (!isOptions) expect(lines.length).toBe(records)
    }),
    timeMs
  )
}, 0)

test('and costs nothing else where octets of it are wrong', async () => {
  const pokes = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { minLength: 1, maxLength: 6 })
  await assertFor(
    fc.property(several, pokes, (all, wrong) => {
      const datagram = ipfix(
        {},
        ...all.flatMap(({ definition, data }, at) => [definition(256 + at), set(256 + at, data)])
      )
      for (const [at, value] of wrong) datagram[at % datagram.length] = value
      shown(datagram)
      const run = new Run().send([datagram]).tick()
      const before = run.rows.length
      const sound = { domain: 0x7fff1234 }
      run.send([ipfix(sound, set(2, template(256, flowFields)), set(256, flowRecord()))])
      expect(run.rows.length).toBe(before + 1)
    }),
    timeMs
  )
}, 0)
