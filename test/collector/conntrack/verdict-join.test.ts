import { describe, expect, test } from 'vitest'
import { recover } from '../../../collector/conntrack/recover.ts'
import { VerdictJoin } from '../../../collector/conntrack/verdict-join.ts'
import { requireAddress } from '../../../model/address.ts'
import type { FlowVerdict } from '../../../model/flow-verdict.ts'
import { lastPacketsOf } from '../../../model/ended-flows.ts'
import { entriesOf } from '../../../model/joined-entries.ts'
import type { JoinedMessage } from '../../../model/joined-entries.ts'
import { VerdictBatch } from '../../../model/verdict-batch.ts'
import type { SeenEnds } from '../../../model/verdict-batch.ts'
import { message, natted } from '../../netlink/message-builder.ts'
import type { Entry } from '../../netlink/message-builder.ts'
import { makeHarness } from './tracker-harness.ts'

const second = 1_000_000
const t0 = 1_790_000_000 * second
const ns = (us: number): bigint => BigInt(us) * 1000n

const zoom: FlowVerdict = {
  applicationId: 0x0d000001,
  application: 'zoom',
  category: 'voip',
  protocol: 'tls',
  hostName: 'us04web.zoom.us',
}
const plain: FlowVerdict = { ...zoom, applicationId: 0, application: '', category: '' }
const nothing: FlowVerdict = { ...plain, protocol: '', hostName: '' }

/** Where natted(5000, …) is seen at the forward hook. */
const ends = (port: number, server = '198.51.100.7', serverPort = 443): SeenEnds => ({
  ipProtocol: 6,
  client: requireAddress('10.0.0.2'),
  clientPort: port,
  server: requireAddress(server),
  serverPort,
  atUs: t0 + second,
})

/** A port forward: 203.0.113.9 to 192.0.2.1:8443 goes to 10.0.0.5:443. */
const forwarded: Partial<Entry> = {
  original: {
    source: '203.0.113.9',
    destination: '192.0.2.1',
    protocol: 6,
    sourcePort: 700,
    destinationPort: 8443,
  },
  reply: {
    source: '10.0.0.5',
    destination: '203.0.113.9',
    protocol: 6,
    sourcePort: 443,
    destinationPort: 700,
  },
}

function makeJoin() {
  const harness = makeHarness()
  const join = new VerdictJoin(harness.tracker)
  const answers: JoinedMessage[] = []
  const over: string[] = []
  join.answerTo((answer) => {
    if ('entries' in answer) answers.push(answer)
    else
      for (const last of lastPacketsOf(answer))
        over.push(`${last.sourceText} ${last.destinationText} ${last.protocol} ${last.timeUs}`)
  })
  const send = (at: SeenEnds, verdict: FlowVerdict, nowUs = t0 + second): void => {
    const batch = new VerdictBatch()
    batch.add(7, at, verdict)
    join.take(batch.take(true), nowUs)
  }
  const begin = (rest: Partial<Entry> = {}): void => {
    harness.feed(message('new', natted(5000, 6000, { eventNs: ns(t0), ...rest })), t0)
  }
  const end = (rest: Partial<Entry> = {}): void => {
    const stopNs = ns(t0 + 5 * second)
    harness.feed(message('destroy', natted(5000, 6000, { stopNs, ...rest })), t0 + 5 * second)
  }
  return {
    ...harness,
    join,
    send,
    begin,
    end,
    over,
    entries: () => answers.flatMap((a) => [...entriesOf(a)]),
  }
}

test('who classifies is told of ends, by what passes the forward hook, some together', () => {
  const { begin, end, join, over } = makeJoin()
  begin()
  begin(forwarded)
  end()
  join.tellEnds(t0 + 6 * second)
  end(forwarded)
  // Not each by itself: the next ones wait a moment.
  join.tellEnds(t0 + 6 * second + 1000)
  expect(over).toEqual([`10.0.0.2:5000 198.51.100.7:443 6 ${t0 + 5 * second}`])
  join.tellEnds(t0 + 6 * second + 60_000)
  expect(over[1]).toBe(`203.0.113.9:700 10.0.0.5:443 6 ${t0 + 5 * second}`)
  // Who is gone is told nothing, and nothing is gathered for him.
  join.answerTo(undefined)
  begin()
  end()
  join.tellEnds(t0 + 9 * second)
  expect(over.length).toBe(2)
})

