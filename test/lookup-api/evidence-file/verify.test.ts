import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../model/canonical-json.ts'
import { seal } from '../../../lookup-api/evidence-file/envelope.ts'
import type { SealedEvidence } from '../../../lookup-api/evidence-file/envelope.ts'
import { keysBody, readKeyFile } from '../../../lookup-api/evidence-file/key-file.ts'
import { verifyEvidence } from '../../../lookup-api/evidence-file/verify.ts'
import type { Finding } from '../../../lookup-api/evidence-file/verify.ts'
import { makeSigner, signedAnswer } from './signed.ts'

const signer = makeSigner()
let sealed: SealedEvidence
beforeAll(async () => {
  sealed = await signedAnswer(signer)
})

const check = (text: string | Uint8Array, keys = [signer]): ReturnType<typeof verifyEvidence> =>
  verifyEvidence(typeof text === 'string' ? Buffer.from(text) : text, keys)

const stateOf = (findings: readonly Finding[], name: Finding['check']): string | undefined =>
  findings.find((one) => one.check === name)?.state

describe('signed evidence', () => {
  test('is proven by the key that signed it', () => {
    const { state, findings, sha256 } = check(sealed.text)
    expect(state).toBe('proven')
    expect(findings.map((one) => one.check)).toEqual(['form', 'fingerprint', 'signature', 'signer'])
    expect(sha256).toBe(sealed.sha256)
  })

  test('without a key is whole, and of whom is open', () => {
    const { state, findings } = check(sealed.text, [])
    expect(state).toBe('open')
    expect(stateOf(findings, 'signature')).toBe('proven')
    expect(stateOf(findings, 'signer')).toBe('open')
  })

  test('of another key is refused, whole as it is', () => {
    const { state, findings } = check(sealed.text, [makeSigner()])
    expect(state).toBe('failed')
    expect(stateOf(findings, 'signature')).toBe('proven')
    expect(stateOf(findings, 'signer')).toBe('failed')
  })

  test('is proven by any of several keys', () => {
    expect(check(sealed.text, [makeSigner(), signer]).state).toBe('proven')
  })

  test('of a key signs within its validity alone', () => {
    const atUs = Date.parse(sealed.envelope.signed_at) * 1000
    const during = (from: number, to: number): string =>
      check(sealed.text, [
        Object.assign({}, signer, { validFromUs: atUs + from, validToUs: atUs + to }),
      ]).state
    expect(during(-60e6, 60e6)).toBe('proven')
    expect(during(-60e6, -1e6)).toBe('failed')
    expect(during(1e6, 60e6)).toBe('failed')
  })

  test('shows each octet that is changed, put in or taken out', () => {
    const octets = Buffer.from(sealed.text)
    fc.assert(
      fc.property(
        fc.nat(octets.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('change', 'insert', 'remove'),
        (at, difference, how) => {
          const head = octets.subarray(0, at)
          const octet = Buffer.from([((octets[at] ?? 0) + difference) % 256])
          const tail = octets.subarray(how === 'insert' ? at : at + 1)
          const other = Buffer.concat(how === 'remove' ? [head, tail] : [head, octet, tail])
          if (other.equals(octets)) return
          for (const keys of [[signer], []]) expect(check(other, keys).state).toBe('failed')
        }
      ),
      { numRuns: 1000 }
    )
  })

  test('shows every single octet that is flipped, one after another', () => {
    const octets = Buffer.from(sealed.text)
    const passed: number[] = []
    for (let at = 0; at < octets.length; at++) {
      const other = Buffer.from(octets)
      other[at] = (other[at] ?? 0) ^ 0x01
      if (check(other).state !== 'failed') passed.push(at)
    }
    expect(passed).toEqual([])
  })

  test('cut off anywhere is not whole', () => {
    const octets = Buffer.from(sealed.text)
    fc.assert(
      fc.property(fc.nat(octets.length - 1), (length) => {
        expect(check(octets.subarray(0, length)).state).toBe('failed')
      })
    )
  })

  test.each<[what: string, change: (text: string) => string]>([
    ['members in another order', (text) => `${JSON.stringify(reversed(JSON.parse(text)))}\n`],
    ['written for people', (text) => `${JSON.stringify(JSON.parse(text), null, 2)}\n`],
    ['a second line feed', (text) => `${text}\n`],
    ['a carriage return', (text) => text.replace('\n', '\r\n')],
    ['a byte order mark', (text) => `\uFEFF${text}`],
    ['a member of its own', (text) => text.replace('{"document"', '{"aside":1,"document"')],
    ['a member twice', (text) => text.replace('"kind":', '"kind":"case","kind":')],
    [
      'a member of the document twice',
      (text) => text.replace('"verdict":"unique"', '"verdict":"multiple","verdict":"unique"'),
    ],
    ['another spelling of a number', (text) => text.replace('"port":2000', '"port":2e3')],
    ['an escaped letter', (text) => text.replace('"unique"', '"\\u0075nique"')],
    ['another verdict', (text) => text.replace('"verdict":"unique"', '"verdict":"no-match"')],
    ['a signature in upper case', (text) => withSignature(text, (hex) => hex.toUpperCase())],
    ['no signature', (text) => withSignature(text, () => '')],
    ['nothing', () => ''],
    ['an array', () => '[]\n'],
    ['depth', () => `${'['.repeat(200_000)}${']'.repeat(200_000)}\n`],
    ['an own prototype', (text) => text.replace('{"document"', '{"__proto__":{},"document"')],
  ])('with %s is refused', (_, change) => {
    const other = change(sealed.text)
    expect(other).not.toBe(sealed.text)
    expect(check(other).state).toBe('failed')
    expect(check(other, []).state).toBe('failed')
  })

  test('signed anew by somebody else under our fingerprint is refused', async () => {
    const forger = makeSigner()
    const forged = await seal('answer', sealed.envelope.document, { ...forger, id: signer.id }, 0)
    expect(stateOf(check(forged.text).findings, 'fingerprint')).toBe('failed')
    const asOurs = { ...forger, id: signer.id, publicKey: signer.publicKey }
    const claimed = await seal('answer', sealed.envelope.document, asOurs, 0)
    expect(stateOf(check(claimed.text).findings, 'signature')).toBe('failed')
  })

  test('in a case is checked file by file', async () => {
    const whole = await seal('case', { evidence: [sealed.envelope] }, signer, 1e15)
    expect(check(whole.text).state).toBe('proven')
    const verdict = { ...sealed.envelope.document, limits: [] }
    const touched = { evidence: [sealed.envelope, { ...sealed.envelope, document: verdict }] }
    const { state, findings } = check((await seal('case', touched, signer, 1e15)).text)
    expect(state).toBe('failed')
    expect(findings.at(-1)?.text).toContain('Enclosed file 2')
  })

  test('holds any text there is, and reads back as it was', async () => {
    const texts = fc.string({ unit: 'binary', maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(texts, fc.jsonValue(), async (text, value) => {
        const any = await seal('answer', { text, value }, signer, 1e15)
        expect(check(any.text).state).toBe('proven')
        expect(any.text.endsWith('}\n')).toBe(true)
        expect(`${canonicalJson(JSON.parse(any.text))}\n`).toBe(any.text)
      })
    )
  })
})

describe('a file of keys', () => {
  test('is what is shown of them, or a PEM of one', () => {
    const valid = { ...signer, validFromUs: 1e15, validToUs: 1.1e15 }
    const body = keysBody([valid])
    expect(readKeyFile(JSON.stringify(body), 'keys')).toEqual([
      { id: signer.id, publicKey: signer.publicKey, validFromUs: 1e15, validToUs: 1.1e15 },
    ])
    expect(readKeyFile(body.keys[0]?.pem ?? '', 'pem')[0]?.id).toBe(signer.id)
  })

  test.each(['', '{}', '[]', '-----BEGIN PUBLIC KEY-----', '{"keys":[{}]}'])(
    'that holds none is said to: %s',
    (text) => {
      expect(() => readKeyFile(text, 'x')).toThrow(
        expect.objectContaining({ code: 'key-unusable' })
      )
    }
  )
})

function reversed(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).toReversed())
}

function withSignature(text: string, change: (hex: string) => string): string {
  return text.replace(/"signature":"([0-9a-f]+)"/, (_, hex: string) => {
    return `"signature":"${change(hex)}"`
  })
}
