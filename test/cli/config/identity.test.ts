import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { dumpConfig } from '../../../cli/config/dump.ts'
import { loadConfig } from '../../../cli/config/load.ts'
import { FlowledgerError } from '../../../model/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-identity-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function load(identity: string) {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, `collector:\n  identity:\n${identity}\n`)
  return loadConfig({ config: file }, {})
}

function problems(identity: string): string {
  try {
    load(identity)
  } catch (error) {
    expect(error).toBeInstanceOf(FlowledgerError)
    return (error as FlowledgerError).message
  }
  throw new Error('the configuration was taken')
}

const client = '{ name: bng1, prefix: 192.0.2.7, secret: "x y" }'

describe('collector.identity', () => {
  test('left out: the neighbours, where permitted; an empty list: nothing', () => {
    const { config } = loadConfig({}, {}, join(folder, 'absent.yaml'))
    expect(config.collector.identity).toEqual([{ kind: 'neighbours', auto: true }])
    expect(load('    []').config.collector.identity).toEqual([])
  })

  test('each kind of source', () => {
    const { config } = load(`
    - { kind: dhcpd, path: /var/lib/dhcp/dhcpd.leases }
    - { kind: logins, path: /var/log/vpn, tz: Europe/Berlin, pattern: "a{user}" }
    - { kind: neighbours, interfaces: [lan0] }
    - kind: radius
      name: bngs
      listen: "192.0.2.1:1813"
      clients:
        - ${client}
        - { name: bng2, prefix: "2001:db8::/32", secret_file: /etc/flowledger/bng2 }
`)
    expect(config.collector.identity).toMatchObject([
      { kind: 'dhcpd', path: '/var/lib/dhcp/dhcpd.leases' },
      { kind: 'logins', patterns: ['a{user}'], zone: { kind: 'name', name: 'Europe/Berlin' } },
      { kind: 'neighbours', auto: false, interfaces: ['lan0'] },
      {
        kind: 'radius',
        name: 'bngs',
        listen: '192.0.2.1:1813',
        clients: [
          { name: 'bng1', secret: 'x y', prefix: { length: 128 } },
          { name: 'bng2', secretFile: '/etc/flowledger/bng2', prefix: { length: 32 } },
        ],
      },
    ])
  })

  test.each([
    ['    - { kind: dhcp, path: /x }', /identity\.0\.kind must be one of dhcpd, kea/],
    ['    - { kind: dhcpd }', /identity\.0\.path must be the path of a file/],
    ['    - { kind: dhcpd, path: leases }', /must be an absolute path/],
    ['    - { kind: dhcpd, path: /x, tz: CET }', /must be a zone such as Europe\/Berlin/],
    ['    - { kind: dhcpd, path: /x, pfad: /y }', /unknown key collector\.identity\.0\.pfad/],
    ['    - { kind: radius, clients: [] }', /clients must name who may send/],
    ['    - { kind: radius, clients: [{ name: a, prefix: 10.0.0.1 }] }', /either secret_file or/],
    [`    - { kind: radius, listen: "1813", clients: [${client}] }`, /must be ADDRESS:PORT/],
    ['    - { kind: radius, clients: [{ name: a, prefix: 10.1.0.0/8, secret: x }] }', /prefix/],
    ['    - { kind: dhcpd, path: /x }\n    - { kind: dhcpd, path: /x }', /stands there twice/],
    ['    - dhcpd', /must be a section with keys/],
  ])('%s is refused', (identity, sentence) => {
    expect(problems(identity)).toMatch(sentence)
  })

  test('what is shown has no secret in it', () => {
    const dump = dumpConfig(load(`    - { kind: radius, clients: [${client}] }`))
    expect(dump).toContain('bng1')
    expect(dump).not.toContain('x y')
  })
})
