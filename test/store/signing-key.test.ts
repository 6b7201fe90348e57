import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listPublicKeys, openSigningKey, rotateSigningKey } from '../../store/signing-key.ts'
import { programMissing, skipUnless } from '../skip.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'flowledger-keys-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const modeOf = (name: string): string =>
  (statSync(join(dataDir, 'keys', name)).mode & 0o777).toString(8)

describe('the key that signs', () => {
  test('is made once, for its owner alone', async () => {
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => openSigningKey(dataDir)))
    for (const other of others) expect(other.id).toBe(first?.id)
    expect((await openSigningKey(dataDir)).id).toBe(first?.id)
    expect(['.', 'signing.pem'].map(modeOf)).toEqual(['700', '600'])
    const listed = await listPublicKeys(dataDir)
    expect(listed).toEqual([
      { id: first?.id, publicKey: first?.publicKey, validFromUs: expect.any(Number) as number },
    ])
  })

  test('makes way for another, and stays listed with its end', async () => {
    const old = await openSigningKey(dataDir)
    const next = await rotateSigningKey(dataDir)
    expect(next.id).not.toBe(old.id)
    expect((await openSigningKey(dataDir)).id).toBe(next.id)
    const [ended, inForce] = await listPublicKeys(dataDir)
    expect(ended).toMatchObject({ id: old.id, validToUs: inForce?.validFromUs })
    expect(inForce?.validToUs).toBeUndefined()
  })

  test('whose rotation was cut short is replaced, and signs no more', async () => {
    const old = await openSigningKey(dataDir)
    const pem = readFileSync(join(dataDir, 'keys', 'signing.pem'))
    await rotateSigningKey(dataDir)
    writeFileSync(join(dataDir, 'keys', 'signing.pem'), pem)
    const healed = await openSigningKey(dataDir)
    expect(healed.id).not.toBe(old.id)
    const inForce = (await listPublicKeys(dataDir)).filter((key) => key.validToUs === undefined)
    expect(inForce.map((key) => key.id)).toEqual([healed.id])
  })

  test.each([
    ['signing.pem', 'garbage'],
    ['public-keys.json', '[]'],
    ['public-keys.json', '{'],
  ])('is not made anew over a damaged %s', async (name, text) => {
    await openSigningKey(dataDir)
    writeFileSync(join(dataDir, 'keys', name), text)
    await expect(openSigningKey(dataDir)).rejects.toMatchObject({ code: 'key-unusable' })
    expect(readFileSync(join(dataDir, 'keys', name), 'utf8')).toBe(text)
  })

  const openssl = test.skipIf(skipUnless('program', programMissing('openssl')))
  openssl('signs as openssl checks, and has the fingerprint that it gives', async () => {
    const key = await openSigningKey(dataDir)
    const pem = join(dataDir, 'keys', 'signing.pem')
    const der = spawnSync('openssl', ['pkey', '-in', pem, '-pubout', '-outform', 'DER']).stdout
    const digest = spawnSync('openssl', ['dgst', '-sha256', '-r'], { input: der }).stdout
    expect(digest.toString().split(' ')[0]).toBe(key.id)
    const [text, signature, pub] = ['text', 'signature', 'pub.pem'].map((n) => join(dataDir, n))
    writeFileSync(text ?? '', 'evidence')
    writeFileSync(signature ?? '', Buffer.from(key.sign(Buffer.from('evidence')), 'hex'))
    spawnSync('openssl', ['pkey', '-in', pem, '-pubout', '-out', pub ?? ''])
    const options = [
      '-verify',
      '-pubin',
      '-rawin',
      '-inkey',
      pub,
      '-in',
      text,
      '-sigfile',
      signature,
    ]
    expect(spawnSync('openssl', ['pkeyutl', ...options.map(String)]).status).toBe(0)
  })
})
