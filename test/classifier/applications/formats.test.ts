import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { formatOf } from '../../../classifier/applications/formats.ts'
import { catalogue, loadRules } from '../../../classifier/applications/load.ts'
import { requireAddress } from '../../../model/address.ts'
import { flow } from '../../criteria/flow.ts'
import { file, load, problems } from './rules.ts'

describe('the catalogue', () => {
  const rules = loadRules([catalogue])

  test('names at least 300 applications, each with a name of its own', () => {
    expect(rules.counts.applications).toBeGreaterThanOrEqual(300)
    expect(rules.repeated).toBe(0)
    expect(rules.warnings).toEqual([])
    const { applications } = rules
    expect(new Set(applications.map(({ name }) => name)).size).toBe(applications.length)
    expect(applications.filter(({ category }) => category === 'unclassified')).toEqual([])
  })

  test.each([
    ['rr4---sn-4g5e6nsz.googlevideo.com', 'youtube'],
    ['MAIL.google.com.', 'gmail'],
    ['www.google.com:443', 'google'],
    ['instagram.fabc1-1.fna.fbcdn.net', 'facebook'],
    ['x.com', 'twitter'],
    ['netflix.com.example.org', undefined],
    ['com', undefined],
    ['', undefined],
    ['192.0.2.1', undefined],
  ])('%s is %s', (host, application) => {
    expect(rules.byHost(host)?.application).toBe(application)
  })

  test('has every application that the octets of a protocol betray', () => {
    const folder = join(import.meta.dirname, '../../../classifier/protocols')
    const betrayed = readdirSync(folder).flatMap((name) => {
      const code = readFileSync(join(folder, name), 'utf8')
      return [...code.matchAll(/\bapplication: (?:[^',}]*\? undefined : )?'([^']+)'/g)]
    })
    const names = new Set(betrayed.map(([, name = '']) => name))
    expect(names.size).toBeGreaterThan(20)
    // One without a number has none in an export (IE 95) either.
    expect([...names].filter((name) => rules.application(name) === undefined)).toEqual([])
  })

  test('shared prefixes are marked, and a longer one of a service wins', () => {
    const at = (text: string) => rules.byAddress(...requireAddress(text))
    expect(at('104.16.1.1')).toMatchObject({ application: 'cloudflare', isShared: true })
    expect(at('149.154.167.99')).toMatchObject({ application: 'telegram', isShared: false })
    expect(at('2606:4700:4700::1111')).toMatchObject({ application: 'cloudflare-dns' })
    expect(at('192.0.2.1')).toBeUndefined()
  })
})

describe("flowledger's own form", () => {
  const text = `# remark
[games]
chess "Chess" chess.example =exact.example *checkmate* /^play[0-9]+\\.example$/
  net 192.0.2.0/24
  shared 198.51.100.0/24
  when local_port == 7777 && protocol == 'tls';
  alias netify.chess-game
  is www.chess.example exact.example
  not below.exact.example
`
  test('names hosts, parts of them, patterns, prefixes and expressions', () => {
    const rules = load(text)
    expect(rules.application('chess')).toMatchObject({ title: 'Chess', category: 'games' })
    for (const host of ['a.chess.example', 'exact.example', 'mycheckmate.test', 'play7.example']) {
      expect(rules.byHost(host)?.application, host).toBe('chess')
    }
    for (const host of ['a.exact.example', 'play.example', 'achess.example']) {
      expect(rules.byHost(host), host).toBeUndefined()
    }
    expect(rules.byHost('a.chess.example')?.place.line).toBe(3)
    expect(rules.byAddress(...requireAddress('198.51.100.1'))?.isShared).toBe(true)
    const chess = flow({ local: { address: requireAddress('10.0.0.1'), port: 7777 } })
    expect(rules.bySoftRule(chess)).toMatchObject({ application: 'chess', place: { line: 6 } })
    expect(rules.bySoftRule(flow())).toBeUndefined()
    expect(rules.names.application('netify.chess-game')).toBe('chess')
  })

  test.each([
    ['[gamse]', '1:1: [gamse] is no category'],
    ['Chess chess.example', '1:1: A line begins with'],
    ['  net 192.0.2.0/24', '1:3: This belongs to no application.'],
    ['chess\n  nett 192.0.2.0/24', '2:3: "nett" is none of'],
    ['chess\n  net 192.0.2.1/24', '2:7: "192.0.2.1/24" is no address prefix'],
    ['chess exa_mple..com', '1:7: "exa_mple..com" is no name'],
    ['chess\n  when local_prt == 1', '2:8: There is no field local_prt. Did you mean local_port?'],
    ["chess\n  when app == 'chees'", '2:15: There is no application "chees". Did you mean chess?'],
    ['chess chess.example\n  is www.chess.test', '2:1: www.chess.test shall be chess'],
    ['chess chess.example\n  not a.chess.example', '2:1: a.chess.example shall not be chess'],
    ['chess /(a/', '1:1: The pattern cannot be used'],
    ['chess /(a{500}b{500}){9}/', '1:1: The pattern cannot be used'],
  ])('%j says where it is wrong', (wrong, message) => {
    expect(problems(wrong)[0]).toContain(message)
  })

  test('all that is wrong is said at once', () => {
    expect(problems('A\nB\nchess ..\n  oops\n')).toHaveLength(4)
  })
})

describe("Netify's forms", () => {
  const encoded = Buffer.from("app == 'netify.signal' && other_port == 3478;").toString('base64')
  const apps = `app:133:netify.netflix
app:200:netify.signal
app:7:netify.instagram
dom:133:netflix.example
dom:7:instagram.example
net:133:192.0.2.0/24
net:133:2001:db8::/32
xfm:^instagram\\.[0-9a-z\\.-]+\\.fbcdn\\.[a-z]+$:instagram.example
nsd:-1:78:${encoded}
`
  test('netify-apps.conf: applications, names, prefixes, rewritings, soft rules', () => {
    const rules = load(apps, 'netify-apps')
    expect(rules.application('netflix')).toMatchObject({ id: 133 })
    expect(rules.byHost('a.netflix.example')?.place.line).toBe(4)
    expect(rules.byHost('instagram.fxyz1-1.fna.fbcdn.net')?.application).toBe('instagram')
    expect(rules.byAddress(...requireAddress('2001:db8:1::1'))?.application).toBe('netflix')
    const soft = flow({ application: 'signal', other: { address: [0, 0, 0, 1], port: 3478 } })
    expect(rules.bySoftRule(soft)).toMatchObject({ application: undefined, protocol: 'stun' })
    expect(rules.names.application('133')).toBe('netflix')
  })

  test.each([
    ['dom:1:example.com', '1:1: There is no application 1 above this.'],
    ['app:0:netify.none', '1:1: An application is'],
    ['app:1:netify.a\nnsd:1:-1:!!!', '2:1: The expression is not base64'],
    [`app:1:netify.a\nnsd:1:-1:${Buffer.from('app = 1').toString('base64')}`, '2:5: A comparison'],
    ['app:1:netify.a\nnet:1:192.0.2.1/24', '2:1: "192.0.2.1/24" is no address prefix'],
    ['xfm:(a:b', '1:5: The pattern cannot be used'],
  ])('%j says where it is wrong', (wrong, message) => {
    expect(problems(wrong, 'netify-apps')[0]).toContain(message)
  })

  test('kinds of lines that are not known are passed over, and said', () => {
    const rules = load('app:1:netify.a\nwhat:1:2\n', 'netify-apps')
    expect(rules.warnings.map(({ line }) => line)).toEqual([2])
  })

  test('netify-sink.conf, with and without numbers', () => {
    const rules = load(
      `host:"^snapchat.example$",host:".snapchat.example$"@199.netify.snapchat
ip:192.0.2.0/24@netify.snapchat
`,
      'netify-sink'
    )
    expect(rules.byHost('app.snapchat.example')?.application).toBe('snapchat')
    expect(rules.application('snapchat')).toMatchObject({ id: 199 })
    expect(rules.byAddress(...requireAddress('192.0.2.9'))?.application).toBe('snapchat')
    expect(problems('host:"a.example"', 'netify-sink')[0]).toContain('1:1: A rule is entries')
    expect(problems('host:"a.example@netify.a', 'netify-sink')).toHaveLength(1)
  })

  test('categories', () => {
    const json = JSON.stringify({
      application_tag_index: { games: 12 },
      application_index: [[12, [133]]],
    })
    const rules = loadRules([
      { path: file('app:133:netify.chess\n', 'netify-apps.conf') },
      { path: file(json, 'netify-categories.json') },
    ])
    expect(rules.application('chess')?.category).toBe('games')
  })
})

describe('v2fly lists', () => {
  test('a directory: names, exact ones, parts, patterns, and what gathers them', () => {
    const directory = mkdtempSync(join(tmpdir(), 'flowledger-v2fly-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const write = (name: string, text: string): void => writeFileSync(join(directory, name), text)
    write('chess', 'chess.example @cn # remark\nfull:one.example\nkeyword:checkmate\n')
    write('go', 'domain:go.example\nregexp:^go[0-9]+\\.test$\ninclude:chess\n')
    write('category-games', 'include:chess\ninclude:go\nother.example\n')
    const rules = loadRules([{ path: directory }])
    expect(rules.byHost('a.chess.example')?.application).toBe('chess')
    expect(rules.byHost('one.example')?.application).toBe('chess')
    expect(rules.byHost('a.one.example')).toBeUndefined()
    expect(rules.byHost('go42.test')?.application).toBe('go')
    expect(rules.byHost('other.example')).toBeUndefined()
    expect(rules.application('go')?.category).toBe('games')
  })
})

test('a format is told by its name, and what cannot be read is said', () => {
  expect(formatOf('/etc/netify.d/netify-apps.conf')).toBe('netify-apps')
  expect(formatOf('/a/netify-sink.conf')).toBe('netify-sink')
  expect(formatOf('/a/data/netflix')).toBe('v2fly')
  expect(formatOf('/a/own.rules')).toBe('rules')
  expect(() => loadRules([{ path: '/nowhere/own.rules' }])).toThrow('/nowhere/own.rules:0:1')
})
