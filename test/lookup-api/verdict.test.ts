import { describe, expect, test } from 'vitest'
import { formatWords } from '../../model/address.ts'
import { readLookup } from '../../lookup-api/query.ts'
import type { LookupInput } from '../../lookup-api/query.ts'
import { judge } from '../../lookup-api/verdict.ts'
import { coverageCases } from './coverage-cases.ts'
import { cases } from './verdict-cases.ts'
import { at, liveSource } from './world.ts'

const ask = (input: LookupInput = {}): LookupInput => ({
  ip: '192.0.2.1',
  port: '2000',
  protocol: 'tcp',
  at: '2026-03-01T12:00:00Z',
  ...input,
})

describe('judge', () => {
  test.each([...cases, ...coverageCases])(
    '$name: $verdict',
    ({ slices, sources, parts, verdict, hosts, near, ...rest }) => {
      const judgement = judge({
        query: readLookup(ask(rest.ask), at(1800)),
        slices,
        cut: false,
        sources: sources ?? [liveSource()],
        reached: undefined,
        ...parts,
      })
      const names = (list: typeof judgement.hosts): string[] =>
        list.map(({ ip }) => formatWords(ip))
      expect(judgement.verdict).toBe(verdict)
      expect(names(judgement.hosts)).toEqual(hosts ?? [])
      expect(names(judgement.nearMisses)).toEqual(near ?? [])
      expect(judgement.reasons.length).toBeGreaterThan(0)
    }
  )
})