describe('a verdict', () => {
  test('stands in what is written of its connection, and tells the entry', () => {
    const { begin, send, end, slices, entries, join } = makeJoin()
    begin({ mark: 9 })
    send(ends(5000), zoom)
    end()
    expect(slices()).toMatchObject([{ verdict: zoom }])
    expect(join.counters.joined).toBe(1)
    const from = { address: requireAddress('10.0.0.2'), port: 5000 }
    const to = { address: requireAddress('198.51.100.7'), port: 443 }
    const entry = {
      ipProtocol: 6,
      zone: 0,
      id: 5000,
      mark: 9,
      startUs: t0,
      original: { source: from, destination: to },
      reply: {
        source: to,
        destination: { address: requireAddress('192.0.2.1'), port: 6000 },
      },
    }
    expect(entries()).toEqual([[7, entry]])
  })

  test('finds a connection behind the translation of its destination, from either end', () => {
    const { begin, send, slices, end, tracker } = makeJoin()
    begin(forwarded)
    const inward = { ...ends(700, '10.0.0.5'), client: requireAddress('203.0.113.9') }
    send(inward, zoom)
    expect(tracker.table.verdict(0)).toBeGreaterThan(0)
    // Whoever missed the beginning may take the server for the client.
    const turned = {
      client: inward.server,
      clientPort: 443,
      server: inward.client,
      serverPort: 700,
    }
    send({ ...inward, ...turned }, plain)
    end(forwarded)
    expect(slices()).toMatchObject([{ verdict: plain }])
  })

  test('is not given to a connection whose destination is translated elsewhere', () => {
    const { begin, send, join } = makeJoin()
    begin(forwarded)
    const outward = { ...ends(700, '192.0.2.1', 8443), client: requireAddress('203.0.113.9') }
    send(outward, zoom)
    expect(join.counters.joined).toBe(0)
  })

  test('still finds its flow after the table has grown', () => {
    const { begin, send, feed, tracker } = makeJoin()
    begin(forwarded)
    for (let port = 0; port < 5000; port++) feed(message('new', natted(port, port)), t0)
    send({ ...ends(700, '10.0.0.5'), client: requireAddress('203.0.113.9') }, zoom)
    expect(tracker.table.verdict(0)).toBeGreaterThan(0)
  })

  test('finds IPv6 flows', () => {
    const tuple = { protocol: 6, sourcePort: 5000, destinationPort: 443 }
    const [client, server] = ['2001:db8::2', '2001:db8:9::7']
    const six = {
      original: { ...tuple, source: client, destination: server },
      reply: {
        protocol: 6,
        source: server,
        destination: client,
        sourcePort: 443,
        destinationPort: 5000,
      },
    }
    const { begin, send, end, slices } = makeJoin()
    begin(six)
    send({ ...ends(5000), client: requireAddress(client), server: requireAddress(server) }, zoom)
    end(six)
    expect(slices()).toMatchObject([{ verdict: zoom }])
  })

  test('that comes first waits for its connection, and not for ever', () => {
    const { begin, send, join, slices, end } = makeJoin()
    send(ends(5000), zoom)
    send(ends(5001), zoom)
    begin()
    join.look(t0 + 2 * second)
    expect(join.counters.joined).toBe(1)
    join.look(t0 + 4 * second)
    expect(join.counters.unjoined).toMatchObject({ 'no-entry': 1 })
    end()
    expect(slices()).toMatchObject([{ verdict: zoom }])
  })

  test('of a connection that is over is counted', () => {
    const { begin, send, join, end, slices } = makeJoin()
    begin()
    end()
    send(ends(5000), zoom)
    join.look(t0 + 9 * second)
    // Another one has its ends by now.
    begin({ eventNs: ns(t0 + 20 * second) })
    send(ends(5000), zoom)
    end({ stopNs: ns(t0 + 30 * second) })
    expect(join.counters).toEqual({
      joined: 0,
      unjoined: { 'no-entry': 0, ended: 2, ambiguous: 0, 'too-many': 0 },
    })
    expect(slices()).toMatchObject([{ verdict: nothing }, { verdict: nothing }])
  })

  test('finds a flow in a zone, and none where two zones have its ends', () => {
    const { begin, send, join, end, slices } = makeJoin()
    begin({ zone: 7 })
    send(ends(5000), zoom)
    begin({ zone: 8, id: 1 })
    send(ends(5000), plain)
    expect(join.counters.joined).toBe(1)
    expect(join.counters.unjoined.ambiguous).toBe(1)
    end({ zone: 7 })
    expect(slices()).toMatchObject([{ verdict: zoom }])
  })

  test('is replaced by a later one, but not by one that says nothing', () => {
    const { begin, send, end, slices, tracker } = makeJoin()
    begin()
    send(ends(5000), plain)
    send(ends(5000), zoom)
    send(ends(5000), nothing)
    expect(tracker.table.book.size).toBe(1)
    end()
    expect(slices()).toMatchObject([{ verdict: zoom }])
    expect(tracker.table.book.size).toBe(0)
  })

  test('stands in every later slice, and is known again after a restart', () => {
    const { begin, send, dump, frames, tracker, slices } = makeJoin()
    tracker.activeTimeoutUs = second
    begin()
    send(ends(5000), zoom)
    dump(t0 + 2 * second, message('dump', natted(5000, 6000, { startNs: ns(t0) })))
    dump(t0 + 4 * second, message('dump', natted(5000, 6000, { startNs: ns(t0) })))
    expect(slices()).toMatchObject([{ verdict: zoom }, { verdict: zoom }])
    const next = makeHarness()
    recover(next.tracker, frames)
    next.feed(message('destroy', natted(5000, 6000, { stopNs: ns(t0 + 9 * second) })), t0)
    expect(next.slices()).toMatchObject([{ verdict: zoom }])
  })
})

test('rows say nothing of what an earlier batch knew', () => {
  const { begin, send, end, slices } = makeJoin()
  begin()
  send(ends(5000), zoom)
  end()
  slices()
  begin({ eventNs: ns(t0 + 40 * second) })
  end({ stopNs: ns(t0 + 50 * second) })
  expect(slices()[1]).toMatchObject({ verdict: nothing })
})
