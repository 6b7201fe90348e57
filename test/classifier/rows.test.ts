import { expect, test } from 'vitest'
import { protocols } from '../../classifier/protocols.ts'
import { classify } from './protocols/talk.ts'
import { inTurn, rows } from './rows.ts'

const cases = rows.map(([names, transport, port, ...texts], number) => {
  return { names, transport, port, said: inTurn(texts), number }
})

/** Minimal exchanges are named among all protocols, not only where their own is asked. */
test.each(cases)('$number: $names over $transport $port', ({ names, ...talk }) => {
  const { protocol, evidence } = classify(protocols, talk)
  const why = evidence.find(({ source }) => source === 'payload')?.what
  expect([protocol, why]).toEqual([expect.toBeOneOf(names.split('|')), expect.any(String)])
})
