import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { tsxLoader } from '../../cli/demo/endpoint-control.ts'
import { cleanEnvironment } from '../../cli/demo/self.ts'
import { addNamespace, namespacePrefix, removeNamespace } from '../../cli/demo/namespaces.ts'
import { NflogReader } from '../../netlink/nflog.ts'
import { namespacesMissing, skipUnless } from '../skip.ts'

/** A message of one packet, laid out by linux/netfilter/nfnetlink_log.h. */
function message(sequence: number): DataView {
  const bytes = Buffer.alloc(16 + 4 + 8 + 8)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(0x400, 4)
  bytes.writeUInt16LE(8, 20)
  bytes.writeUInt16LE(12, 22)
  bytes.writeUInt32BE(sequence, 24)
  bytes.writeUInt16LE(8, 28)
  bytes.writeUInt16LE(9, 30)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function countersAfter(...sequences: readonly number[]) {
  const reader = new NflogReader()
  for (const sequence of sequences) reader.read(message(sequence), 0, 36, () => {})
  return reader.counters
}

describe('numbers of packets', () => {
  test.each([
    ['that follow each other', [0, 1, 2], { packets: 3, lost: 0, malformed: 0 }],
    ['with a gap', [0, 1, 5], { packets: 3, lost: 3, malformed: 0 }],
    ['of which the first are missing', [7], { packets: 1, lost: 7, malformed: 0 }],
    ['that go back are not four thousand million lost', [5, 3, 4], { lost: 5, malformed: 1 }],
  ])('%s', (_what, sequences, counted) => {
    expect(countersAfter(...sequences)).toMatchObject(counted)
  })

  test('go on after the last of 32 bits', () => {
    const half = [0x7fff_fffe, 0xffff_fffd, 2]
    const { lost } = countersAfter(...half)
    expect(lost).toBe(2 ** 32 + 3 - half.length)
  })

  test('nobody wants yet are lost', () => {
    const reader = new NflogReader()
    reader.read(message(0), 0, 36)
    reader.read(message(1), 0, 36, () => {})
    expect(reader.counters).toEqual({ packets: 1, lost: 1, malformed: 0 })
  })
})

interface Counted {
  readonly rule: number
  readonly packets: number
  readonly lost: number
  readonly overruns: number
}

describe.skipIf(skipUnless('kernel', namespacesMissing()))('a group of the kernel', () => {
  test('whose buffer is full: what is lost is what the rule counted and did not come', () => {
    const name = `${namespacePrefix()}-nflog`
    addNamespace(name)
    try {
      const file = fileURLToPath(new URL('./nflog-child.ts', import.meta.url))
      const argv = ['netns', 'exec', name, process.execPath, '--import', tsxLoader(), file]
      const out = execFileSync('ip', argv, { encoding: 'utf8', env: cleanEnvironment() })
      const { burst, next, closed, payloads, afterRoom } = JSON.parse(out) as Record<
        'burst' | 'next' | 'closed',
        Counted
      > & { payloads: number[]; afterRoom: number }
      expect(afterRoom).toBe(0)
      expect(burst.rule).toBe(1000)
      expect(burst.overruns).toBeGreaterThan(0)
      expect(burst.packets).toBeGreaterThan(0)
      // The end of the burst was dropped, and nothing has come behind it.
      expect(burst.packets + burst.lost).toBeLessThan(1000)
      expect(next.rule).toBe(1001)
      expect(next.lost).toBeGreaterThan(0)
      expect(next.lost).toBe(next.rule - next.packets)
      expect(payloads).toHaveLength(next.packets)
      expect(payloads.at(-1)).toBe(1000)
      expect(closed).toEqual(next)
    } finally {
      removeNamespace(name)
    }
  })
})
