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
const made = '02:11:22:33:44:cc'
const ofA: Person = { id: 'A', keys: [['mac', a]] }
const ofB: Person = { id: 'B', keys: [['mac', b]] }
const line: Person = { id: 'L', keys: [['circuit-id', 'port 7']] }
const alice: Person = { id: 'U', keys: [['user', 'alice']] }
const onB = { device: { mac: b } }
const v6 = '2001:db8:100:1::5'

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
  {
    name: 'a made-up MAC',
    holdings: [holding(-60, 60, { device: { mac: made } })],
    state: 'resolved',
    class: 'inferred',
    who: [`${made}/-/-`],
  },
  {
    name: 'a made-up MAC, and a log-in on it that knows no address (802.1X)',
    holdings: [
      holding(-60, 60, { device: { mac: made } }),
      openSession(-50, 50, 'alice', { on: null, device: { mac: made } }),
    ],
    people: [alice],
    state: 'resolved',
    class: 'exact',
    who: [`${made}/alice/U`],
  },
  {
    name: 'an outer identity is nobody',
    holdings: [
      holding(-60, 60),
      openSession(-50, 50, 'anonymous@example.net', { device: { mac: a } }),
    ],
    people: [{ id: 'X', keys: [['user', 'anonymous@example.net']] }],
    state: 'unknown',
    class: 'unknown',
    who: [`${a}/-/-`],
  },
  {
    name: 'two log-ins on one device',
    holdings: [
      holding(-60, 60),
      openSession(-50, 50, 'alice', { device: { mac: a } }),
      openSession(-40, 40, 'bob', { device: { mac: a } }),
    ],
    people: [alice],
    state: 'ambiguous',
    class: 'ambiguous',
    who: [`${a}/bob/-`, `${a}/alice/U`],
  },
  {
    name: 'a log-in that was in use on two devices at once',
    holdings: [
      holding(-60, 60),
      openSession(-50, 50, 'alice', { device: { mac: a } }),
      openSession(-40, 40, 'alice', { on: '10.0.0.9', device: { mac: b } }),
    ],
    people: [alice],
    state: 'resolved',
    class: 'inferred',
    who: [`${a}/alice/U`],
  },
  {
    name: 'an account that the directory calls shared',
    holdings: [openSession(-50, 50, 'alice')],
    people: [{ ...alice, shared: true }],
    state: 'resolved',
    class: 'inferred',
    who: ['-/alice/U'],
  },
  {
    name: 'a session without a Stop, last heard of before the time',
    holdings: [openSession(-600, -60, 'alice')],
    people: [alice],
    state: 'resolved',
    class: 'inferred',
    who: ['-/alice/U'],
  },
  {
    name: "yesterday's session without a Stop, and today's lease to somebody else",
    holdings: [openSession(-80_000, -70_000, 'alice'), holding(-60, 60, onB)],
    people: [alice, ofB],
    state: 'resolved',
    class: 'exact',
    who: [`${b}/-/B`],
  },
  {
    name: "yesterday's session without a Stop, and the next one",
    holdings: [openSession(-80_000, -70_000, 'alice'), openSession(-300, 30, 'bob')],
    people: [alice, { id: 'V', keys: [['user', 'bob']] }],
    state: 'resolved',
    class: 'exact',
    who: ['-/bob/V'],
  },
  {
    name: 'two devices, and a log-in that names neither',
    holdings: [holding(-60, 60), neighbour(-30, 30, b), openSession(-50, 50, 'alice')],
    state: 'ambiguous',
    class: 'conflict',
    who: [`${b}/-/-`, '-/alice/-', `${a}/-/-`],
  },
  {
    name: "the clock of the source is too far off to be sure of the lease's start",
    holdings: [holding(-3, 60, { skewUs: 5e6 })],
    state: 'resolved',
    class: 'inferred',
    who: [`${a}/-/-`],
  },
  {
    name: "the gateway's clock is off: a lease that ended shortly before counts too",
    holdings: [holding(-60, -4), holding(-3.5, 60, onB)],
    skew: 5,
    state: 'ambiguous',
    class: 'ambiguous',
    who: [`${b}/-/-`, `${a}/-/-`],
  },
  {
    name: 'an address of a zone: address plans may overlap',
    holdings: [holding(-60, 60)],
    zone: 3,
    state: 'resolved',
    class: 'inferred',
    who: [`${a}/-/-`],
  },
  {
    name: 'IPv6: a temporary address by its neighbour, the line by the prefix around it',
    ip: v6,
    holdings: [
      neighbour(-30, 30, a, v6),
      holding(-60, 60, {
        on: '2001:db8:100::/56',
        kind: 'delegation',
        device: { duid: '0001', circuitId: 'port 7' },
      }),
    ],
    people: [line],
    state: 'resolved',
    class: 'exact',
    who: [`${a}/-/L`],
  },
  {
    name: 'IPv6: the longest prefix alone',
    ip: v6,
    holdings: [
      holding(-60, 60, { on: '2001:db8:100::/56', kind: 'delegation', device: { duid: '01' } }),
      holding(-60, 60, { on: '2001:db8:100:1::/64', kind: 'delegation', device: { duid: '02' } }),
    ],
    people: [{ id: 'P', keys: [['duid', '02']] }],
    state: 'resolved',
    class: 'exact',
    who: ['-/-/P'],
  },
  {
    name: 'IPv6: a lease by DUID and a neighbour by MAC are one device',
    ip: v6,
    holdings: [
      neighbour(-30, 30, a, v6),
      holding(-60, 60, { on: v6, device: { duid: '0001', hostname: 'pc' } }),
    ],
    people: [ofA],
    state: 'resolved',
    class: 'exact',
    who: [`${a}/-/A`],
  },
]
