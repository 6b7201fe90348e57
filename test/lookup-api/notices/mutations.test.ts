import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { read, told, truthLine, wrong } from './reading.ts'
import { carriers, quoted, wrapped } from './carrying.ts'
import { acns, acnsStyle, fields, fieldStyle, letter, sureForms, truth } from './writing.ts'

/**
 * What no sender's notice may do: make us name an address, port or time that it does not claim.
 * The expectations state both: nothing wrong at all, and how much has to be told.
 */

const unique = { selector: truthLine, minLength: 1, maxLength: 4 }

describe.each(Object.entries(carriers))('by mail: %s', (_, carry) => {
  test('documents of ACNS among letters: nothing wrong, all told', async () => {
    const documents = fc.uniqueArray(fc.record({ truth, style: acnsStyle }), {
      selector: (one) => truthLine(one.truth),
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(documents, fc.nat(500), async (list, noise) => {
        const blocks = list.map(
          (one) => `- ---Start ACNS XML\n${acns(one.truth, one.style)}\n- ---End ACNS XML`
        )
        const truths = list.map((one) => one.truth)
        const reading = await read(carry(letter(blocks, noise)))
        expect(wrong(reading, truths)).toEqual([])
        expect(told(reading, truths)).toBe(truths.length)
      }),
      { numRuns: 25 }
    )
  })

  test('fields with names among letters: nothing wrong, all told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(truth, unique),
        fieldStyle,
        fc.nat(500),
        async (truths, style, noise) => {
          const reading = await read(carry(letter(fields(truths, style), noise)))
          expect(wrong(reading, truths)).toEqual([])
          expect(told(reading, truths)).toBe(truths.length)
        }
      ),
      { numRuns: 25 }
    )
  })
})

test('documents that were quoted, wrapped and quoted again: nothing wrong, all told', async () => {
  await fc.assert(
    fc.asyncProperty(truth, acnsStyle, fc.nat(4), async (one, style, depth) => {
      const text = quoted(wrapped(acns(one, { ...style, compact: false })), depth)
      const reading = await read(letter([text], style.noise))
      expect(wrong(reading, [one])).toEqual([])
      expect(told(reading, [one])).toBe(1)
    }),
    { numRuns: 100 }
  )
})

test('documents cut off anywhere, or broken across lines anywhere: nothing wrong', async () => {
  await fc.assert(
    fc.asyncProperty(
      truth,
      acnsStyle,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      async (one, style, share, cut) => {
        const text = acns(one, style)
        const at = Math.floor(share * text.length)
        const broken = cut ? text.slice(0, at) : `${text.slice(0, at)}\n${text.slice(at)}`
        expect(wrong(await read(broken), [one])).toEqual([])
      }
    ),
    { numRuns: 300 }
  )
})

test('ports and times lost anywhere: nothing wrong', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(truth, { ...unique, minLength: 2 }),
      fieldStyle,
      fc.infiniteStream(fc.nat(5)),
      async (truths, style, dice) => {
        const whole = fields(truths, { ...style, separator: 0, gap: false })
        const hasAddress = (line: string): boolean => truths.some(({ ip }) => line.endsWith(ip))
        const kept = whole.filter((line) => hasAddress(line) || dice.next().value !== 0)
        expect(wrong(await read(kept.join('\n')), truths)).toEqual([])
      }
    ),
    { numRuns: 300 }
  )
})

test('all addresses, then all ports, then all times: nobody is named', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(truth, { ...unique, minLength: 2 }),
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      fc.nat(sureForms.length - 1),
      async (truths, order, form) => {
        const lists = [
          truths.map(({ ip }) => `IP address: ${ip}`),
          truths.map(({ port }) => `Port: ${port}`),
          truths.map(({ atUs }) => `Timestamp: ${sureForms[form]?.(atUs / 1000)}`),
        ]
        const reading = await read(order.flatMap((i) => lists[i] ?? []).join('\n'))
        expect(wrong(reading, [])).toEqual([])
      }
    ),
    { numRuns: 100 }
  )
})

test('lines of log and tables: nothing wrong, all told', async () => {
  const forms: readonly ((ip: string, port: number, at: string) => string)[] = [
    (ip, port, at) => `${at} sshd[1]: Failed password for root from ${ip} port ${port} ssh2`,
    (ip, port, at) => `${at} SRC=${ip} DST=203.0.113.5 PROTO=TCP SPT=${port} DPT=22`,
    (ip, port, at) => `${at} ${ip.includes(':') ? `[${ip}]` : ip}:${port} -> 203.0.113.5:445`,
    (ip, port, at) => `${at} connection from ${ip} port ${port} to 203.0.113.5 port 25`,
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(truth, unique),
      fc.nat(forms.length),
      fc.constantFrom(0, 1, 3, 5, 6),
      async (truths, form, time) => {
        const rows = truths.map(({ ip, port, atUs }) => {
          const at = sureForms[time]?.(atUs / 1000) ?? ''
          return forms[form]?.(ip, port, at) ?? `| ${ip} | ${port} | ${at} |`
        })
        const head =
          form === forms.length ? ['| IP | Source Port | Timestamp |', '|---|---|---|'] : []
        const reading = await read(letter([...head, ...rows], form))
        expect(wrong(reading, truths)).toEqual([])
        expect(told(reading, truths)).toBe(truths.length)
      }
    ),
    { numRuns: 100 }
  )
})
