import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Exporter } from '../../../collector/netflow/exporter.ts'
import type { TemplateEntry } from '../../../collector/netflow/exporter.ts'
import { layoutOf } from '../../../collector/netflow/layout.ts'
import { RowWriter } from '../../../collector/netflow/rows.ts'
import { settingsFor } from '../../../collector/netflow/settings.ts'
import { isV4 } from '../../../model/address.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { kernelModuleSource, kernelTexts } from '../../../scripts/kernel-module-source.ts'
import { noon } from './messages.ts'

type Spec = readonly [id: number, length: number]

/** Elements of flows, and lengths that they come in. */
const v4: readonly Spec[] = [
  [8, 4],
  [12, 4],
  [225, 4],
  [226, 4],
]
const v6: readonly Spec[] = [
  [27, 16],
  [28, 16],
  [281, 16],
  [282, 16],
]
const numbers: readonly Spec[] = [
  [7, 2],
  [11, 2],
  [227, 2],
  [228, 2],
  [4, 1],
  [5, 1],
  [6, 1],
  [1, 4],
  [2, 8],
  [10, 4],
  [14, 2],
  [32, 2],
  [234, 4],
  [136, 1],
  [34, 4],
  [95, 4],
  [9999, 3],
]
/** What no compiled kernel reads. */
const others: readonly Spec[] = [
  [48, 2],
  [283, 4],
  [1, 5],
  [11, 3],
  [8, 4],
  [27, 16],
]
const times: readonly (readonly Spec[])[] = [
  [
    [22, 4],
    [21, 4],
  ],
  [
    [150, 4],
    [151, 4],
  ],
  [
    [152, 8],
    [153, 8],
  ],
  [[21, 4]],
  [],
]

const fieldsOf = fc
  .tuple(
    fc.constantFrom(v4, v6, v4.slice(0, 2), v6.slice(0, 3), v4.slice(1)),
    fc.subarray([...numbers]),
    fc.oneof({ weight: 3, arbitrary: fc.constant<Spec[]>([]) }, fc.subarray([...others])),
    fc.oneof({ weight: 4, arbitrary: fc.nat(2) }, fc.constantFrom(3, 4))
  )
  .map(([addresses, some, more, when]): readonly Spec[] => [
    ...addresses,
    ...some,
    ...more,
    ...(times[when] ?? []),
  ])

const uptimeMs = 3_600_000
const timeIds = new Set([21, 22, 150, 151, 152, 153])

/** Octets of records: random, but most times are those of flows. */
function recordsOf(shape: readonly Spec[], count: number, seed: number, oddOfThousand = 3): Buffer {
  let state = seed | 1
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 8
  }
  return Buffer.concat(
    Array.from({ length: count }, () =>
      Buffer.concat(
        shape.map(([id, length]) => {
          const octets = Buffer.from(Array.from({ length }, () => random() & 0xff))
          if (!timeIds.has(id) && random() % 4 === 0) octets.fill(0)
          if (id === 4) octets[0] = [1, 6, 17, 58][random() % 4] ?? 0
          // Some are of no time that can be, and some last so long that their row is cut.
          if (random() % 1000 < oddOfThousand) return octets
          const before = (id % 2 === 0 ? 9000 : 1000) + (random() % 1000)
          if (id === 21 || id === 22) octets.writeUInt32BE(uptimeMs - before)
          if (id === 150 || id === 151) octets.writeUInt32BE(noon - (id === 150 ? 9 : 1))
          if (id === 152 || id === 153) octets.writeBigUInt64BE(BigInt(noon * 1000 - before))
          return octets
        })
      )
    )
  )
}

/** What a batch has in its rows: the octets of each column, and its texts. */
function shown({ columns, extras, length, capacity, texts }: FlowBatch): Record<string, string> {
  const all = { ...columns, ...extras }
  const octets = Object.entries(all).map(([name, { buffer, byteOffset, byteLength }]) => {
    const bytes = Buffer.from(buffer, byteOffset, (byteLength / capacity) * length)
    return [name, bytes.toString('hex')] as const
  })
  return { ...Object.fromEntries(octets), texts: texts.list().join(), rows: `${length}` }
}

