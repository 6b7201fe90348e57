import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeVeil } from '../../appliance/capture/personal.ts'
import type { Classification } from '../../model/classification.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-personal-'))
afterAll(() => rmSync(folder, { recursive: true }))

const what = 'us04web.zoom.us meets zoom.us (own.rules:3)'
const found: Classification = {
  protocol: 'dns',
  application: 'zoom',
  confidence: 95,
  metadata: {
    hostname: 'us04web.zoom.us',
    dnsAnswers: ['us04web.zoom.us', '198.51.100.7'],
    userName: 'ada',
    tlsVersion: '1.3',
  },
  risks: ['odd-port'],
  evidence: [
    { source: 'host-rule', packet: 4, speaksFor: 'zoom', confidence: 95, what },
    { source: 'payload', packet: 1, speaksFor: 'dns', confidence: 90, what: 'query of ada' },
  ],
}
const secrets = /us04web|198\.51|"ada"|of ada/

test('is left as it is, left out, or made unreadable, in evidence too', () => {
  expect(makeVeil('keep', folder)(found)).toBe(found)

  const omitted = makeVeil('omit', folder)(found)
  expect(omitted).toMatchObject({ application: 'zoom', risks: ['odd-port'] })
  expect(omitted.metadata).toEqual({ tlsVersion: '1.3' })
  expect(omitted.evidence[0]?.what).toBe('[left out] meets zoom.us (own.rules:3)')
  expect(JSON.stringify(omitted)).not.toMatch(secrets)

  const veil = makeVeil('pseudonymise', folder)
  const hidden = veil(found)
  expect(hidden.metadata.hostname).toMatch(/^p-[0-9a-f]{20}$/)
  expect(hidden.metadata.dnsAnswers?.[0]).toBe(hidden.metadata.hostname)
  expect(JSON.stringify(hidden)).not.toMatch(secrets)
})

test('pseudonyms outlive a restart, by a key that nobody else reads', () => {
  const first = makeVeil('pseudonymise', folder)(found)
  expect(makeVeil('pseudonymise', folder)(found)).toEqual(first)
  const key = join(folder, 'pseudonym.key')
  expect(statSync(key).mode & 0o777).toBe(0o600)
  expect(readFileSync(key)).toHaveLength(32)
  const other = mkdtempSync(join(folder, 'other-'))
  const elsewhere = makeVeil('pseudonymise', other)(found)
  expect(elsewhere.metadata.hostname).not.toBe(first.metadata.hostname)
})

test('what has nothing personal is not copied', () => {
  const plain = { ...found, metadata: { tlsVersion: '1.2' } }
  expect(makeVeil('omit', folder)(plain)).toBe(plain)
})
