import { describe, expect, test } from 'vitest'
import { eventSlots } from '../../../collector/conntrack/event-memory.ts'
import { tupleHashV4 } from '../../../collector/conntrack/open-row.ts'
import { fields } from '../../../model/fields.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { attribute, message, natted } from '../../netlink/message-builder.ts'
import type { Entry } from '../../netlink/message-builder.ts'
import { BothWays, ns, second, t0 } from './both-ways.ts'

/**
 * Events of every value, length and number that there is. Where an entry has the tuple of one that
 * has ended it is looked at closely, so that those of these tests have ports of their own.
 */

const startNs = ns(t0 - 5 * second)
const stopNs = ns(t0)
const zone = 3
const ending = {
  status: 14,
  tcpState: 7,
  counters: [1n, 100n, 2n, 2000n],
  startNs,
  stopNs,
} as const

const begin = (port: number, rest: Partial<Entry> = {}): Buffer =>
  message('new', natted(port, 2, { zone, mark: 9, eventNs: startNs, ...rest }))
const end = (port: number, rest: Partial<Entry> = {}): Buffer =>
  message('destroy', natted(port, 2, { zone, mark: 9, ...ending, ...rest }))

/** A pair of both ways that know the shapes of these two kinds. */
function learned(): BothWays {
  const both = new BothWays()
  both.events([begin(1)])
  both.events([end(1)])
  return both
}

/** Octets cut to a length, or with some behind them; their message has that length or its own. */
function resized(octets: Buffer, length: number, isTold = true): Buffer {
  const made = Buffer.alloc(length, 0x5a)
  octets.copy(made)
  if (isTold && length >= 4) made.writeUInt32LE(length)
  return made
}

/** Where a time stands whose turned octets would make a connection of years: thousands of rows. */
function isTime(octets: Buffer, at: number): boolean {
  return [startNs, stopNs].some((time) => {
    const value = Buffer.alloc(8)
    value.writeBigUInt64BE(time)
    const from = octets.indexOf(value)
    return from >= 0 && at >= from && at < from + 4
  })
}

/** Tells them in batches of so many. */
function inBatches(both: BothWays, all: readonly Buffer[], size: number): void {
  for (let from = 0; from < all.length; from += size) both.events(all.slice(from, from + size))
}

