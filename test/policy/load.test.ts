import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { FlowledgerError } from '../../model/errors.ts'
import { flow } from '../criteria/flow.ts'
import { policyOf, problemsOf } from './policy-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-policy-'))
const conf = join(folder, 'connlabel.conf')
writeFileSync(conf, '# bits\n0 zoom\n1 netify-games\n125 theirs\n')
afterAll(() => rmSync(folder, { recursive: true }))

/** The example of the documents of Netify's plugin, as it stands there. */
const games = `{
  "version": 1,
  "targets": {
    "log.games": { "target_type": "log", "target_enabled": false, "prefix": "netify-games", "interval": 60 },
    "ipset.games": { "target_type": "ipset", "set_name": "nfa.games", "set_family": "ipv4",
      "type": "hash:ip,port,ip", "ttl": 60, "flush_on_destroy": true },
    "ctlabel.games": { "target_type": "ctlabel", "labels": ["netify-games"] },
    "nftset.games": { "target_type": "nftset", "set_name": "nfa.games", "set_family": "ipv4",
      "type": ["local_addr", "ip_proto", "other_port", "other_addr"], "ttl": 60, "flush_on_create": true }
  },
  "target_defaults": {
    "log": { "path": "/tmp", "prefix": "netify-flow-actions", "suffix": ".json", "interval": 300 },
    "ipset": { "set_family": "*", "ttl": 600 },
    "nftset": { "table_name": "netify", "table_family": "inet", "size": 65535, "ttl": 300,
      "managed": true, "flush_on_destroy": true }
  },
  "target_globals": { "ctlabel": { "max_bits": 127, "connlabel_conf": "${conf}" } },
  "actions": {
    "games": {
      "enabled": true,
      "interface": "*",
      "criteria": "category == 'games';",
      "targets": ["log.games", "ipset.games", "ctlabel.games", "nftset.games"],
      "exemptions": ["127.0.0.1", "app == 'netify.playstation';"]
    }
  },
  "exemptions": ["192.168.1.1", "protocol == 'dns';"]
}`

const minimal = (action: string, rest = ''): string => `
targets: { log: { type: log } }
${rest}
actions:
  one:
    targets: [log]
${action}`

const meant = (action: string, of = flow(), rest = ''): boolean =>
  policyOf(minimal(action, rest)).actions[0]?.matches(of) ?? false

describe("a file of Netify's agent", () => {
  test('is read as it is: targets with their defaults, actions, exemptions', () => {
    const policy = policyOf(games)
    expect(policy.format).toBe('netify')
    expect(policy.warnings).toEqual([])
    expect(policy.targets.map(({ name, settings }) => [name, settings])).toMatchObject([
      ['ipset.games', { set: 'nfa.games', suffix: true, ip_version: 'ipv4', ttl: 60 }],
      ['ctlabel.games', { labels: ['netify-games'] }],
      ['nftset.games', { table: 'netify', ttl: 60, max_elements: 65_535, managed: true }],
    ])
    expect(policy.targets.flatMap(({ needs }) => needs)).toMatchObject([
      { kind: 'ipset', name: 'nfa.games.v4', type: 'hash:ip,port,ip', isManaged: false },
      { kind: 'labels' },
      { kind: 'nft-set', set: 'nfa.games', flushOnCreate: true },
    ])
    const [action] = policy.actions
    expect(action?.targets).toEqual(['ipset.games', 'ctlabel.games', 'nftset.games'])
    const game = flow({ application: 'steam', applicationCategory: 'games' })
    expect(action?.matches(game)).toBe(true)
    expect(action?.matches({ ...game, application: 'playstation' })).toBe(false)
    expect(policy.isExempt({ ...game, protocol: 'dns' })).toBe(true)
    expect(policy.isExempt(game)).toBe(false)
  })

  test('says where Netify would have meant something else, and what is not known here', () => {
    const text = games
      .replace("category == 'games';", "app == 'zoom' && vlan_id == 1 || vlan_id == 10;")
      .replace("'netify.playstation'", "'netify.no-such-app'")
      .replace('"interface": "*"', '"interface": "wan"')
      .replace('"interval": 60', '"colour": 3')
    const shown = policyOf(text).warnings.map(({ line, column, text: what }) => {
      return `${line}:${column} ${what.slice(0, 40)}`
    })
    expect(shown).toEqual([
      '4:103 colour is not known here, and passed ove',
      '22:50 && binds tighter than || here; Netify re',
      expect.stringMatching(/^24:43 There is no application "netify.no-such/),
      '21:20 Connections are seen with inside address',
    ])
  })

  test('says in its own words and places what cannot be used', () => {
    const text = games
      .replace('"hash:ip,port,ip"', '"bitmap:ip"')
      .replace('"netify-games"] }', '"nobody"] }')
      .replace("'games';", "'gaems';")
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^p\.yaml:6:15: targets\.ipset\.games\.set_type: must be one of hash/),
      expect.stringMatching(/^p\.yaml:7:22: There is no label nobody in .* Add a line/),
    ])
  })

  test('categories are also numbers, and * is all', () => {
    expect(meant("    criteria: 'ac:30'")).toBe(true)
    expect(meant("    criteria: 'ac:31'")).toBe(false)
    expect(meant("    criteria: 'pc:18;'")).toBe(true)
    expect(meant("    criteria: '*'")).toBe(true)
    expect(meant("    criteria: '!ai:zoom'")).toBe(false)
    expect(meant("    criteria: ['ai:skype', \"local_ip == '192.168.100.22';\"]")).toBe(true)
  })
})

