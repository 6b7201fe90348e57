import { statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DnsHints } from '../../../classifier/applications/dns-hints.ts'
import { Recent } from '../../../classifier/applications/recent.ts'
import { formatChange, RuleKeeper } from '../../../classifier/applications/rule-keeper.ts'
import { unweighed, weigh } from '../../../classifier/applications/weigh.ts'
import { requireAddress } from '../../../model/address.ts'
import type { ClassifiedFlow } from '../../../model/classified-flow.ts'
import { flow } from '../../criteria/flow.ts'
import { file, load } from './rules.ts'

const rules = load(`[games]
chess chess.example
  net 192.0.2.0/24
[cdn]
cloud cloud.example
  shared 198.51.100.0/24
[voip]
calls calls.example
  when other_port == 9999;
zoom
`)

/** A flow as packets alone show it. */
function base(changes: Partial<ClassifiedFlow>): ClassifiedFlow {
  const evidence = [
    { source: 'payload', packet: 4, speaksFor: 'tls', confidence: 100, what: 'ClientHello' },
  ] as const
  const plain = { application: undefined, applicationCategory: undefined, metadata: {}, risks: [] }
  return flow({ ...plain, confidence: 100, evidence, ...changes })
}

const to = (text: string, port = 443) => ({ address: requireAddress(text), port })

describe('evidence is weighed', () => {
  test('a host weighs more than a DNS answer and an address', () => {
    const seen = base({ metadata: { hostname: 'a.chess.example' }, other: to('198.51.100.7') })
    const verdict = weigh(seen, ['www.calls.example'], rules)
    expect(verdict).toMatchObject({ protocol: 'tls', application: 'chess', confidence: 95 })
    expect(verdict.evidence.map(({ source, lostTo }) => [source, lostTo])).toEqual([
      ['payload', undefined],
      ['host-rule', undefined],
      ['dns-hint', 'chess'],
      ['address-rule', 'nothing: many services share it'],
    ])
    expect(verdict.evidence[1]?.what).toMatch(/a\.chess\.example meets chess\.example \(.*:2\)$/)
    expect(verdict.metadata.dnsHostname).toBe('www.calls.example')
  })

  test('a shared prefix names nothing alone, one of its own does', () => {
    expect(weigh(base({ other: to('198.51.100.7') }), [], rules).application).toBeUndefined()
    const own = weigh(base({ other: to('192.0.2.7') }), [], rules)
    expect(own).toMatchObject({ application: 'chess', confidence: 50 })
  })

  test('the outer name of an encrypted hello names nothing', () => {
    const metadata = { hostname: 'cloud.example', sniKind: 'outer' }
    expect(weigh(base({ metadata }), [], rules).application).toBeUndefined()
  })

  test('certificates and DNS answers that lead to several services name none', () => {
    const several = { certificateNames: ['*.chess.example', 'calls.example', 'other.test'] }
    expect(weigh(base({ metadata: several }), [], rules).application).toBeUndefined()
    const one = { certificateNames: ['*.chess.example', 'other.test'] }
    expect(weigh(base({ metadata: one }), [], rules).application).toBe('chess')
    const names = ['a.chess.example', 'calls.example']
    expect(weigh(base({}), names, rules).application).toBeUndefined()
  })

  test('what was asked of DNS before names nothing where the client names another host', () => {
    const hints = ['www.chess.example']
    const named = { hostname: 'intranet.test', sniKind: 'real' }
    const verdict = weigh(base({ metadata: named }), hints, rules)
    expect(verdict.application).toBeUndefined()
    expect(verdict.evidence.at(-1)?.lostTo).toBe('intranet.test')
    const hidden = { hostname: 'cloud.example', sniKind: 'outer' }
    expect(weigh(base({ metadata: hidden }), hints, rules).application).toBe('chess')
    const same = { hostname: 'www.chess.example', sniKind: 'real' }
    expect(
      weigh(base({ metadata: same }), [...hints, 'calls.example'], rules).evidence
    ).toMatchObject([{}, { source: 'host-rule' }, { source: 'dns-hint', speaksFor: 'chess' }])
  })

  test('an expression sees what the others found, and wins', () => {
    const seen = base({ metadata: { hostname: 'chess.example' }, other: to('203.0.113.1', 9999) })
    const verdict = weigh(seen, [], rules)
    expect(verdict.application).toBe('calls')
    expect(verdict.evidence.find(({ source }) => source === 'host-rule')?.lostTo).toBe('calls')
  })

  test('a protocol that one service speaks names it, and can be asked anew', () => {
    const verdict = weigh(base({ protocol: 'zoom' }), [], rules)
    expect(verdict.application).toBe('zoom')
    expect(unweighed(verdict)).toMatchObject({ application: undefined, protocol: 'zoom' })
    const betrayed = weigh(base({ application: 'zoom' }), [], rules)
    expect(unweighed(betrayed)).toMatchObject({ application: 'zoom', confidence: 100 })
    expect(unweighed(betrayed).evidence).toHaveLength(1)
  })
})