describe('events become what they become one by one', () => {
  test.each([
    ['a beginning', begin],
    ['an end', end],
  ])('whatever any octet of %s is', (_, of) => {
    const both = learned()
    const all: Buffer[] = []
    let port = 10
    for (let at = 0; at < of(port).length; at++) {
      const own = of(port)[at] ?? 0
      if (isTime(of(port), at)) continue
      const near = [-8, -4, -1, 1, 4, 8].map((step) => (own + step) & 255)
      for (const value of new Set([0, 1, 2, 3, 4, 5, 12, 0x7f, 0x80, 0xff, ...near])) {
        const turned = of(++port)
        turned[at] = value
        all.push(...(of === begin ? [turned, end(port)] : [begin(port), turned]))
      }
    }
    inBatches(both, all, 200)
    expect(both.differences()).toEqual([])
    expect(both.quick.handedBack()).toBeLessThan(0.8 * all.length)
  })

  test('however long they are, and say that they are', () => {
    const both = learned()
    const all: Buffer[] = []
    let port = 10
    for (const of of [begin, end]) {
      for (let length = 0; length < of(port).length + 24; length++) {
        for (const isTold of [true, false]) {
          all.push(begin(++port), resized(of(port), length, isTold), end(port))
        }
      }
    }
    inBatches(both, all, 200)
    expect(both.differences()).toEqual([])
    expect(both.quick.handedBack()).toBeLessThan(0.6 * all.length)
  })

  test.each([0, 1, 2, 3])('up to the longest that has a shape, with %i octets fewer', (fewer) => {
    const both = new BothWays()
    let taken = 0
    for (let length = 1; length < 420; length++) {
      const extra = [attribute(99, Buffer.alloc(length, length))]
      const pair = (port: number): Buffer[] =>
        [begin(port, { extra }), end(port, { extra })].map((one) =>
          resized(one, one.length - fewer)
        )
      for (const datagram of pair(length)) both.events([datagram])
      const before = both.quick.handedBack()
      both.quick.journal.memory.receiveBuffers.data.fill(0xff)
      both.events(pair(1000 + length))
      taken += 2 + before - both.quick.handedBack()
    }
    expect(both.differences()).toEqual([])
    expect(taken).toBeGreaterThan(100)
  })

  test('of every protocol, state and status', () => {
    const both = learned()
    both.each(({ tracker: { rows } }) => {
      const tcp = Array.from({ length: 9 }, (_, state) => 11 * state)
      rows.timeouts = { ...rows.timeouts, tcp, udp: 1, udpStream: 2, gre: 3, greStream: 4, sctp: 5 }
    })
    const all: Buffer[] = []
    for (let protocol = 0; protocol < 256; protocol++) {
      for (const [sourcePort, status] of [0, 4, 0xffff_fffb, 0xffff_ffff].entries()) {
        const tuples = natted(0, 0xffff)
        const original = { ...tuples.original, protocol, sourcePort, destinationPort: 0 }
        const reply = { ...tuples.reply, protocol: 255 - protocol, sourcePort: 0 }
        const own = { original, reply, mark: 0xffff_ffff, id: 0xffff_ffff }
        all.push(begin(0, own), end(0, { ...own, status, tcpState: protocol ^ (status & 255) }))
      }
    }
    for (let tcpState = 0; tcpState < 256; tcpState++) {
      all.push(begin(100 + tcpState), end(100 + tcpState, { tcpState }))
    }
    inBatches(both, all, eventSlots)
    expect(both.differences()).toEqual([])
    expect(both.quick.handedBack()).toBeLessThan(0.1 * all.length)
  })

  test('with the counters, times and zones that a field can hold', () => {
    const both = learned()
    const edges = [1000n, 4999n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n]
    const all: Buffer[] = []
    let port = 10
    for (const value of edges) {
      for (const other of [0n, 1n, ...edges]) {
        const counters = [value, other, other, value] as const
        const own = { zone: [0, 3, 0x100, 0xffff][++port & 3] ?? 0 }
        all.push(begin(port, own), end(port, { ...own, counters }))
        all.push(begin(++port, { eventNs: value }), end(port, { startNs: value, stopNs: value }))
        const before = value - value / 5n
        all.push(begin(++port, { eventNs: other }), end(port, { startNs: value, stopNs: before }))
      }
    }
    for (const time of [0n, 1n, 999n]) {
      const now = { startNs: ns(t0), stopNs: time }
      all.push(begin(++port, { eventNs: time }), end(port, { startNs: time, stopNs: time }))
      all.push(begin(++port, { eventNs: time }), end(port, now))
    }
    inBatches(both, all, 255)
    expect(both.differences()).toEqual([])
    expect(both.quick.handedBack()).toBeLessThan(0.1 * all.length)
  })

  test('where other connections have the same hash', () => {
    const both = learned()
    const all: Buffer[] = []
    let told = 0
    const pairs = sameHashes(4)
    for (const [a, b] of pairs) {
      const orders = [
        [a, b],
        [b, a],
        [a, a, b, b],
      ]
      for (const order of orders) {
        const atUs = t0 + ++told * second
        for (const original of order) all.push(begin(1, { original, eventNs: ns(atUs) }))
        all.push(begin(7))
        const times = { startNs: ns(atUs), stopNs: ns(atUs + 1000) }
        for (const original of order.toReversed()) all.push(end(1, { original, ...times }))
        for (const original of order) all.push(end(1, { original, ...times }))
      }
    }
    inBatches(both, all, 7)
    expect(both.differences()).toEqual([])
    expect(both.quick.tracker.table.size).toBe(1)
    expect(both.quick.handedBack()).toBeLessThan(0.9 * all.length)
  })

  test.each([1, 97, 250, eventSlots])('in batches of %i, which outgrow table and rows', (size) => {
    const both = learned()
    both.events([])
    const all: Buffer[] = []
    for (let i = 2; i < (size === 1 ? 5500 : 9000); i++) {
      all.push(begin(i, { mark: i }))
      // Some end at once, so that there are free rows when it grows, and some are told again.
      if (i % 5 === 0) all.push(end(i - (i % 7)))
      if (i % 11 === 0) all.push(begin(i))
    }
    inBatches(both, all, size)
    expect(both.differences()).toEqual([])
    expect(both.quick.tracker.table.rowsUsed).toBeGreaterThan(4096)
  })

  test('whatever rows and datagrams before them have left behind', () => {
    const both = learned()
    // What no row of opens has.
    const none = ['flowEndMicroseconds', 'lastPacket', 'flowEndReason'] as const
    const scribble = ({ columns, length, capacity }: FlowBatch, seed: number): void => {
      for (const { name } of fields) {
        const column = columns[name]
        column.fill(seed, (column.length / capacity) * length)
      }
    }
    for (let i = 10; i < 70; i++) {
      both.each(({ journal }) => {
        if (i % 4 === 0) journal.flush()
        scribble(journal.slices, (61 * i) & 255)
        scribble(journal.opens, (61 * i) & 255)
        for (const name of none) journal.opens.columns[name].fill(0)
      })
      both.quick.journal.memory.receiveBuffers.data.fill(i)
      const ping = { icmp: { id: i, type: 8, code: 1 }, source: '10.0.0.9', protocol: 1 }
      const { original, reply } = natted(8, 8)
      const odd = { original: { ...original, ...ping }, reply: { ...reply, ...ping } }
      both.events([begin(i), begin(8, odd), end(i - 2), end(i - 2), end(8, odd), begin(i)])
    }
    expect(both.differences()).toEqual([])
    expect(both.quick.handedBack()).toBeLessThan(60 * 5)
  })
})

/** Pairs of tuples whose hash is the same, of 32 bits: some are among any hundred thousand. */
function sameHashes(count: number): (readonly [Entry['original'], Entry['original']])[] {
  const found: (readonly [Entry['original'], Entry['original']])[] = []
  const known = new Map<number, number>()
  const hostOf = (n: number): number => (Math.imul(n, 0x9e3779b1) >>> 8) ^ (n >>> 3)
  const tupleOf = (n: number): Entry['original'] => {
    const host = hostOf(n)
    const source = `10.${(host >>> 16) & 255}.${(host >>> 8) & 255}.${host & 255}`
    return { ...natted(n & 0xffff, 2).original, source }
  }
  for (let n = 0; found.length < count; n++) {
    const source = (10 << 24) | (hostOf(n) & 0xff_ffff)
    const ports = (n & 0xffff) | (443 << 16)
    const hash = tupleHashV4(source, 0xc6336407, ports, 6 ^ (zone << 16))
    const other = known.get(hash)
    if (other !== undefined) found.push([tupleOf(other), tupleOf(n)])
    known.set(hash, n)
  }
  return found
}
