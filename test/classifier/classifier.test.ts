import { describe, expect, test } from 'vitest'
import { Classifier } from '../../classifier/classifier.ts'
import type { Flow } from '../../classifier/flow.ts'
import { maxStreamBytes } from '../../classifier/limits.ts'
import type { Answer, FlowView, Protocol } from '../../classifier/protocols/protocol.ts'
import { Packet, tcpFlag } from '../../model/packet.ts'

/** A protocol that notes what it was shown, and answers as it is told. */
function watcher(
  answer: (flow: FlowView) => Answer,
  name = 'watcher'
): Protocol & { seen: string[] } {
  const seen: string[] = []
  const classify = (flow: FlowView): Answer => {
    seen.push(`${flow.client.bytes.text()}|${flow.server.bytes.text()}`)
    return answer(flow)
  }
  return { name, title: name, category: 'other', transports: ['tcp', 'udp'], seen, classify }
}

interface Sent {
  readonly from?: 'client' | 'server'
  readonly sequence?: number
  readonly flags?: number
  readonly text?: string
  readonly cutTo?: number
  readonly atUs?: number
  readonly port?: number
}

/** Sends packets of one TCP or UDP flow; the payload's memory is spoilt after each. */
function run(
  protocols: readonly Protocol[],
  sent: readonly Sent[],
  protocol = 6,
  decided: (flow: Flow) => void = () => {}
): Flow[] {
  const flows: Flow[] = []
  const classifier = new Classifier(protocols, { ended: (flow) => flows.push(flow), decided })
  const buffer = new Uint8Array(70_000)
  const packet = new Packet()
  for (const [
    i,
    { from = 'client', sequence = 0, flags = 16, text = '', ...rest },
  ] of sent.entries()) {
    const isClient = from === 'client'
    packet.protocol = protocol
    packet.timeUs = rest.atUs ?? i
    packet.source2 = packet.destination2 = 0xffff
    packet.source3 = isClient ? 0xc0000201 : 0xc6336401
    packet.destination3 = isClient ? 0xc6336401 : 0xc0000201
    packet.sourcePort = isClient ? (rest.port ?? 40_000) : 5000
    packet.destinationPort = isClient ? 5000 : (rest.port ?? 40_000)
    packet.tcpFlags = protocol === 6 ? flags : 0
    packet.sequence = sequence >>> 0
    packet.ipLength = 40 + text.length
    const octets = Buffer.from(text, 'latin1')
    buffer.set(octets, 3)
    packet.payload.set(buffer, 3, rest.cutTo ?? octets.length, octets.length)
    classifier.take(packet)
    buffer.fill(0xee)
  }
  classifier.finish()
  return flows
}

const syn: Sent = { flags: tcpFlag.syn, sequence: 999 }
const more = (): Answer => 'more'

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

describe('the search', () => {
  const say = (from: 'client' | 'server', text: string, sequence = 1000): Sent => ({
    from,
    text,
    sequence,
  })

  test('ends after twelve packets, the last of which is announced', () => {
    const lasts: boolean[] = []
    const protocol = watcher((flow) => (lasts.push(flow.isLast), 'more'))
    const sent = Array.from({ length: 30 }, (_, i) => say('client', 'a', 1000 + i))
    run([protocol], [syn, ...sent])
    expect(lasts).toHaveLength(12)
    expect(lasts.indexOf(true)).toBe(11)
  })

  test('asks nobody again who has said never', () => {
    const first = watcher(() => 'never', 'first')
    const second = watcher(more, 'second')
    run([first, second], [syn, say('client', 'a'), say('server', 'b')])
    expect(first.seen).toHaveLength(1)
    expect(second.seen.length).toBeGreaterThan(1)
  })

  test('lets an unsure match wait for a surer one, and says what lost', () => {
    const unsure = watcher(() => ({ confidence: 60, evidence: 'a guess' }), 'unsure')
    const sure = watcher(
      ({ server }) => (server.packets > 0 ? { confidence: 95, evidence: 'both' } : 'more'),
      'sure'
    )
    const [flow] = run([unsure, sure], [syn, say('client', 'a'), say('server', 'b')])
    expect(flow?.classification).toMatchObject({ protocol: 'sure', confidence: 95 })
    expect(flow?.classification?.evidence).toEqual([
      expect.objectContaining({ speaksFor: 'unsure', packet: 2, lostTo: 'sure' }),
      expect.objectContaining({ speaksFor: 'sure', packet: 3, what: 'both' }),
    ])
  })

  test('lets a match that is unsure stand where nobody contradicts', () => {
    const unsure = watcher(() => ({ confidence: 60, evidence: 'a guess' }), 'unsure')
    const [flow] = run([unsure, watcher(() => 'never')], [syn, say('client', 'a')])
    expect(flow?.classification).toMatchObject({ protocol: 'unsure', confidence: 60 })
  })

  test('goes on with one that wants more, alone', () => {
    const hungry = watcher(
      ({ server }) => ({
        confidence: 90,
        evidence: 'x',
        more: server.packets === 0,
        metadata: server.packets === 0 ? {} : { hostname: server.bytes.text() },
      }),
      'hungry'
    )
    const other = watcher(more, 'other')
    const [flow] = run([hungry, other], [syn, say('client', 'a'), say('server', 'name')])
    expect(flow?.classification?.metadata).toEqual({ hostname: 'name' })
    expect(other.seen).toHaveLength(0)
  })

  test('asks an unsure one that wants more together with those that still wait', () => {
    const both = ({ server }: FlowView): boolean => server.packets > 0
    const hungry = watcher((flow) => {
      const metadata = both(flow) ? { hostname: flow.server.bytes.text() } : {}
      return { confidence: 60, evidence: 'a guess', more: !both(flow), metadata }
    }, 'hungry')
    const said = [syn, say('client', 'a'), say('server', 'name')]
    const [alone] = run([hungry], said)
    expect(alone?.classification?.metadata).toEqual({ hostname: 'name' })
    expect(alone?.classification?.evidence).toHaveLength(1)
    const late = watcher(
      (flow) => (both(flow) ? { confidence: 95, evidence: 'both' } : 'more'),
      'late'
    )
    const [flow] = run([hungry, late], said)
    expect(flow?.classification).toMatchObject({ protocol: 'late', confidence: 95 })
  })

  test('of one that always wants more ends after twelve packets', () => {
    const greedy = watcher(() => ({ confidence: 60, evidence: 'a guess', more: true }), 'greedy')
    const sent = Array.from({ length: 30 }, (_, i) => say('client', 'a', 1000 + i))
    const [flow] = run([greedy], [syn, ...sent])
    expect(greedy.seen).toHaveLength(12)
    expect(flow?.classification).toMatchObject({ protocol: 'greedy', confidence: 60 })
  })

  test('keeps datagrams whose buffer was filled anew', () => {
    const texts: string[] = []
    const protocol = watcher(({ datagrams }) => {
      texts.push(
        datagrams
          .map(({ bytes, fromClient }) => `${fromClient ? '>' : '<'}${bytes.text()}`)
          .join('')
      )
      return 'more'
    })
    run([protocol], [say('client', 'one'), say('server', 'two'), say('client', 'three')], 17)
    expect(texts.at(-1)).toBe('>one<two>three')
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
