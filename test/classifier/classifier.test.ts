import { describe, expect, test } from 'vitest'
import { Classifier } from '../../classifier/classifier.ts'
import type { Flow } from '../../classifier/flow.ts'
import { maxStreamBytes } from '../../classifier/limits.ts'
import { Packet, tcpFlag } from '../../model/packet.ts'
import { more, run, syn, watcher } from './watched.ts'
import type { Sent } from './watched.ts'

test('a connection that is said to be over is followed no more, unless packets came since', () => {
  const over: Flow[] = []
  const classifier = new Classifier([], { ended: (flow) => over.push(flow) })
  const packet = new Packet()
  packet.protocol = 17
  packet.source3 = 0xc0000201
  packet.destination3 = 0xc6336401
  packet.timeUs = 10e6
  classifier.take(packet)
  packet.timeUs = 9e6
  classifier.isOver(packet)
  expect([over.length, classifier.size]).toEqual([0, 1])
  // Either end may stand first, as the kernel tells it.
  const last = new Packet()
  Object.assign(last, { protocol: 17, source3: 0xc6336401, destination3: 0xc0000201 })
  last.timeUs = 11e6
  classifier.isOver(last)
  classifier.isOver(last)
  expect([over.length, classifier.size]).toEqual([1, 0])
})

describe('a stream is put together', () => {
  const whole = 'abcdefghijklmnopqrstuvwxyz'
  const piece = (from: number, to: number): Sent => ({
    sequence: 1000 + from,
    text: whole.slice(from, to),
  })

  test.each([
    ['in order', [piece(0, 5), piece(5, 11), piece(11, 26)]],
    ['backwards', [piece(11, 26), piece(5, 11), piece(0, 5)]],
    ['with repetitions', [piece(0, 5), piece(0, 5), piece(5, 11), piece(0, 11), piece(11, 26)]],
    ['with overlaps', [piece(0, 5), piece(3, 14), piece(8, 26)]],
    ['with overlaps that wait', [piece(8, 26), piece(6, 14), piece(0, 7)]],
  ])('%s', (_name, pieces) => {
    const protocol = watcher(more)
    run([protocol], [syn, ...pieces])
    expect(protocol.seen.at(-1)).toBe(`${whole}|`)
    expect(protocol.seen.every((text) => whole.startsWith(text.slice(0, -1)))).toBe(true)
  })

  test('the first of two contradicting copies counts', () => {
    const protocol = watcher(more)
    run([protocol], [syn, piece(0, 5), { sequence: 1003, text: 'XXXXX' }])
    expect(protocol.seen.at(-1)).toBe('abcdeXXX|')
  })

  test('over the wrap of sequence numbers', () => {
    const protocol = watcher(more)
    const at = 0xfffffffe
    run(
      [protocol],
      [
        { flags: tcpFlag.syn, sequence: at - 1 },
        { sequence: 2, text: 'ef' },
        { sequence: at, text: 'abcd' },
      ]
    )
    expect(protocol.seen.at(-1)).toBe('abcdef|')
  })

  test('without its beginning, from what was seen first', () => {
    const protocol = watcher(more)
    run([protocol], [piece(4, 9), piece(9, 12)])
    expect(protocol.seen.at(-1)).toBe('efghijkl|')
  })

  test('what waits behind a hole is looked at in the end', () => {
    const protocol = watcher(({ client }) =>
      client.bytes.length > 0 ? { confidence: 90, evidence: 'x' } : 'more'
    )
    const [flow] = run([protocol], [syn, piece(10, 14), piece(14, 20)])
    expect(protocol.seen).toEqual(['klmnopqrst|'])
    expect(flow?.classification?.protocol).toBe('watcher')
  })

  test('padding that an acknowledgement carries is no part of it', () => {
    const protocol = watcher(more)
    run([protocol], [syn, { sequence: 1000, text: '\0\0\0\0\0\0' }, piece(0, 5)])
    expect(protocol.seen).toEqual(['abcde|', 'abcde|'])
  })

  test('what the capture cut off ends it', () => {
    const overs: boolean[] = []
    const protocol = watcher((flow) => (overs.push(flow.client.isOver), 'more'))
    run([protocol], [syn, { ...piece(0, 10), cutTo: 4 }, piece(10, 20)])
    expect(protocol.seen[0]).toBe('abcd|')
    expect(overs[0]).toBe(true)
  })

  test('no more is kept than the limit', () => {
    const lengths: number[] = []
    const protocol = watcher((flow) => (lengths.push(flow.client.bytes.length), 'more'))
    const text = 'x'.repeat(1400)
    const sent = Array.from({ length: 14 }, (_, i) => ({ sequence: 1000 + 1400 * i, text }))
    run([protocol], [syn, ...sent])
    expect(Math.max(...lengths)).toBe(maxStreamBytes)
  })
})

