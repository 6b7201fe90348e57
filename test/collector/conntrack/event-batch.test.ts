import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { eventSlots } from '../../../collector/conntrack/event-memory.ts'
import { EndedFlows } from '../../../model/ended-flows.ts'
import { attribute, message, natted } from '../../netlink/message-builder.ts'
import type { Entry } from '../../netlink/message-builder.ts'
import { BothWays, ns, second, t0 } from './both-ways.ts'

const verdict = { applicationId: 7, application: 'a', category: 'b', protocol: 'tls', hostName: '' }

const few = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max })
const anyTime = fc.oneof(
  { weight: 9, arbitrary: few(8).map((n) => ns(t0 + n * second)) },
  fc.constantFrom(0n, 1n, 999n, ns(t0 + 5000 * second))
)

/** Which values entries have beside their tuples: a kernel writes all of one kind alike. */
const have = fc.record({
  zone: fc.boolean(),
  mark: fc.boolean(),
  status: fc.boolean(),
  tcpState: fc.boolean(),
  startNs: fc.boolean(),
  stopNs: fc.boolean(),
  eventNs: fc.boolean(),
  counters: fc.boolean(),
  extra: fc.boolean(),
})
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

/** Entries of few connections, so that they begin, end and are told again. */
const entry = fc
  .record({
    which: few(1),
    host: few(20),
    port: few(3),
    protocol: fc.constantFrom(17, 17, 6, 132, 0),
    odd: fc.constantFrom(...Array.from({ length: 16 }, () => 'no'), 'ping', 'v6', 'dnat', 'plain'),
    values: fc.record({
      id: fc.constantFrom(0, 0, 0, 1),
      zone: fc.constantFrom(0, 5, 65_535),
      mark: fc.constantFrom(0, 0xfffffffe),
      status: fc.constantFrom(0, 4, 0xffffffff),
      tcpState: few(12),
      startNs: anyTime,
      stopNs: anyTime,
      eventNs: anyTime,
      counters: fc.tuple(u64, u64, u64, u64),
      extra: fc.constant([attribute(99, Buffer.from([1, 2, 3]))]),
    }),
  })
  .map(({ which, host, port, protocol, odd, values }) => {
    const made = natted(5000 + port, 6000 + port)
    const original = { ...made.original, source: `10.0.0.${host}`, protocol }
    const reply = { ...made.reply, protocol }
    const family = { source: '2001:db8::1', destination: '2001:db8::2' }
    const icmp = { id: port, type: 8, code: 0 }
    const own = { destination: original.source, destinationPort: 5000 + port }
    const odds: Record<string, Partial<Entry>> = {
      ping: {
        original: { ...original, protocol: 1, icmp },
        reply: { ...reply, protocol: 1, icmp },
      },
      v6: { original: { ...original, ...family }, reply: { ...reply, ...family } },
      dnat: { reply: { ...reply, source: '10.0.0.99', sourcePort: 8080 } },
      plain: { reply: { ...reply, ...own } },
    }
    return { which, entry: { ...made, ...values, original, reply, ...odds[odd] } satisfies Entry }
  })

type Shape = Record<string, boolean>

/** What a kernel tells of an entry in a message of one kind. */
function tellOf(shape: Shape, kind: 'new' | 'destroy' | 'dump', given: Entry): Entry {
  const isLeft = (name: string): boolean =>
    shape[name] !== false && (kind === 'destroy' || (name !== 'stopNs' && name !== 'counters'))
  return Object.fromEntries(Object.entries(given).filter(([name]) => isLeft(name))) as typeof given
}

const kinds = fc.constantFrom(
  ['new', 'destroy'] as const,
  ['new', 'destroy'] as const,
  ['new'] as const,
  ['new'] as const,
  ['destroy'] as const,
  ['dump'] as const
)

