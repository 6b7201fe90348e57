import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { namespacesMissing, programMissing, skipUnless } from '../skip.ts'
import { shapes } from './flows.ts'

const child = fileURLToPath(new URL('./narrowed-child.ts', import.meta.url))
const missing = namespacesMissing() ?? programMissing('unshare')

describe.skipIf(skipUnless('kernel', missing))('a way that gets narrower', () => {
  test('longer messages are counted as not sent, and the next session has shorter ones', () => {
    const argv = ['-n', process.execPath, '--import', 'tsx', child]
    const seen = JSON.parse(execFileSync('unshare', argv, { encoding: 'utf8' })) as {
      before: number
      messages: number
      after: number
    }
    const records = 20 * shapes.length
    expect(seen).toMatchObject({ isDue: true, records, received: records, lost: 0 })
    expect(seen.messages).toBeGreaterThan(1)
    // IPv4's and UDP's headers have 28 octets of the 700.
    expect(seen.before).toBeGreaterThan(672)
    expect(seen.after).toBeLessThanOrEqual(672)
  })
})