describe('flows', () => {
  test('have a client: who sent the SYN, though its answer was seen first', () => {
    const [flow] = run([], [{ from: 'server', flags: tcpFlag.syn | tcpFlag.ack }, { text: 'a' }])
    expect(flow).toMatchObject({ isReversed: true, clientPort: 40_000, serverPort: 5000 })
    expect(flow).toMatchObject({ clientPackets: 1, serverPackets: 1, clientOctets: 41 })
  })

  test('end after a silence, and begin anew behind it', () => {
    const others = Array.from({ length: 300 }, () => ({ atUs: 400e6, port: 1 }))
    const udp = run([], [{ atUs: 0 }, ...others, { atUs: 401e6 }], 17)
    expect(udp.map(({ firstUs }) => firstUs).sort((a, b) => a - b)).toEqual([0, 400e6, 401e6])
    // A TCP connection may be silent for longer.
    expect(run([], [{ atUs: 0 }, ...others, { atUs: 401e6 }])).toHaveLength(2)
  })

  test('of one address and port reused after the end are two', () => {
    const close = [{ flags: 17 }, { from: 'server', flags: 17 } as const]
    expect(run([], [syn, ...close, syn])).toHaveLength(2)
    expect(run([], [syn, syn])).toHaveLength(1)
  })

  test.each([
    ['both have finished', [{ flags: 17 }, { from: 'server', flags: 17 } as const]],
    ['one was reset', [{ from: 'server', flags: tcpFlag.rst } as const]],
  ])('that nothing recognised are decided as soon as %s', (_name, close) => {
    const decidedAt: number[] = []
    const protocol = watcher((flow) => (flow.isLast ? 'never' : 'more'))
    const decided = (flow: Flow): void => void decidedAt.push(flow.packets)
    const packets = [syn, { sequence: 1000, text: 'a' }, ...close]
    run([protocol], [...packets, { sequence: 1002 }], 6, decided)
    expect(decidedAt).toEqual([packets.length])
  })

  test('of a protocol that is known may tell more after a reset, until both have finished', () => {
    const protocol = watcher(({ server }) => ({
      confidence: 90,
      evidence: 'x',
      more: true,
      metadata: { hostname: server.bytes.text() },
    }))
    const decidedAt: number[] = []
    const decided = (flow: Flow): void => void decidedAt.push(flow.packets)
    const server = { from: 'server' } as const
    const [flow] = run(
      [protocol],
      [
        syn,
        { sequence: 1000, text: 'a' },
        { sequence: 1001, flags: 17 },
        { sequence: 1002, flags: tcpFlag.rst },
        { ...server, sequence: 500, text: 'name' },
        { ...server, sequence: 504, flags: 17 },
      ],
      6,
      decided
    )
    expect(flow?.classification?.metadata).toEqual({ hostname: 'name' })
    expect(decidedAt).toEqual([6])
  })

  test('are bounded: those silent longest end first', () => {
    const ended: number[] = []
    const classifier = new Classifier(
      [],
      { ended: (flow) => ended.push(flow.clientPort) },
      { maxFlows: 10 }
    )
    const packet = new Packet()
    packet.protocol = 17
    for (let port = 2000; port < 2025; port++) {
      packet.sourcePort = port
      packet.timeUs = port
      classifier.take(packet)
    }
    expect(classifier.size).toBe(10)
    expect(ended).toEqual(Array.from({ length: 15 }, (_, i) => 2000 + i))
  })

  test('without payload are guessed by port, those with payload are not', () => {
    const known = { ...watcher(() => 'never', 'known'), ports: { tcp: [5000] } }
    expect(run([known], [syn])[0]?.classification).toMatchObject({
      protocol: 'known',
      confidence: 20,
    })
    expect(run([known], [syn, { sequence: 1000, text: 'a' }])[0]?.classification).toMatchObject({
      protocol: 'unknown',
      confidence: 0,
    })
  })
})
