import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { spoolIdentity } from '../../store/spool-identity.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-identity-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a source is called as configured, else as its host, and stays so', () => {
  const host = spoolIdentity(join(folder, 'host'))
  expect(host.source).toBe(hostname())
  const named = spoolIdentity(join(folder, 'named'), 'conntrack', 'gw1')
  expect(named.source).toBe('gw1')
  expect(spoolIdentity(join(folder, 'named'), 'conntrack', 'gw1')).toEqual(named)
  expect(spoolIdentity(join(folder, 'named'))).toEqual(named)
  const heard = spoolIdentity(join(folder, 'syslog'), 'syslog', 'gw1')
  expect(heard.source).toBe('gw1 syslog')
})

test('a spool is never written to the ledger under a second name', () => {
  spoolIdentity(join(folder, 'one'), 'conntrack', 'gw1')
  expect(() => spoolIdentity(join(folder, 'one'), 'conntrack', 'gw2')).toThrow(
    /spool of source "gw1"/
  )
})

test('it is there whole, alone, and one that is empty is said to be no identity', () => {
  spoolIdentity(join(folder, 'whole'))
  expect(readdirSync(join(folder, 'whole'))).toEqual(['identity.json'])
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(folder, 'empty', 'identity.json'), '')
  expect(() => spoolIdentity(join(folder, 'empty'))).toThrow(/is not what flowledger wrote/)
})
