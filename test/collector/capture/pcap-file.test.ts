import { describe, expect, test } from 'vitest'
import { pcap, pcapng, readAll } from './build.ts'
import type { Shot } from './build.ts'

const shots: Shot[] = [
  { octets: Uint8Array.of(1, 2, 3), timeUs: 1_700_000_000_000_001 },
  { octets: new Uint8Array(1501).fill(9), timeUs: 1_700_000_000_999_999, wireLength: 9000 },
  { octets: new Uint8Array(0), timeUs: 1_700_000_001_000_000 },
]

function framesOf(file: Uint8Array, step?: number): object[] {
  const frames: object[] = []
  const summary = readAll(
    file,
    ({ buffer, at, end, timeUs, wireLength, linkType }) => {
      const octets = Buffer.from(buffer.subarray(at, end)).toString('hex')
      frames.push({ octets, timeUs, wireLength, linkType })
    },
    step
  )
  expect(summary).toMatchObject({ frames: frames.length, damage: undefined })
  return frames
}

const expected = shots.map(({ octets, timeUs, wireLength = octets.length }) => ({
  octets: Buffer.from(octets).toString('hex'),
  timeUs,
  wireLength,
  linkType: 113,
}))

describe.each([true, false])('little endian: %s', (little) => {
  test.each([true, false])('pcap is read, with ns: %s', (nano) => {
    expect(framesOf(pcap(shots, { little, nano, linkType: 113 }))).toEqual(expected)
  })

  test.each([6, 9])('pcapng is read, with a clock of 10^-%s s', (resolution) => {
    const frames = framesOf(pcapng(shots, { little, resolution, linkType: 113 }))
    // 2^64 ns do not fit into a double: a fraction of a microsecond is lost.
    const times = frames.map((frame) => Math.round((frame as Shot).timeUs))
    expect(times).toEqual(expected.map(({ timeUs }) => timeUs))
    expect(frames).toMatchObject(expected.map(({ octets, wireLength }) => ({ octets, wireLength })))
  })

  test.each([1, 7, 23])('%s octets at a time give the same', (step) => {
    expect(framesOf(pcap(shots, { little, linkType: 113 }), step)).toEqual(expected)
    expect(framesOf(pcapng(shots, { little, linkType: 113 }), step)).toEqual(expected)
  })
})

describe('damage', () => {
  const whole = { pcap: pcap(shots), pcapng: pcapng(shots) }

  test.each(['pcap', 'pcapng'] as const)('a %s file cut anywhere gives what was whole', (form) => {
    let most = 0
    for (let length = 0; length < whole[form].length; length += 11) {
      const summary = readAll(whole[form].subarray(0, length), () => {})
      expect(summary.frames).toBeGreaterThanOrEqual(most)
      most = summary.frames
    }
    expect(most).toBe(shots.length - 1)
  })

  test.each(['pcap', 'pcapng'] as const)('a %s file with changed octets never throws', (form) => {
    for (let at = 0; at < 140; at += 2) {
      for (const octet of [0, 0xff]) {
        const file = whole[form].slice()
        file[at] = octet
        expect(readAll(file, () => {}).frames).toBeLessThanOrEqual(100)
      }
    }
  })

  test('says what and where', () => {
    expect(readAll(Uint8Array.of(1, 2, 3, 4, 5), () => {}).damage).toBe('not-a-capture')
    const long = pcap(shots)
    new DataView(long.buffer).setUint32(24 + 16 + 3 + 8, 0x7fffffff, true)
    const summary = readAll(long, () => {})
    expect(summary).toMatchObject({ frames: 1, damage: 'record-too-long', damagedAt: 43 })
  })
})
