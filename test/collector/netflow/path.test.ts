import { describe, expect, test } from 'vitest'
import { parsePrefix } from '../../../model/address.ts'
import { flowFields, flowRecord, ipfix, noon, set, template, v9 } from './messages.ts'
import { Run } from './run.ts'

const definition = template(256, flowFields)
const second = (number: number): number => noon + Math.floor(number / 10)

/** The message of a number; its record tells the number by its inside address. */
const message = (number: number): Buffer =>
  ipfix(
    { sequence: number, seconds: second(number) },
    ...(number === 0 ? [set(2, definition)] : []),
    set(256, flowRecord({ source: `10.0.0.${number}` }))
  )

const messages = (from: number, to: number): Buffer[] =>
  Array.from({ length: to - from }, (_, index) => message(from + index))

const numbersOf = ({ rows }: Run): number[] =>
  rows.map(({ source }) => Number(source.split(' ')[0]?.split('.')[3]))

describe('what is missing on the way', () => {
  const prefix = parsePrefix('192.0.2.10')
  if (prefix === undefined) throw new Error('no prefix')
  const settings = {
    prefix,
    portInKey: false,
    clockOffsetUs: 0,
    trustExporterAddress: false,
    checkSequence: true,
    activeTimeoutUs: 1e6,
  }

  test('is not said to be watched while it may still come', () => {
    const made = new Run([settings]).send([...messages(0, 20), ...messages(22, 40)]).tick()
    expect(made.gaps).toEqual([])
    expect(made.told.get(1)?.watermarkUs).toBe((second(19) - 1) * 1e6)
    made.send(messages(20, 22)).tick()
    expect(made.gaps).toEqual([])
    expect(made.told.get(1)?.watermarkUs).toBe((second(39) - 1) * 1e6)
  })

  test('is lost once the exporter has been silent, or nothing comes any more', () => {
    const lost = { reason: 'sequence-gap', lost: 2 }
    const arrivedUs = noon * 1e6 + 500_000
    const made = new Run([settings]).send([...messages(0, 20), ...messages(22, 40)])
    made.tick(arrivedUs + 4e6)
    expect(made.gaps).toEqual([])
    made.tick(arrivedUs + 6e6)
    expect(made.gaps).toMatchObject([lost])
    expect(made.told.get(1)?.watermarkUs).toBe((second(39) - 1) * 1e6)
    const ended = new Run([settings]).send([...messages(0, 20), ...messages(22, 40)])
    ended.collector.end()
    ended.tick()
    expect(ended.gaps).toMatchObject([lost])
  })
})

describe('what the network delivers twice', () => {
  const order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, 12, 11, 12, 11, 13]

  test('is taken once, also where it was late', () => {
    const made = new Run().send(order.map(message))
    expect(numbersOf(made).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 14 }, (_, number) => number)
    )
    expect(made.exporter().counters.repeated).toBe(3)
  })

  test('is kept where a number came twice with something else', () => {
    const other = ipfix(
      { sequence: 9, seconds: second(9) },
      set(256, flowRecord({ source: '10.0.0.200' }))
    )
    const made = new Run().send([...messages(0, 12), other])
    expect(numbersOf(made)).toContain(200)
    expect(made.exporter().sequence.duplicates).toBe(1)
  })

  test('is kept where the numbers of an exporter do not count', () => {
    const stuck = v9({ sequence: 7 }, set(256, flowRecord()))
    const made = new Run().send([v9({ sequence: 7 }, set(0, definition)), ...Array(20).fill(stuck)])
    expect(made.rows).toHaveLength(20)
  })

  test('is all there is on a stream, which repeats nothing', () => {
    const made = new Run().send(order.map(message), { transport: 'stream' })
    expect(made.rows).toHaveLength(order.length)
  })
})
