import type { Holding } from '../../../model/identity.ts'
import type { LinkClass } from '../../../lookup-api/chain/link.ts'
import { holding, neighbour, openSession } from './people.ts'
import type { Person } from './people.ts'

/** Who held 10.0.0.1 at noon, give or take a second, and what may be said of it. */
export interface Case {
  readonly name: string
  readonly holdings: readonly Holding[]
  readonly people?: readonly Person[]
  readonly ip?: string
  /** How far the clock of the gateway may be off, in seconds. */
  readonly skew?: number
  readonly zone?: number
  readonly state: 'resolved' | 'ambiguous' | 'unknown'
  readonly class: LinkClass
  /** `device/user/subscriber` of everybody it may be; a dash for what is not known. */
  readonly who: readonly string[]
}

const a = '00:11:22:33:44:aa'
const b = '00:11:22:33:44:bb'
const ofA: Person = { id: 'A', keys: [['mac', a]] }
const ofB: Person = { id: 'B', keys: [['mac', b]] }
const line: Person = { id: 'L', keys: [['circuit-id', 'port 7']] }
const alice: Person = { id: 'U', keys: [['user', 'alice']] }
const onB = { device: { mac: b } }

export const cases: readonly Case[] = [
  {
    name: 'a lease that holds the time',
    holdings: [holding(-60, 60)],
    state: 'resolved',
    class: 'exact',
    who: [`${a}/-/-`],
  },
  {
    name: 'and the subscriber of its MAC',
    holdings: [holding(-60, 60)],
    people: [ofA, ofB],
    state: 'resolved',
    class: 'exact',
    who: [`${a}/-/A`],
  },
  {
    name: 'a device that no directory knows: the chain breaks off',
    holdings: [holding(-60, 60)],
    people: [ofB],
    state: 'unknown',
    class: 'unknown',
    who: [`${a}/-/-`],
  },
  { name: 'nobody', holdings: [], people: [ofA], state: 'unknown', class: 'unknown', who: [] },
  {
    name: 'a lease of another time',
    holdings: [holding(-600, -60), holding(60, 600)],
    state: 'unknown',
    class: 'unknown',
    who: [],
  },
  {
    name: 'a lease that ended within the window',
    holdings: [holding(-60, -0.5)],
    state: 'resolved',
    class: 'inferred',
    who: [`${a}/-/-`],
  },
  {
    name: 'a lease in force, last renewed before the time',
    holdings: [holding(-60, -30, { endUs: holding(0, 60).endUs, endKnown: false })],
    state: 'resolved',
    class: 'inferred',
    who: [`${a}/-/-`],
  },
  {
    name: 'a lease in force, last renewed before the time, while its device answers',
    holdings: [
      holding(-60, -30, { endUs: holding(0, 60).endUs, endKnown: false }),
      neighbour(-50, 50, a),
    ],
    state: 'resolved',
    class: 'exact',
    who: [`${a}/-/-`],
  },
  {
    name: 'a neighbour last seen before the time',
    holdings: [{ ...neighbour(-60, -30, a), endUs: Infinity, endKnown: false }],
    state: 'resolved',
    class: 'inferred',
    who: [`${a}/-/-`],
  },
  {
    name: 'a weak source alone',
    holdings: [holding(-60, 60, { weak: true })],
    state: 'resolved',
    class: 'inferred',
    who: [`${a}/-/-`],
  },
  {
    name: 'a weak source that another one bears out',
    holdings: [holding(-60, 60, { weak: true }), neighbour(-50, 50, a)],
    state: 'resolved',
    class: 'exact',
    who: [`${a}/-/-`],
  },
  {
    name: 'first heard of shortly after the time, start unknown',
    holdings: [holding(40, 90, { startKnown: false })],
    state: 'resolved',
    class: 'inferred',
    who: [`${a}/-/-`],
  },
  {
    name: 'first heard of after the time, and somebody else was there then',
    holdings: [holding(40, 90, { startKnown: false }), holding(-60, 20, onB)],
    state: 'resolved',
    class: 'exact',
    who: [`${b}/-/-`],
  },
  {
    name: 'the address changed hands within the window',
    holdings: [holding(-60, -0.4), holding(-0.2, 60, onB)],
    people: [ofA, ofB],
    state: 'ambiguous',
    class: 'ambiguous',
    who: [`${b}/-/B`, `${a}/-/A`],
  },
  {
    name: 'overlapping leases of one source',
    holdings: [holding(-60, 60), holding(-30, 60, onB)],
    state: 'ambiguous',
    class: 'ambiguous',
    who: [`${b}/-/-`, `${a}/-/-`],
  },
  {
    name: 'a lease for one device while another one answers',
    holdings: [holding(-60, 60), neighbour(-30, 30, b)],
    people: [ofA, ofB],
    state: 'ambiguous',
    class: 'conflict',
    who: [`${b}/-/B`, `${a}/-/A`],
  },
  {
    name: 'a lease in force by its promise while another device answers',
    holdings: [
      holding(-600, -300, { endUs: holding(0, 60).endUs, endKnown: false }),
      neighbour(-30, 30, b),
    ],
    state: 'ambiguous',
    class: 'conflict',
    who: [`${b}/-/-`, `${a}/-/-`],
  },
  {
    name: 'two devices of one line: the line is sure enough, the device is not',
    holdings: [
      holding(-60, -0.4, { device: { mac: a, circuitId: 'port 7' } }),
      holding(-0.2, 60, { device: { mac: b, circuitId: 'port 7' } }),
    ],
    people: [line],
    state: 'resolved',
    class: 'inferred',
    who: [`${b}/-/L`, `${a}/-/L`],
  },
  {
    name: 'the line beats the MAC',
    holdings: [holding(-60, 60, { device: { mac: a, circuitId: 'port 7' } })],
    people: [ofA, line],
    state: 'resolved',
    class: 'exact',
    who: [`${a}/-/L`],
  },
  {
    name: 'a log-in and the line name two subscribers',
    holdings: [
      holding(-60, 60, { device: { mac: a, circuitId: 'port 7' } }),
      openSession(-50, 50, 'alice', { device: { mac: a } }),
    ],
    people: [alice, line],
    state: 'ambiguous',
    class: 'conflict',
    who: [`${a}/alice/U`, `${a}/alice/L`],
  },
  {
    name: 'one key, two subscribers',
    holdings: [holding(-60, 60)],
    people: [ofA, { ...ofA, id: 'A2' }],
    state: 'ambiguous',
    class: 'ambiguous',
    who: [`${a}/-/A`, `${a}/-/A2`],
  },
  {
    name: 'a subscriber who left within the window',
    holdings: [holding(-60, 60)],
    people: [
      { ...ofA, toUs: holding(0, 0.5).endUs },
      { ...ofA, id: 'A2', fromUs: holding(0, 0.5).endUs },
    ],
    state: 'ambiguous',
    class: 'ambiguous',
    who: [`${a}/-/A`, `${a}/-/A2`],
  },
  {
    name: 'a subscriber of another time is not one',
    holdings: [holding(-60, 60)],
    people: [{ ...ofA, toUs: holding(0, -5).endUs }],
    state: 'unknown',
    class: 'unknown',
    who: [`${a}/-/-`],
  },
]
