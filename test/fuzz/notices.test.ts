import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { formatWords } from '../../model/address.ts'
import type { MessageReading } from '../../lookup-api/notices/read.ts'
import { carriers, clearsigned, quoted, wrapped } from '../lookup-api/notices/carrying.ts'
import { read, told, wrong } from '../lookup-api/notices/reading.ts'
import { fields, fieldStyle, letter, truth } from '../lookup-api/notices/writing.ts'
import { assertFor } from './for-a-while.ts'
import { timeText, written } from './notice-formats.ts'
import { localForms, wallForms, zoned } from './notice-times.ts'

/**
 * Mails of several notices in several formats, each carried in its own way and the whole in another,
 * the same notice more than once, times in every zone: whatever is read, nobody is named whom no
 * notice names. FUZZ_MS runs each property for longer.
 */
const budgetMs = Number(process.env['FUZZ_MS'] ?? 1500)
const timeout = budgetMs + 60_000
let inputs = 0
afterAll(() => {
  if (process.env['FUZZ_MS'] !== undefined) process.stderr.write(`${inputs} notices\n`)
})

/** What mail programs do to a text on its way. */
const handed: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => quoted(text, 1),
  (text) => quoted(text, 3),
  clearsigned,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll(/^/gm, '    '),
  (text) => `${text}\n\n-- \nSent from my phone\n203.0.113.44`,
  (text) => text.replaceAll(/(?<=[a-z]) (?=[a-z])/g, '\u00a0'),
  (text) => `\uFEFF${text}`,
  (text) => wrapped(text),
]

const carry = Object.values(carriers)

/** Parts of one mail: each a text of its own, told or not told what it is. */
function mailOf(parts: readonly string[], types: readonly string[]): string {
  const pieces = parts.map((text, i) => {
    const isMail = /^(?:From|Received): /.test(text)
    const type = isMail ? 'message/rfc822' : (types[i % types.length] ?? 'text/plain')
    return `--P\nContent-Type: ${type}\n\n${text}\n`
  })
  return [
    'From: forwarder@example.com',
    'To: abuse@example.net',
    'Date: Mon, 4 Jun 2001 12:10:10 +0200',
    'Subject: Fwd: several',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=P',
    '',
    ...pieces,
    '--P--',
    '',
  ].join('\n')
}

const seen = (reading: MessageReading): Map<string, number[][]> => {
  const found = new Map<string, number[][]>()
  for (const { sightings } of reading.notices)
    for (const { ip, time } of sightings) {
      if (ip === undefined || time === undefined || time.instants.length === 0) continue
      const address = formatWords(ip)
      found.set(address, [...(found.get(address) ?? []), [...time.instants]])
    }
  return found
}

describe('notices', () => {
  const notice = fc.record({ truth, written, hand: fc.nat(handed.length - 1), twice: fc.boolean() })
  const several = fc.uniqueArray(notice, {
    selector: (one) => one.truth.ip,
    minLength: 1,
    maxLength: 5,
  })

  type Wanted = typeof notice extends fc.Arbitrary<infer T> ? T : never

  const truthsOf = (list: readonly Wanted[]) => list.map((one) => one.truth)

  const pieceOf = ({ truth: one, written: write, hand }: Wanted): string => {
    const text = write(one)
    // A mail, and JSON or a table, is not quoted by who forwards it as what it is.
    return /^(?:From: |\{|timestamp,)/.test(text) ? text : (handed[hand]?.(text) ?? text)
  }

  test('several in one mail, each in its own format and way', { timeout }, async () => {
    const types = fc.array(
      fc.constantFrom('text/plain', 'application/octet-stream', 'text/plain'),
      {
        minLength: 1,
        maxLength: 3,
      }
    )
    await assertFor(
      fc.asyncProperty(several, types, async (list, of) => {
        inputs++
        const parts = list.flatMap((one) =>
          one.twice ? [pieceOf(one), pieceOf(one)] : [pieceOf(one)]
        )
        const reading = await read(mailOf(parts, of))
        expect(wrong(reading, truthsOf(list))).toEqual([])
      }),
      budgetMs
    )
  })

  test('several in one text, and that carried', { timeout }, async () => {
    await assertFor(
      fc.asyncProperty(
        several,
        fc.nat(carry.length - 1),
        fc.constantFrom('\n\n', '\n', '\n\n----------\n\n', '\n=====\n'),
        async (list, how, between) => {
          inputs++
          const text = list.map(pieceOf).join(between)
          const reading = await read(carry[how]?.(text) ?? text)
          expect(wrong(reading, truthsOf(list))).toEqual([])
        }
      ),
      budgetMs
    )
  })

  test('lines lost on the way', { timeout }, async () => {
    await assertFor(
      fc.asyncProperty(
        notice,
        fc.nat(carry.length - 1),
        fc.infiniteStream(fc.nat(9)),
        async (one, how, dice) => {
          inputs++
          const kept = pieceOf(one)
            .split('\n')
            .filter(() => dice.next().value !== 0)
            .join('\n')
          const reading = await read(carry[how]?.(kept) ?? kept)
          expect(wrong(reading, [one.truth])).toEqual([])
        }
      ),
      budgetMs
    )
  })

  test(
    'times on walls of zones: sure only where it is right, else among the instants',
    { timeout },
    async () => {
      await assertFor(
        fc.asyncProperty(
          zoned,
          fc.nat(localForms.length - 1),
          truth,
          fieldStyle,
          fc.nat(carry.length - 1),
          async ({ zone, atUs }, form, base, style, how) => {
            inputs++
            const one = { ...base, atUs }
            const at = localForms[form]?.(atUs, zone) ?? ''
            const lines = fields([one], { ...style, form: 0 }).join('\n')
            const text = letter([lines.replace(timeText(0, one), at)], 1)
            const reading = await read(carry[how]?.(text) ?? text)
            expect(wrong(reading, [one]), at).toEqual([])
            const instants = seen(reading).get(one.ip) ?? []
            for (const list of instants) expect(list, at).toContain(atUs)
          }
        ),
        budgetMs
      )
    }
  )

  test(
    'the zone of who asks decides, and an hour that came twice is two',
    { timeout },
    async () => {
      await assertFor(
        fc.asyncProperty(
          zoned,
          fc.nat(wallForms.length - 1),
          truth,
          fieldStyle,
          async ({ zone, atUs }, form, base, style) => {
            inputs++
            const one = { ...base, atUs }
            const at = wallForms[form]?.(atUs, zone) ?? ''
            const lines = fields([one], { ...style, form: 0 }).join('\n')
            const text = lines.replace(timeText(0, one), at)
            const reading = await read(text, { askedZone: { kind: 'name', name: zone } })
            expect(wrong(reading, [one]), at).toEqual([])
            const instants = seen(reading).get(one.ip) ?? []
            for (const list of instants) expect(list, at).toContain(atUs)
            if (told(reading, [one]) === 0)
              expect(instants.every((list) => list.length > 1)).toBe(true)
          }
        ),
        budgetMs
      )
    }
  )
})
