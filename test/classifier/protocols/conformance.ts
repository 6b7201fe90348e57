import { describe, expect, test } from 'vitest'
import { beginnings } from '../../../classifier/first-octets.ts'
import type { Protocol } from '../../../classifier/protocols/protocol.ts'
import { metadataFields } from '../../../model/classification.ts'
import type { Classification } from '../../../model/classification.ts'
import { numbers } from '../noise.ts'
import { classify, latin1 } from './talk.ts'
import type { Said, Talk } from './talk.ts'

/** A conversation of the protocol, and what must be found in it. */
export interface Sample extends Talk {
  readonly name: string
  /** Left out: the protocol's own name. */
  readonly protocol?: string
  readonly application?: string
  readonly metadata?: Classification['metadata']
  readonly risks?: readonly string[]
  readonly confidence?: number
}

/** A conversation that looks like the protocol and is something else. */
export interface Stranger extends Talk {
  readonly name: string
}

const octetsOf = (octets: Uint8Array | string): Uint8Array =>
  typeof octets === 'string' ? latin1(octets) : octets

/** Each text cut after `keep` octets, or with some octets changed, or in two packets. */
const cut = (said: readonly Said[], keep: number): Said[] =>
  said.map(([who, octets]) => [who, octetsOf(octets).subarray(0, keep)])

const changed = (said: readonly Said[], next: () => number): Said[] =>
  said.map(([who, octets]) => {
    const copy = octetsOf(octets).slice()
    for (let i = 0; i < 3; i++) copy[next() % Math.max(1, copy.length)] = next() & 255
    return [who, copy]
  })

const inTwo = (said: readonly Said[], at: number): Said[] =>
  said.flatMap(([who, octets]) => {
    const whole = octetsOf(octets)
    const halves: Said[] = [
      [who, whole.subarray(0, at)],
      [who, whole.subarray(at)],
    ]
    return halves.filter(([, part]) => part.length > 0)
  })

function expectWellFormed(found: Classification): void {
  const kinds = new Map(metadataFields.map(({ name, kind }) => [name as string, kind]))
  expect(found.confidence).toBeGreaterThanOrEqual(0)
  expect(found.confidence).toBeLessThanOrEqual(100)
  for (const [name, value] of Object.entries(found.metadata)) {
    const kind = kinds.get(name)
    if (kind === 'texts') expect(Array.isArray(value), name).toBe(true)
    else expect(typeof value, name).toBe(kind === 'text' ? 'string' : 'number')
  }
}

/** Conversations of protocols by name, as their tests have told them so far. */
export const samplesOf = new Map<string, readonly Sample[]>()

/**
 * What every protocol must do, and what this one must find:
 *
 * - each sample is recognised, in whole packets and, over TCP, cut in two at any of its first octets;
 * - cut-off and changed samples never throw;
 * - strangers are not taken for it.
 */
export function conforms(
  protocol: Protocol,
  samples: readonly Sample[],
  strangers: readonly Stranger[] = []
): void {
  samplesOf.set(protocol.name, [...(samplesOf.get(protocol.name) ?? []), ...samples])
  describe(protocol.name, () => {
    test.each(samples)('recognises $name', (sample) => {
      const found = classify([protocol], sample)
      expect(found).toMatchObject({
        protocol: sample.protocol ?? protocol.name,
        ...(sample.application === undefined ? {} : { application: sample.application }),
        ...(sample.metadata === undefined ? {} : { metadata: sample.metadata }),
        ...(sample.risks === undefined ? {} : { risks: sample.risks }),
        ...(sample.confidence === undefined ? {} : { confidence: sample.confidence }),
      })
      expectWellFormed(found)
    })

    test.each(samples)('says with what both sides of $name begin', ({ said, transport }) => {
      for (const side of ['client', 'server']) {
        const first = said.find(([who]) => who === side)?.[1]
        if (first === undefined || first.length === 0) continue
        const [octet = 0] = octetsOf(first)
        expect(beginnings(protocol, transport), `${side}: ${octet}`).toContain(octet)
      }
    })

    test.each(samples.filter(({ transport }) => transport === 'tcp'))(
      'recognises $name in small segments',
      (sample) => {
        const name = sample.protocol ?? protocol.name
        for (let at = 1; at <= 6; at++) {
          const found = classify([protocol], { ...sample, said: inTwo(sample.said, at) })
          expect(found.protocol, `cut at ${at}`).toBe(name)
        }
      }
    )

    test.each(samples)('bears $name cut off and changed', (sample) => {
      const longest = Math.max(...sample.said.map(([, octets]) => octets.length))
      for (let keep = 0; keep < Math.min(longest, 400); keep++) {
        expectWellFormed(classify([protocol], { ...sample, said: cut(sample.said, keep) }))
      }
      const next = numbers(7)
      for (let i = 0; i < 300; i++) {
        expectWellFormed(classify([protocol], { ...sample, said: changed(sample.said, next) }))
      }
    })

    if (strangers.length > 0) {
      test.each(strangers)('is not taken in by $name', (stranger) => {
        expect(classify([protocol], stranger).evidence.filter((e) => e.source !== 'port')).toEqual(
          []
        )
      })
    }
  })
}
