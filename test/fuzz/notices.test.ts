import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { formatWords } from '../../model/address.ts'
import type { MessageReading } from '../../lookup-api/notices/read.ts'
import { carriers, clearsigned, quoted, wrapped } from '../lookup-api/notices/carrying.ts'
import { read, told, wrong } from '../lookup-api/notices/reading.ts'
import type { Truth } from '../lookup-api/notices/reading.ts'
import {
  acns,
  acnsStyle,
  fields,
  fieldStyle,
  letter,
  sureForms,
  truth,
} from '../lookup-api/notices/writing.ts'
import { localForms, wallForms, zoned } from './notice-times.ts'

/**
 * Mails of several notices in several formats, each carried in its own way and the whole in another,
 * the same notice more than once, times in every zone: whatever is read, nobody is named whom no
 * notice names. FUZZ_MS runs each property for longer.
 */
const budgetMs = Number(process.env['FUZZ_MS'] ?? 1500)
const bounded = {
  interruptAfterTimeLimit: budgetMs,
  numRuns: 1_000_000,
  markInterruptAsFailure: false,
}
const timeout = budgetMs + 60_000
let inputs = 0
afterAll(() => {
  if (process.env['FUZZ_MS'] !== undefined) process.stderr.write(`${inputs} notices\n`)
})

/** One notice, in a format of its own. */
type Written = (one: Truth) => string

const sure = fc.nat(sureForms.length - 1)
const timeText = (form: number, { atUs }: Truth): string => sureForms[form]?.(atUs / 1000) ?? ''

const xarf4 = (form: number): Written => {
  return (one) =>
    JSON.stringify({
      xarf_version: '4.2.0',
      report_id: '5f0e7a30-2b53-4d2a-9d1a-9d1f5e0b7c11',
      timestamp: timeText(form, one),
      reporter: { org: 'R', contact: 'r@example.org', domain: 'example.org' },
      category: 'connection',
      type: 'login_attack',
      source_identifier: one.ip,
      source_port: one.port,
      destination_ip: '203.0.113.5',
      destination_port: 22,
      first_seen: timeText(0, one),
    })
}

const marf = (form: number): Written => {
  return (one) =>
    [
      'From: fbl@example.org',
      'To: abuse@example.net',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=feedback-report; boundary=M',
      '',
      '--M',
      'Content-Type: text/plain',
      '',
      'This is a report.',
      '--M',
      'Content-Type: message/feedback-report',
      '',
      'Feedback-Type: abuse',
      'User-Agent: x/1',
      'Version: 1',
      `Source-IP: ${one.ip}`,
      `Source-Port: ${one.port}`,
      `Arrival-Date: ${timeText(form, one)}`,
      '--M',
      'Content-Type: message/rfc822',
      '',
      'From: x@example.com',
      'Received: from [203.0.113.99] by y; Mon, 4 Jun 2001 10:11:12 +0000',
      'Subject: spam',
      '',
      'buy',
      '--M--',
      '',
    ].join('\n')
}

const csv = (form: number): Written => {
  return (one) =>
    `timestamp,ip,port,asn,geo\n"${timeText(form, one)}","${one.ip}",${one.port},64500,ZZ\n`
}

const logLine = (form: number): Written => {
  return (one) =>
    `${timeText(form, one)} sshd[1]: Failed password for root from ${one.ip} port ${one.port} ssh2`
}

const written: fc.Arbitrary<Written> = fc.oneof(
  acnsStyle.map(
    (style): Written =>
      (one) =>
        acns(one, style)
  ),
  fc.tuple(fieldStyle, fc.nat(500)).map(
    ([style, noise]): Written =>
      (one) =>
        letter(fields([one], style), noise)
  ),
  sure.map(xarf4),
  fc.constantFrom(0, 1, 3, 6, 7).map(marf),
  fc.constantFrom(0, 1, 3).map(csv),
  fc.constantFrom(0, 1, 3, 5, 6).map(logLine)
)

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
    await fc.assert(
      fc.asyncProperty(several, types, async (list, of) => {
        inputs++
        const parts = list.flatMap((one) =>
          one.twice ? [pieceOf(one), pieceOf(one)] : [pieceOf(one)]
        )
        const reading = await read(mailOf(parts, of))
        expect(
          wrong(
            reading,
            list.map((one) => one.truth)
          )
        ).toEqual([])
      }),
      bounded
    )
  })

  test('several in one text, and that carried', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(
        several,
        fc.nat(carry.length - 1),
        fc.constantFrom('\n\n', '\n', '\n\n----------\n\n', '\n=====\n'),
        async (list, how, between) => {
          inputs++
          const text = list.map(pieceOf).join(between)
          const reading = await read(carry[how]?.(text) ?? text)
          expect(
            wrong(
              reading,
              list.map((one) => one.truth)
            )
          ).toEqual([])
        }
      ),
      bounded
    )
  })

  test('lines lost on the way', { timeout }, async () => {
    await fc.assert(
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
      bounded
    )
  })

  test(
    'times on walls of zones: sure only where it is right, else among the instants',
    { timeout },
    async () => {
      await fc.assert(
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
        bounded
      )
    }
  )

  test(
    'the zone of who asks decides, and an hour that came twice is two',
    { timeout },
    async () => {
      await fc.assert(
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
        bounded
      )
    }
  )
})
