import { describe, expect, test } from 'vitest'
import type { FlowView } from '../../classifier/protocols/protocol.ts'
import { more, run, syn, watcher } from './watched.ts'
import type { Sent } from './watched.ts'

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
