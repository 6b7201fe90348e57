import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { RecordKernels } from '../../exporter/record-kernels.ts'
import { v4MappedWord } from '../../model/address.ts'
import { ColumnMemory } from '../../model/column-memory.ts'
import { extraFields, fields } from '../../model/fields.ts'
import type { ExtraName, FieldName } from '../../model/fields.ts'
import { makeBatchIn, makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { bootUs, encode } from './encoding.ts'
import { baseUs } from './flows.ts'

const most = 400
const everyExtra = extraFields.map(({ name }) => name).filter((name) => name !== 'natEvent')

/** Targets whose records have every field in every form that there is. */
const targets: readonly Record<string, unknown>[] = [
  { protocol: 'ipfix' },
  { protocol: 'ipfix', times: 'microseconds' },
  { protocol: 'ipfix', directions: 'uniflows', records: 'both' },
  { protocol: 'ipfix', directions: 'forward', options: [] },
  { protocol: 'ipfix', records: 'nat-events' },
  { protocol: 'ipfix', fields: ['flowEndMicroseconds', 'sourceTransportPort', 'flowEndReason'] },
  { protocol: 'netflow9' },
  { protocol: 'netflow9', directions: 'forward' },
  { protocol: 'netflow9', directions: 'biflow', times: 'microseconds' },
  { protocol: 'netflow9', records: 'both' },
  { protocol: 'netflow5' },
  { protocol: 'netflow5', views: 'inside' },
]

/** Times: usual ones, before SysUptime's zero, after 2036, and such as nobody means. */
const usualTime = fc.oneof(
  fc.integer({ min: bootUs, max: baseUs }),
  fc.integer({ min: 0, max: 4_294_967_295_999_999 }),
  fc.double({ min: 0, max: 4.2e15, noNaN: true }),
  fc.constantFrom(0, 999_999, 1e6, 2_085_978_495_999_999, 2_085_978_496_000_000, 2 ** 51)
)
const oddTime = fc.oneof(
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity, -1, -0.5, 2 ** 53, 1e30, 4_294_967_296e6)
)
const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffff_ffff }))

type Words = readonly [number, number, number, number]
const v4Address = word.map((last): Words => [0, 0, v4MappedWord, last])
const anyAddress: fc.Arbitrary<Words> = fc.oneof(
  v4Address,
  fc.tuple(word, word, word, word),
  fc.constant<Words>([0, 0, 0, 0])
)

/** What stands in the columns of a batch, before rows differ. */
interface Drawn {
  readonly rows: number
  readonly words: readonly number[]
  readonly times: readonly number[]
  readonly addresses: readonly Words[]
  readonly isV4: boolean
}

const drawnWith = (time: fc.Arbitrary<number>, isV4: boolean): fc.Arbitrary<Drawn> =>
  fc.record({
    rows: fc.integer({ min: 1, max: most }),
    words: fc.array(word, { minLength: 1, maxLength: 60 }),
    times: fc.array(time, { minLength: 1, maxLength: 60 }),
    addresses: fc.array(isV4 ? v4Address : anyAddress, { minLength: 1, maxLength: 20 }),
    isV4: fc.constant(isV4),
  })

function fill(batch: FlowBatch, { rows, words, times, addresses, isV4 }: Drawn): void {
  let at = 0
  const next = <T>(list: readonly T[]): T => list[at++ % list.length] as T
  for (const { name, kind } of [...fields, ...extraFields]) {
    const column = batch.columns[name as FieldName] ?? batch.extras[name as ExtraName]
    if (column === undefined) continue
    for (let row = 0; row < rows; row++) {
      if (kind === 'address') column.set(next(addresses), 4 * row)
      else if (kind === 'u64') column.set([next(words), next(words)], 2 * row)
      else if (kind === 'time') column[row] = next(times)
      else if (kind === 'text') column[row] = batch.texts.numberOf(`text ${next(words) % 50}`)
      else column[row] = next(words)
    }
  }
  batch.length = rows
  batch.isV4 = isV4
}

