import { readFileSync, readdirSync } from 'node:fs'
import { Readable } from 'node:stream'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { importConntrack } from '../../cli/import.ts'
import type { LedgerSink } from '../../cli/import/ledger-sink.ts'
import { TextFlows } from '../../collector/conntrack/text-flows.ts'
import { LocalClock } from '../../collector/conntrack/local-clock.ts'
import { LineReader } from '../../collector/conntrack/text-line.ts'
import { lineReasons } from '../../collector/conntrack/text-entry.ts'
import { sliceFlags } from '../../model/fields.ts'
import type { Columns } from '../../model/flow-batch.ts'
import { maxSliceUs } from '../../model/limits.ts'
import { parseZone } from '../../model/time-zone.ts'
import { assertFor } from './for-a-while.ts'

const budgetMs = Number(process.env['FUZZ_SECONDS'] ?? 3) * 1000
/** The three properties share the time. */
const shareMs = budgetMs / 3
const patience = budgetMs + 30_000

const folder = new URL('../collector/conntrack/recorded/', import.meta.url)
const recorded = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .flatMap((name) => readFileSync(new URL(name, folder), 'latin1').split('\n'))
  .filter((line) => line !== '')
const words = [...new Set(recorded.flatMap((line) => line.split(/\s+/)))]

const bytes = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
})

/** Real lines, as they are, damaged in a place, cut, or put together from real words. */
const line = fc.oneof(
  fc.constantFrom(...recorded),
  fc
    .tuple(fc.constantFrom(...recorded), fc.nat(), fc.nat(20), bytes)
    .map(([text, at, gone, put]) => {
      const place = at % text.length
      return text.slice(0, place) + put + text.slice(place + gone)
    }),
  fc.tuple(fc.constantFrom(...recorded), fc.nat()).map(([text, at]) => text.slice(0, at % 500)),
  fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((list) => list.join(' ')),
  bytes
)

/** What every row must be, whatever the text was. */
function check(c: Columns): void {
  const [from = 0, to = 0] = [c.flowStartMicroseconds[0], c.flowEndMicroseconds[0]]
  const [start = 0, last = 0] = [c.connectionStart[0], c.lastPacket[0]]
  const flags = c.sliceFlags[0] ?? 0
  expect(Number.isSafeInteger(from) && Number.isSafeInteger(to)).toBe(true)
  expect(from).toBeGreaterThan(0)
  expect(to - from).toBeGreaterThanOrEqual(0)
  expect(to - from).toBeLessThanOrEqual(maxSliceUs)
  expect(start).toBeLessThanOrEqual(from)
  expect(last >= from && last <= to).toBe(true)
  expect(flags & ~15).toBe(0)
  expect(flags & sliceFlags.observedTimes).not.toBe(0)
  expect(c.flowId[1] ?? 0).toBeLessThan(2 ** 31)
}

test(
  'a line is an event or has a reason, and is read the same after any other',
  async () => {
    const known: ReadonlySet<string> = new Set(lineReasons)
    const used = new LineReader()
    await assertFor(
      fc.property(line, (text) => {
        const fresh = new LineReader()
        const reason = fresh.read(text)
        expect(used.read(text)).toBe(reason)
        if (reason !== undefined) {
          expect(known.has(reason)).toBe(true)
          return
        }
        expect(used.entry.row).toEqual(fresh.entry.row)
        expect([used.kind, used.timeUs, used.tcpState]).toEqual([
          fresh.kind,
          fresh.timeUs,
          fresh.tcpState,
        ])
      }),
      shareMs
    )
  },
  patience
)

test(
  'any sequence of lines gives rows that can be, and holds no more open than it may',
  async () => {
    await assertFor(
      fc.property(
        fc.array(line, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (texts, most) => {
          const reader = new LineReader()
          const clock = new LocalClock(parseZone('Europe/Berlin'))
          const flows = new TextFlows({
            emit: ({ columns }) => check(columns),
            clock,
            maxOpen: most,
          })
          flows.startText('f'.repeat(40))
          for (const [index, text] of texts.entries()) {
            if (reader.read(text) === undefined) flows.take(reader, index, 1_795_000_000e6)
            expect(flows.size).toBeLessThanOrEqual(most)
            if (index % 17 === 16) flows.cutAll()
          }
          flows.cutAll()
        }
      ),
      shareMs
    )
  },
  patience
)

test(
  'an import of anything ends with a result or a sentence',
  async () => {
    const sink: LedgerSink = {
      register: () => Promise.resolve(),
      readCursor: () => Promise.resolve(undefined),
      commit: () => Promise.resolve(),
    }
    await assertFor(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.integer({ min: 1, max: 999 }),
        async (texts, size) => {
          const text = Buffer.from(texts.join('\n'), 'latin1')
          const chunks: Buffer[] = []
          for (let at = 0; at < text.length; at += size) chunks.push(text.subarray(at, at + size))
          const stdin = Readable.from(chunks)
          const run = importConntrack(['-'], { source: 'fuzz', stdin }, sink, () => {})
          const outcome = await run.catch((error: unknown) => error)
          if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'usage' })
        }
      ),
      shareMs
    )
  },
  patience
)