describe('rules in force', () => {
  test('a reload says what changes, takes effect, and can be undone', () => {
    const path = file('[games]\nchess chess.example\n')
    const keeper = new RuleKeeper([{ path }])
    const seen = base({ metadata: { hostname: 'www.go.example' } })
    for (let i = 0; i < 3; i++) expect(keeper.judge(seen, []).application).toBeUndefined()
    writeFileSync(path, '[games]\nchess chess.example\ngo go.example\n')
    const { changes, tried } = keeper.plan()
    expect(changes.map((change) => formatChange(change, tried))).toEqual([
      '3 of 3 recent flows change from none to go (www.go.example)',
    ])
    expect(keeper.judge(seen, []).application).toBeUndefined()
    keeper.reload()
    expect(keeper.judge(seen, []).application).toBe('go')
    expect(keeper.rollback()?.changes).toEqual([
      { from: 'go', to: undefined, flows: 5, host: 'www.go.example' },
    ])
    expect(keeper.judge(seen, []).application).toBeUndefined()
  })

  test('a broken file leaves the old rules in force, and says where it is broken', () => {
    const path = file('[games]\nchess chess.example\n')
    const keeper = new RuleKeeper([{ path }])
    writeFileSync(path, '[games]\nchess chess.example\n  is www.chess.test\n')
    expect(() => keeper.reload()).toThrow(`${path}:3:1: www.chess.test shall be chess`)
    expect(keeper.rules.byHost('chess.example')?.application).toBe('chess')
    expect(keeper.rollback()).toBeUndefined()
  })
})

describe('what clients ask DNS for', () => {
  const [client, other] = [requireAddress('10.0.0.1'), requireAddress('10.0.0.2')]
  const server = requireAddress('192.0.2.1')
  const answered = (hostname: string, dnsTtl: number) => ({
    hostname,
    dnsTtl,
    dnsAnswers: ['alias.example', '192.0.2.1'],
  })

  test('holds for that client, as long as the record does', () => {
    const hints = new DnsHints()
    hints.learn(client, answered('a.example', 60), 0)
    expect(hints.namesFor(client, server, 59e6)).toEqual(['a.example'])
    expect(hints.namesFor(other, server, 1e6)).toEqual([])
    expect(hints.namesFor(client, server, 61e6)).toEqual([])
  })

  test('the latest question stands first, and a question once', () => {
    const hints = new DnsHints()
    for (const name of ['a.example', 'b.example', 'a.example']) {
      hints.learn(client, answered(name, 60), 0)
    }
    expect(hints.namesFor(client, server, 1)).toEqual(['a.example', 'b.example'])
  })

  test('is kept in a file that only its owner reads; damage costs one line', async () => {
    const path = file('')
    const hints = new DnsHints()
    hints.learn(client, answered('a.example', 600), 0)
    hints.learn(other, answered('b.example', 30), 0)
    await hints.save(path, 60e6)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    writeFileSync(path, 'damaged\n["k",99,{"not":"names"}]\n', { flag: 'a' })
    const back = new DnsHints()
    expect(back.load(path, 60e6)).toBe(2)
    expect(back.namesFor(client, server, 61e6)).toEqual(['a.example'])
    expect(back.namesFor(other, server, 61e6)).toEqual([])
  })

  test('is bounded in number', () => {
    const some = new Recent<number, number>(100)
    for (let i = 0; i < 1000; i++) some.set(i, i)
    expect(some.size).toBeLessThanOrEqual(100)
    expect(some.get(999)).toBe(999)
    expect(some.get(0)).toBeUndefined()
  })
})
