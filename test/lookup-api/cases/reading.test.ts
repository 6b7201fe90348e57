import { describe, expect, test } from 'vitest'
import { requireReadable } from '../../../lookup-api/cases/reading.ts'
import { seal } from '../../../lookup-api/evidence-file/envelope.ts'
import type { Envelope } from '../../../lookup-api/evidence-file/envelope.ts'
import { parsePrefix } from '../../../model/address.ts'
import { principalOfToken } from '../../../model/principal.ts'
import type { TokenHolder } from '../../../model/principal.ts'
import type { Role } from '../../../model/rights.ts'
import { documentOf, makeSigner, question } from '../evidence-file/signed.ts'
import { makeWorld, slice } from '../world.ts'

const two = makeWorld({ slices: [slice(-60, 60), slice(-60, 60, { inside: '10.0.0.2 1000' })] })

/** Who gets to see the file, of every role. */
function readersOf(envelope: Envelope, more: Partial<TokenHolder> = {}): Role[] {
  const all = ['administrator', 'abuse-desk', 'investigator', 'approver', 'auditor'] as const
  return all.filter((role) => {
    try {
      requireReadable(principalOfToken({ name: 'x', role, ...more }, false), envelope)
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'not-allowed' })
      return false
    }
  })
}

async function evidence(
  state: 'resolved' | 'ambiguous' | 'withheld' | 'unknown',
  { port, ...rest } = question
): Promise<Envelope> {
  const received = port === undefined ? rest : { ...rest, port }
  const document = await documentOf(port === undefined ? two : undefined, received)
  const candidates = document.answer.candidates.map((candidate) => ({
    ...candidate,
    identity: { ...candidate.identity, state },
  }))
  const named = { ...document, answer: { ...document.answer, candidates } }
  return (await seal('answer', named, makeSigner(), 1.8e15)).envelope
}

const desk: Role[] = ['administrator', 'abuse-desk', 'investigator']
const investigators: Role[] = ['administrator', 'investigator']

describe('a signed file that a case keeps', () => {
  test.each(['withheld', 'unknown'] as const)('that names nobody (%s)', async (state) => {
    expect(readersOf(await evidence(state))).toEqual(desk)
  })

  test.each(['resolved', 'ambiguous'] as const)('that names somebody (%s)', async (state) => {
    expect(readersOf(await evidence(state))).toEqual(investigators)
  })

  test('that names everybody behind an address', async () => {
    const { port: _, ...wide } = question
    expect(readersOf(await evidence('unknown', wide))).toEqual(investigators)
  })

  test('about an address that the token was not made for', async () => {
    const prefix = parsePrefix('203.0.113.0/24')
    const prefixes = prefix === undefined ? [] : [prefix]
    expect(readersOf(await evidence('unknown'), { prefixes })).toEqual([])
  })
})