const memory = new ColumnMemory(2 << 20)
const kernels = RecordKernels.over(memory) as RecordKernels
const room = Buffer.from(memory.buffer, memory.take(4 * 1472), 4 * 1472)
const batches = new Map<string, FlowBatch>()

/** A batch that the kernels reach, as it was left. */
function reachedWith(extras: readonly ExtraName[]): FlowBatch {
  const key = extras.join(' ')
  const batch = batches.get(key) ?? makeBatchIn(memory, most, extras)
  batches.set(key, batch)
  if (batch.memory !== memory) throw new Error('the memory is full')
  batch.texts.clear()
  return batch
}

/** Encodes the same rows both ways, and says how often kernels wrote a run and left one. */
function both(given: Record<string, unknown>, extras: readonly ExtraName[], drawn: Drawn) {
  const reached = reachedWith(extras)
  const plain = makeFlowBatch(most, extras)
  fill(reached, drawn)
  fill(plain, { ...drawn, isV4: false })
  const write = vi.spyOn(kernels, 'write')
  const quick = encode(given, [reached], { kernels, room }).raw
  const slow = encode(given, [plain]).raw
  expect(Buffer.concat(quick).equals(Buffer.concat(slow))).toBe(true)
  expect(quick.length).toBe(slow.length)
  const results = write.mock.results.map(({ value }) => value as boolean)
  write.mockRestore()
  return { written: results.filter(Boolean).length, left: results.filter((one) => !one).length }
}

describe('compiled kernels write the octets that column writers do', () => {
  for (const [index, given] of targets.entries()) {
    const form = fc.record({
      isV4: fc.boolean(),
      extras: fc.constantFrom<readonly ExtraName[]>([], everyExtra, ['samplingInterval']),
    })
    test(`${index}: ${JSON.stringify(given)}`, () => {
      let [written, left] = [0, 0]
      fc.assert(
        fc.property(
          form.chain(({ isV4, extras }) =>
            fc.record({ extras: fc.constant(extras), drawn: drawnWith(usualTime, isV4) })
          ),
          ({ extras, drawn }) => {
            const count = both(given, extras, drawn)
            written += count.written
            left += count.left
          }
        ),
        { numRuns: 25 }
      )
      expect(written).toBeGreaterThan(0)
      expect(left).toBe(0)
    })
  }

  test('and leave times that are none to these', () => {
    let left = 0
    for (const given of targets) {
      fc.assert(
        fc.property(drawnWith(oddTime, false), (drawn) => {
          left += both(given, [], drawn).left
        }),
        { numRuns: 8 }
      )
    }
    expect(left).toBeGreaterThan(0)
  })

  test('of any rows of a batch, in any order of theirs', () => {
    const given = { protocol: 'ipfix', filter: { protocols: ['tcp', 'udp'] } }
    fc.assert(
      fc.property(drawnWith(usualTime, true), (drawn) => {
        both(given, [], { ...drawn, words: [...drawn.words, 6, 17] })
      }),
      { numRuns: 20 }
    )
  })

  test('and none where messages or rows lie elsewhere', () => {
    const drawn: Drawn = {
      rows: 9,
      words: [1, 2, 3],
      times: [baseUs],
      addresses: [[0, 0, v4MappedWord, 7]],
      isV4: true,
    }
    const plain = makeFlowBatch(most)
    fill(plain, drawn)
    const all = encode({ protocol: 'ipfix' }, [plain])
    expect(encode({ protocol: 'ipfix' }, [plain], { kernels, room }).raw).toEqual(all.raw)
    const reached = reachedWith([])
    fill(reached, drawn)
    expect(encode({ protocol: 'ipfix' }, [reached], { kernels }).raw).toEqual(all.raw)
    const full = new ColumnMemory(1)
    full.take(full.buffer.byteLength)
    expect(RecordKernels.over(full)).toBeUndefined()
  })
})
