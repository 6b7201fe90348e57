import type { Case } from './walk-cases.ts'
import { holding, neighbour, openSession } from './people.ts'
import type { Person } from './people.ts'

const a = '00:11:22:33:44:aa'
const b = '00:11:22:33:44:bb'
const made = '02:11:22:33:44:cc'
const ofA: Person = { id: 'A', keys: [['mac', a]] }
const ofB: Person = { id: 'B', keys: [['mac', b]] }
const line: Person = { id: 'L', keys: [['circuit-id', 'port 7']] }
const alice: Person = { id: 'U', keys: [['user', 'alice']] }
const onB = { device: { mac: b } }
const v6 = '2001:db8:100:1::5'

/** Log-ins, clocks, zones and IPv6. */
export const userCases: readonly Case[] = [
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