/** Datagrams of entries of these two shapes. */
function datagramsOf(shapes: readonly Shape[]) {
  const sound = fc.tuple(kinds, entry).map(([list, one]) => {
    const shape = shapes[one.which] ?? {}
    return list.map((kind) => message(kind, tellOf(shape, kind, one.entry)))
  })
  const single = sound.map(([first = Buffer.alloc(0)]) => first)
  // What no kernel sends: counters of a beginning, several messages, octets turned, ends cut off.
  const hostile = fc.oneof(
    entry.map((one) => message('new', one.entry)),
    fc.tuple(single, single).map((both) => Buffer.concat(both)),
    fc.tuple(single, few(250), few(255)).map(([octets, at, value]) => {
      const turned = Buffer.from(octets)
      turned[at % turned.length] = value
      return turned
    }),
    fc.tuple(single, few(250)).map(([octets, length]) => octets.subarray(0, length)),
    fc.uint8Array({ maxLength: 64 }).map((octets) => Buffer.from(octets)),
    fc.constant(Buffer.alloc(0))
  )
  const any = fc.oneof(
    { weight: 16, arbitrary: sound },
    { weight: 1, arbitrary: hostile.map((one) => [one]) }
  )
  return fc.array(any, { minLength: 10, maxLength: 80 }).map((list) => list.flat())
}

const steps = fc.tuple(have, have).chain((shapes) => {
  const events = datagramsOf(shapes)
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ events }) },
    fc.record({ dump: fc.array(entry, { maxLength: 4 }), events }),
    fc.record({ verdicts: few(1) }),
    fc.constantFrom('flush' as const, 'ends' as const, 'timeouts' as const)
  )
  return fc.array(step, { minLength: 3, maxLength: 12 })
})

describe('events in batches', () => {
  let messages = 0
  let handedBack = 0

  test('become what they become one by one, whatever they are', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const both = new BothWays()
        for (const one of list) {
          if (one === 'flush') both.each(({ journal }) => journal.flush())
          else if (one === 'ends') both.each(({ tracker }) => (tracker.ends ??= new EndedFlows()))
          else if (one === 'timeouts') {
            both.each(({ tracker: { rows } }) => (rows.timeouts = { ...rows.timeouts, udp: 1 }))
          } else if ('verdicts' in one) {
            both.each(({ tracker: { table } }) => {
              for (let row = 0; row < table.rowsUsed; row++) {
                if (((row ^ one.verdicts) & 1) === 0 || !table.isOpen(row)) continue
                table.setVerdict(row, table.book.take(verdict))
              }
            })
          } else if ('dump' in one) {
            both.dump(
              one.dump.map((shown) => message('dump', tellOf({}, 'dump', shown.entry))),
              one.events
            )
          } else both.events(one.events)
        }
        expect(both.differences()).toEqual([])
        messages += both.quick.tracker.counters.messages
        handedBack += both.quick.handedBack()
      }),
      { numRuns: 300, interruptAfterTimeLimit: 8000 }
    )
  })

  afterAll(() => {
    // The comparison is one of two ways, not of one way with itself.
    expect(handedBack).toBeLessThan(0.6 * messages)
  })

  test('have times to the last bit', () => {
    const both = new BothWays()
    const times = [2n ** 64n - 1n, 2n ** 63n + 1025n, 2n ** 53n + 1n, 1_790_000_000_123_456_999n]
    for (const [i, startNs] of [...times, ...times].entries()) {
      const one = natted(i, 7, { startNs, stopNs: startNs })
      both.events([message('new', natted(i, 7, { eventNs: startNs }))])
      both.events([message('destroy', one)])
    }
    expect(both.differences()).toEqual([])
    expect(both.quick.handedBack()).toBe(2)
  })

  test('fill batches and outgrow the table as one by one', () => {
    const both = new BothWays()
    const count = 9000
    const of = (type: 'new' | 'destroy', i: number): Buffer => {
      const times = {
        startNs: ns(t0 + i),
        ...(type === 'destroy' ? { stopNs: ns(t0 + 2 * i) } : {}),
      }
      return message(type, natted(i, (i * 7) & 0xffff, { id: i * 77_777, ...times }))
    }
    const all = Array.from({ length: count }, (_, i) => of('new', i))
    for (let i = 0; i < count; i++) all.push(of('destroy', (i * 7919) % count))
    for (let from = 0; from < all.length; from += eventSlots) {
      both.events(all.slice(from, from + eventSlots))
    }
    expect(both.differences()).toEqual([])
    expect(both.quick.tracker.table.size).toBe(0)
    expect(both.quick.handedBack()).toBeLessThan(2 * eventSlots + 4)
  })
})
