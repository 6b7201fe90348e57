import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { limitsOf } from '../../../lookup-api/evidence-file/limits.ts'
import { describeConfiguration } from '../../../lookup-api/evidence-file/configuration.ts'
import { seal } from '../../../lookup-api/evidence-file/envelope.ts'
import { wordsForPrint } from '../../../lookup-api/evidence-file/print-text.ts'
import { evidencePage, evidencePdf } from '../../../lookup-api/evidence-file/views.ts'
import { toConfig } from '../../../model/config.ts'
import { configSchema } from '../../../model/config-schema.ts'
import { programMissing, skipUnless } from '../../skip.ts'
import { makeWorld, slice } from '../world.ts'
import { documentOf, makeSigner, question, signedAnswer } from './signed.ts'

const other = { inside: '10.0.0.2 1000' }

describe('the views of an answer', () => {
  test('are the same octets for the same file', async () => {
    const sealed = await signedAnswer()
    const [one, two] = [await evidencePdf(sealed), await evidencePdf(sealed)]
    expect(one.equals(two)).toBe(true)
    expect(await evidencePage(sealed)).toBe(await evidencePage(sealed))
  })

  const toText = test.skipIf(skipUnless('program', programMissing('pdftotext')))
  toText('have one content, whichever form they have', async () => {
    const slices = Array.from({ length: 60 }, (_, i) =>
      slice(-60 + i / 10, 60, { inside: `10.0.1.${i} 1000`, remote: `198.51.100.${i} 443` })
    )
    const document = await documentOf(makeWorld({ slices }), { ...question, purpose: '中 <b>' })
    const sealed = await seal('answer', document, makeSigner(), 1.8e15)
    const folder = mkdtempSync(join(tmpdir(), 'flowledger-pdf-'))
    try {
      const file = join(folder, 'answer.pdf')
      writeFileSync(file, await evidencePdf(sealed))
      const run = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
      const text = run.stdout.replaceAll(/\s+/g, '')
      const page = await evidencePage(sealed)
      for (const { inside, start } of document.answer.candidates) {
        for (const words of [`${inside.ip}:1000`, start]) {
          expect(text).toContain(words)
          expect(page).toContain(words)
        }
      }
      for (const limit of document.limits) {
        expect(text).toContain(limit.replaceAll(/\s+/g, ''))
        expect(page.replaceAll(/\s+/g, ' ')).toContain(limit)
      }
      expect(text).toContain('<U+4E2D><b>')
      expect(page).toContain('中 &lt;b&gt;')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('keep what fonts lack as code points, and drop nothing', () => {
    expect(wordsForPrint('Müller €5 – ok')).toBe('Müller €5 – ok')
    expect(wordsForPrint('中\u202E𝒳\0\u00ad')).toBe('<U+4E2D><U+202E><U+1D4B3><U+0000>\u00ad')
  })

  test('a cell that is higher than a page is cut, not lost', async () => {
    const document = await documentOf()
    const received = { ...document.received, purpose: 'word '.repeat(4000) }
    const pdf = await evidencePdf(
      await seal('answer', { ...document, received }, makeSigner(), 1.8e15)
    )
    expect(pdf.length).toBeGreaterThan(1000)
  })
})

describe('what an answer does not show', () => {
  const limitsFor = async (
    slices: ReturnType<typeof slice>[],
    received = question,
    parts = {}
  ): Promise<string> =>
    limitsOf((await documentOf(makeWorld({ slices, ...parts }), received)).answer).join(' ')

  test('follows from what it is', async () => {
    const { protocol: _, port: __, ...wide } = question
    const nobody = await limitsFor([])
    expect(nobody).toContain('does not show that the event in a notice did not take place')
    expect(nobody).not.toContain('not a person')
    const one = await limitsFor([slice(-60, 60)])
    expect(one).toContain('not a person')
    expect(one).not.toContain('Several hosts fit')
    const two = await limitsFor([slice(-60, 60), slice(-60, 60, other)])
    expect(two).toContain('none of them may be singled out')
    expect(await limitsFor([slice(-60, 60)], wide)).toContain('names no port')
    expect(await limitsFor([slice(-60, 60)], question, { sources: [] })).toContain(
      'did not watch the whole time'
    )
    expect(await limitsFor([], question, { sources: [] })).toContain('nothing about anybody')
    for (const text of [nobody, one, two]) expect(text).toContain('does not make the records true')
  })
})

describe('the configuration in force', () => {
  const of = (url: string, prefix: string): ReturnType<typeof describeConfiguration> =>
    describeConfiguration(
      toConfig(
        configSchema.parse({
          data_dir: '/tmp/x',
          database: { url },
          networks: { inside: ['10.0.0.0/8'], public: [prefix, '2001:db8::/32'] },
        })
      )
    )

  test('is told by its digest, in which no secret is', () => {
    const one = of('postgres://a:secret@db/x', '192.0.2.0/24')
    expect(of('postgres://a:other@db/x', '192.0.2.0/24').sha256).toBe(one.sha256)
    expect(of('postgres://a:secret@db/x', '192.0.3.0/24').sha256).not.toBe(one.sha256)
    expect(JSON.stringify(one)).not.toContain('secret@')
    expect(one.networks).toEqual({
      inside: ['10.0.0.0/8'],
      public: [
        { prefix: '192.0.2.0/24', source: null },
        { prefix: '2001:db8::/32', source: null },
      ],
    })
  })
})