class Both {
  readonly batches: Record<string, string>[] = []
  rows = 0
  vouched = 0
  readonly writer: RowWriter
  readonly exporter: Exporter
  readonly entries = new Map<unknown, TemplateEntry>()
  /** Where the compiled kernels read octets as they are received. */
  private readonly received: Buffer | undefined

  constructor(isQuick: boolean) {
    const settings = settingsFor([], 0, 0, 0xffff, 1)
    if (settings === undefined) throw new Error('nobody is listened to')
    this.exporter = new Exporter([0, 0, 0xffff, 1], 0, 0, 9, settings)
    this.exporter.sourceIndex = 7
    this.exporter.names.pools.set(0, 'pool of nobody')
    this.exporter.names.applications.set(0, 'nothing')
    this.writer = new RowWriter({ flows: (batch) => this.take(batch), events() {} }, 1, isQuick)
    this.received = isQuick ? this.writer.memory.takeReceiveBuffer() : undefined
  }

  /** @param at where they are received, by who may read them there; -1: elsewhere */
  write(shape: readonly Spec[], octets: Buffer, sysUptimeMs: number, at = -1): void {
    const layout = layoutOf(
      shape.map(([id, length]) => ({ pen: 0, id, length })),
      -1
    )
    if (layout === undefined) throw new Error('no layout')
    const entry = this.entries.get(layout) ?? {
      layout,
      plan: undefined,
      sentMs: 0,
      usedMs: 0,
      changes: 0,
    }
    this.entries.set(layout, entry)
    Object.assign(this.writer.context, { exportUs: noon * 1e6, sysUptimeMs })
    const { received } = this
    if (at < 0 || received === undefined) {
      const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
      this.writer.write(this.exporter, entry, view, 0, octets.length)
      return
    }
    received.fill(0xee, at, at + octets.length + 64).set(octets, at)
    const view = new DataView(received.buffer, received.byteOffset, received.length)
    this.writer.write(this.exporter, entry, view, at, at + octets.length)
  }

  private take(batch: FlowBatch): void {
    this.batches.push(shown(batch))
    this.rows += batch.length
    const { written } = batch
    for (const column of [...Object.values(batch.columns), ...Object.values(batch.extras)]) {
      if (written === undefined || written.has(column)) continue
      const stride = column.length / batch.capacity
      expect(column.subarray(0, stride * batch.length).every((value) => value === 0)).toBe(true)
    }
    if (batch.isV4 !== true) return
    this.vouched++
    const { sourceAddress, destinationAddress } = batch.columns
    const { postNatSourceAddress, postNatDestinationAddress } = batch.columns
    for (const words of [
      sourceAddress,
      destinationAddress,
      postNatSourceAddress,
      postNatDestinationAddress,
    ]) {
      for (let at = 0; at < 4 * batch.length; at += 4) {
        expect(isV4(words[at] ?? 1, words[at + 1] ?? 1, words[at + 2] ?? 1)).toBe(true)
      }
    }
  }
}

