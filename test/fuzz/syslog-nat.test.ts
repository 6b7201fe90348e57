import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NatTracker } from '../../collector/nat/tracker.ts'
import { EventWriter } from '../../collector/syslog/event-writer.ts'
import { SyslogFramer, maxMessageBytes } from '../../collector/syslog/framing.ts'
import { LineSource } from '../../collector/syslog/line-source.ts'
import { requireAddress } from '../../model/address.ts'
import { noNetworks } from '../../model/nat-view.ts'
import { parseZone } from '../../model/time-zone.ts'
import { queryMappings } from '../../collector/nat/query.ts'
import { samples } from '../collector/syslog/conformance/samples.ts'
import { assertFor } from './for-a-while.ts'

/** Milliseconds for each property; FUZZ_MS makes it longer, on demand. */
const budgetMs = Number(process.env['FUZZ_MS'] ?? 1500)
const timeout = budgetMs + 30_000

const zone = parseZone('UTC')
const known = Object.values(samples).flatMap((each) => each.map(({ line }) => line))
const good = known[0] ?? ''

/** Lines that are almost right: parts of known ones put together, cut, repeated and changed. */
const almost = fc
  .array(
    fc
      .tuple(fc.constantFrom(...known), fc.nat(400), fc.nat(400))
      .map(([line, from, length]) => line.slice(from % line.length, (from % line.length) + length)),
    { minLength: 1, maxLength: 4 }
  )
  .chain((parts) =>
    fc.tuple(
      fc.constant(parts.join('')),
      fc.array(fc.tuple(fc.nat(1000), fc.string({ maxLength: 3, unit: 'binary' })), {
        maxLength: 4,
      })
    )
  )
  .map(([line, edits]) =>
    edits.reduce((text, [at, put]) => {
      const place = text.length === 0 ? 0 : at % text.length
      return text.slice(0, place) + put + text.slice(place + 1)
    }, line)
  )

const anyLine = fc.oneof(
  almost,
  fc.string({ maxLength: 600, unit: 'binary' }),
  fc.constantFrom(...known)
)

function makeReader() {
  const nowUs = (): number => Date.UTC(2026, 2, 1, 12, 0, 30) * 1000
  const source = new LineSource({ vendor: 'auto', zone, live: true, nowUs })
  return { source, out: new EventWriter(4096) }
}

describe('whatever a gateway sends', () => {
  test('lines never throw, are counted once, and the next one is read', { timeout }, async () => {
    await assertFor(
      fc.property(fc.array(anyLine, { maxLength: 20 }), (lines) => {
        const { source, out } = makeReader()
        for (const line of lines) source.read(line, out)
        const { counters } = source
        expect(counters.lines).toBe(lines.length)
        const before = counters.events
        source.read(good, out)
        expect(counters.events).toBe(before + 1)
        expect(out.batch.length).toBe(counters.events)
        for (let row = 0; row < out.batch.length; row++) {
          const from = out.columns.flowStartMicroseconds[row] ?? NaN
          expect(Number.isFinite(from)).toBe(true)
          expect(out.columns.flowEndMicroseconds[row]).toBeGreaterThanOrEqual(from)
        }
      }),
      budgetMs
    )
  })

  test(
    'the tracker never throws, stays bounded, and writes no interval backwards',
    { timeout },
    async () => {
      await assertFor(
        fc.property(fc.array(anyLine, { maxLength: 60 }), fc.nat(4e9), (lines, laterUs) => {
          const { source, out } = makeReader()
          const tracker = new NatTracker({
            maxOpen: 16,
            sliceUs: 60e6,
            keepsFlows: true,
            journal: {
              append(_, { columns, length }) {
                for (let row = 0; row < length; row++) {
                  const from = columns.flowStartMicroseconds[row] ?? NaN
                  expect(columns.flowEndMicroseconds[row]).toBeGreaterThanOrEqual(from)
                }
              },
            },
          })
          for (const line of lines) source.read(line, out)
          tracker.take(out.batch)
          expect(tracker.open.size).toBeLessThanOrEqual(16)
          tracker.tick(Date.UTC(2026, 2, 1, 12) * 1000 + laterUs)
          tracker.flush()
          const query = { address: requireAddress('192.0.2.1'), fromUs: 0, toUs: 1e16, limit: 4 }
          const [found] = queryMappings(tracker, () => 'x', noNetworks, [query], 1e15)
          expect(found?.flows.length).toBeLessThanOrEqual(4)
        }),
        budgetMs
      )
    }
  )

  test(
    'streams are cut into messages of bounded length, however they come',
    { timeout },
    async () => {
      const chunk = fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .constantFrom('12 <1>abc', '\n', '<1>x\n', '99999999 <', '0', '007 <1>')
          .map((t) => Buffer.from(t)),
        fc.nat(20_000).map((length) => Buffer.alloc(length, 0x61))
      )
      await assertFor(
        fc.property(fc.array(chunk, { maxLength: 20 }), (chunks) => {
          const framer = new SyslogFramer()
          const take = (message: string): void => {
            expect(message.length).toBeLessThanOrEqual(maxMessageBytes)
          }
          for (const one of chunks) framer.push(Buffer.from(one), take)
          framer.end(take)
        }),
        budgetMs
      )
    }
  )
})