describe('our own form', () => {
  test('one bad rule is told with line and column, and all of them at once', () => {
    const text = `
targets:
  a: { type: label, labels: [zoom], own: 1 }
  b: { type: lable, labels: [1] }
  c: { type: reroute, wan: wan1 }
  d: { type: nft-set, set: s, elements: [other_adr] }
wans: { mask: 0xff00, interfaces: { one: 0x100, two: 0x100, three: 0x1 } }
labels: { connlabel_conf: ${conf}, own_bits: 60 }
actions:
  x: { criteria: "app == 'zooom'", targets: [a] }
  y:
    criteria: |
      app == 'zoom' &&
      local_port > 'many'
    targets: [nowhere]
    exemptions: [10.0.0.1/8]
`
    expect(problemsOf(text)).toEqual([
      'p.yaml:3:6: targets.a: Unrecognized key: "own"',
      'p.yaml:4:14: There is no kind of target lable. Did you mean label?',
      'p.yaml:5:6: wans.interfaces has no wan1. Give each WAN and its mark under wans.',
      expect.stringMatching(/^p\.yaml:6:42: targets\.d\.elements\.0: must be a list of local_mac/),
      expect.stringMatching(/^p\.yaml:7:\d+: one and two have the same mark\./),
      expect.stringMatching(/^p\.yaml:7:\d+: The mark of three is 0 or has bits off the mask\./),
      'p.yaml:10:26: There is no application "zooom". Did you mean zoom?',
      'p.yaml:14:20: "many" is no number.',
      'p.yaml:15:15: There is no target nowhere.',
      expect.stringMatching(/^p\.yaml:16:18: "10\.0\.0\.1\/8" is no address/),
    ])
  })

  test('no YAML, a key twice and names of the language are refused with their place', () => {
    expect(problemsOf('targets: {')[0]).toMatch(/^p\.yaml:1:11: /)
    expect(problemsOf('targets: {}\ntargets: {}\nactions: {}')[0]).toMatch(/^p\.yaml:2:1: /)
    const text = minimal('    criteria: "*"').replace('type: log', 'type: constructor')
    expect(problemsOf(text)[0]).toContain('There is no kind of target constructor.')
    expect(problemsOf(minimal('    criteria: "*"').replace('[log]', '[toString]'))[0]).toContain(
      'There is no target toString.'
    )
  })

  test('bits that a file gives to others are not taken for our own', () => {
    const text = (own: number): string => `
targets: { cut: { type: block } }
labels: { connlabel_conf: ${conf}, own_bits: ${own} }
actions: { x: { criteria: '*', targets: [cut] } }`
    expect(problemsOf(text(60))[0]).toContain(`Bit 125 is theirs in ${conf}.`)
    expect(problemsOf(text(50))).toEqual([])
  })

  test('targets that differ about one set are refused', () => {
    const text = `
targets:
  a: { type: ipset, set: s, ttl: 60 }
  b: { type: ipset, set: s, ttl: 61 }
  c: { type: ipset, set: t, ttl: 60 }
actions: { x: { criteria: '*', targets: [a, b, c] } }`
    expect(problemsOf(text)).toEqual([
      'p.yaml:4:6: b and a differ about s.v4.',
      'p.yaml:4:6: b and a differ about s.v6.',
    ])
  })

  test('exemptions are addresses, prefixes, groups, Ethernet addresses and expressions', () => {
    const exempt = (list: string): boolean => !meant(`    criteria: '*'\n    exemptions: ${list}`)
    expect(exempt('[192.168.100.22]')).toBe(true)
    expect(exempt('[192.168.0.0/16]')).toBe(true)
    expect(exempt("['2001:db8::1']")).toBe(true)
    expect(exempt("['@office']")).toBe(false)
    expect(exempt("['02:00:00:00:00:01']")).toBe(true)
    expect(exempt(`["vlan_id == 11", "app == 'zoom'"]`)).toBe(true)
    expect(exempt('[10.0.0.1]')).toBe(false)
  })

  test('a time of day is a window, also over midnight, and may be taken out', () => {
    // The verdict was given on Wednesday at 22:30 in Berlin.
    const at = (windows: string, atUs = flow().atUs): boolean =>
      meant(`    criteria: '*'\n    time_of_day: [${windows}]`, flow({ atUs }))
    const hours = 3600e6
    expect(at('{ time_start: "22:00", time_end: "23:00" }')).toBe(true)
    expect(at('{ time_start: "08:00", time_end: "17:00" }')).toBe(false)
    expect(at('{ day: [thu], time_start: "22:00", time_end: "23:00" }')).toBe(false)
    const night = '{ day: [wed], time_start: "22:00", time_end: "06:00" }'
    expect(at(night)).toBe(true)
    expect(at(night, flow().atUs + 5 * hours)).toBe(true)
    expect(at(night, flow().atUs - 20 * hours)).toBe(false)
    expect(at('{ day: [wed], policy: exclusive }')).toBe(false)
    expect(at('{ day: [thu], policy: exclusive }')).toBe(true)
    expect(at(`{ day: [] }`)).toBe(false)
    const mixed = `{ time_start: "20:00" }, { time_start: "22:15", time_end: "22:45", policy: exclusive }`
    expect(at(mixed)).toBe(false)
    expect(
      meant(
        "    criteria: '*'\n    time_of_day: [{ time_end: '20:00' }]",
        flow(),
        'time_zone: America/New_York'
      )
    ).toBe(true)
  })

  test('whatever stands in a file, the answer is a policy or an error that says where', () => {
    const words = fc.constantFrom(
      'targets',
      'actions',
      'type',
      'criteria',
      'label',
      '*',
      'x',
      1,
      null,
      true
    )
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        words,
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'targets',
            'actions',
            'wans',
            'labels',
            'type',
            'criteria',
            'x',
            'version',
            'target_defaults',
            'set_name'
          ),
          tie('any'),
          { maxKeys: 4 }
        )
      ),
    })).any
    fc.assert(
      fc.property(value, (data) => {
        try {
          policyOf(JSON.stringify(data))
        } catch (error) {
          expect(error).toBeInstanceOf(FlowledgerError)
          expect((error as Error).message).toMatch(/^p\.yaml:\d+:\d+: /)
        }
      }),
      { numRuns: 500 }
    )
  })
})