describe('compiled kernels', () => {
  test('make the rows that the others make, of whatever templates in whatever order', () => {
    let quickPlans = 0
    fc.assert(
      fc.property(
        fc.array(fieldsOf, { minLength: 1, maxLength: 4 }),
        fc.array(
          fc.record({
            template: fc.nat(3),
            count: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(600, 1024, 1100)),
            seed: fc.nat(),
            uptime: fc.constantFrom(uptimeMs, uptimeMs, -1, -1, 500, 0xffff_ffff),
            clockOffsetUs: fc.constantFrom(0, 0, 0, -7_200_000_001, 1e15),
            sampling: fc.constantFrom(0, 0, 100),
            byInterface: fc.boolean(),
            at: fc.constantFrom(-1, 0, 21, 4096),
            flush: fc.boolean(),
          }),
          { minLength: 1, maxLength: 6 }
        ),
        (shapes, sets) => {
          const quick = new Both(true)
          const plain = new Both(false)
          for (const { template, count, seed, uptime, at, flush, ...of } of sets) {
            const shape = shapes[template % shapes.length] ?? []
            const stride = shape.reduce((sum, [, length]) => sum + length, 0)
            const octets = recordsOf(shape, Math.min(count, Math.floor(65_000 / stride)), seed)
            for (const one of [quick, plain]) {
              one.writer.context.clockOffsetUs = of.clockOffsetUs
              one.exporter.samplingInterval = of.sampling
              one.exporter.interfaceSampling.clear()
              if (of.byInterface) one.exporter.interfaceSampling.set(0, 10).set(1, 20)
              one.write(shape, octets, uptime, at)
              if (flush) one.writer.flush()
            }
          }
          quick.writer.flush()
          plain.writer.flush()
          expect(quick.batches).toEqual(plain.batches)
          const { counters, longestUs } = quick.exporter
          expect({ counters, longestUs }).toEqual({
            counters: plain.exporter.counters,
            longestUs: plain.exporter.longestUs,
          })
          quickPlans += [...quick.entries.values()].filter(({ plan }) => plan?.quick).length
        }
      ),
      { numRuns: 100, interruptAfterTimeLimit: 8000 }
    )
    // The comparison is one of two ways, not of one way with itself.
    expect(quickPlans).toBeGreaterThan(0)
  })

  test.each([0, 1, 24, 1023])('find room behind %i rows and those of events', (count) => {
    // What could tell of an event and tells of none is a flow: here as many as fill the batch.
    const eventShape: readonly Spec[] = [...v4, [230, 1], [323, 8]]
    const events = Buffer.alloc(25 * 1024)
    for (let row = 0; row < count; row++) events[25 * row + 16] = 4
    const [, seconds = [], milliseconds = []] = times
    const narrow: readonly Spec[] = [...v4.slice(0, 2), [10, 2], [14, 2], ...milliseconds]
    const wide: readonly Spec[] = [...v6.slice(0, 2), ...seconds]
    const [quick, plain] = [new Both(true), new Both(false)]
    for (const shape of [narrow, wide, [...v4, ...seconds]]) {
      for (const one of [quick, plain]) {
        one.write(shape, recordsOf(shape, count, 1, 0), -1)
        one.write(eventShape, events, -1)
        one.write(shape, recordsOf(shape, 100, 2, 0), -1)
        one.writer.flush()
      }
    }
    expect(quick.batches).toEqual(plain.batches)
    expect(quick.rows).toBe(3 * (1024 + 100))
  })

  test('vouch for IPv4 where a template has it alone, and not where a row beside it has not', () => {
    const [timed = []] = times
    const own = [...v4, ...timed]
    const other = [...v6, ...timed]
    const run = new Both(true)
    run.write(own, recordsOf(own, 100, 1, 0), uptimeMs)
    run.writer.flush()
    expect([run.vouched, run.rows]).toEqual([1, 100])
    run.write(own, recordsOf(own, 10, 2, 0), uptimeMs)
    run.write(other, recordsOf(other, 10, 3, 0), uptimeMs)
    run.write(own, recordsOf(own, 10, 4, 0), uptimeMs)
    run.writer.flush()
    expect([run.vouched, run.rows]).toEqual([1, 130])
  })

  test.each(kernelTexts)('are what $text says', async ({ text, module }) => {
    const root = new URL('../../../', import.meta.url)
    const made = await kernelModuleSource(readFileSync(new URL(text, root), 'utf8'), basename(text))
    expect(readFileSync(new URL(module, root), 'utf8')).toBe(made)
  })
})
