import { describe, expect, test } from 'vitest'
import { Blocks } from './blocks.ts'
import { readAll } from './build.ts'

/** Frames as `octets link type interface time`, and what reading came to. */
function read(...files: readonly Uint8Array[]) {
  const frames: string[] = []
  const file = Uint8Array.from(Buffer.concat(files))
  const summary = readAll(file, ({ buffer, at, end, linkType, interfaceIndex, timeUs }) => {
    const octets = Buffer.from(buffer.subarray(at, end)).toString('hex')
    frames.push([octets, linkType, interfaceIndex, Math.round(timeUs)].join(' '))
  })
  return { frames, summary }
}

const a = Uint8Array.of(0xaa, 1)
const b = Uint8Array.of(0xbb, 2, 3)
const ten = Uint8Array.of(0x31)

describe.each([true, false])('little endian: %s', (little) => {
  const section = (): Blocks => new Blocks(little)

  test('interfaces have their own link type and clock', () => {
    const blocks = section()
    const name = Uint8Array.from(Buffer.from('eth0'))
    blocks
      .interface(1, [[2, name]])
      .interface(113, [[9, Uint8Array.of(9)]])
      .interface(101, [[9, Uint8Array.of(0x80 | 10)]])
      .interface(0, [[14, blocks.long(1_700_000_000n)]])
      .interface(239, [
        [9, Uint8Array.of(0)],
        [14, blocks.long(-5n)],
      ])
      .packet(a, 0, 5n)
      .packet(a, 1, 5000n)
      .packet(b, 2, 2048n)
      .packet(a, 3, 7n)
      .packet(b, 4, 9n)
    expect(read(blocks.octets)).toMatchObject({
      frames: [
        'aa01 1 0 5',
        'aa01 113 1 5',
        'bb0203 101 2 2000000',
        'aa01 0 3 1700000000000007',
        'bb0203 239 4 4000000',
      ],
      summary: { damage: undefined },
    })
  })

  test('simple and old packets are read', () => {
    const blocks = section().interface(1, [], 2).simple(a).simple(b.subarray(0, 2), 3)
    expect(read(blocks.oldPacket(b, 0, 8n).octets).frames).toEqual([
      'aa01 1 0 0',
      'bb02 1 0 0',
      'bb0203 1 0 8',
    ])
  })

  test('a packet without a time, or with one that no clock shows, has that of the one before', () => {
    const blocks = section()
    const late = blocks.long(0x7f7f_7f7f_7f7f_7f7fn)
    blocks
      .interface(1)
      .interface(1, [[14, late]])
      .interface(1, [[14, blocks.long(-10n)]])
      .packet(a, 0, 5n)
      .simple(b)
      .packet(a, 1, 6n)
      .packet(a, 2, 7n)
      .packet(a, 0, 0xffff_ffff_ffff_ffffn)
    const { frames } = read(blocks.octets)
    expect(frames.map((frame) => frame.split(' ')[3])).toEqual(['5', '5', '5', '5', '5'])
  })

  test('names, statistics, comments, secrets and what nobody knows are passed over', () => {
    const comment = [[1, ten]] as const
    const blocks = section().interface(1)
    for (const type of [4, 5, 9, 10, 0xbad, 0x40000bad, 0x80000001]) {
      blocks.block(type, new Uint8Array(40)).packet(a, 0, 1n, comment)
    }
    const { frames, summary } = read(blocks.octets)
    expect(frames).toEqual(Array.from({ length: 7 }, () => 'aa01 1 0 1'))
    expect(summary).toMatchObject({ frames: 7, otherBlocks: 9, damage: undefined })
  })

  test('sections follow one another in either byte order, with interfaces of their own', () => {
    const first = section().interface(1).interface(113).packet(a, 1, 3n).octets
    const second = new Blocks(!little).interface(101).packet(b, 0, 4n).octets
    expect(read(first, second, first)).toMatchObject({
      frames: ['aa01 113 1 3', 'bb0203 101 0 4', 'aa01 113 1 3'],
      summary: { damage: undefined },
    })
  })

  test('what is before a cut in the last block is read', () => {
    const file = section().interface(1).packet(a, 0, 3n).packet(b, 0, 4n).octets
    for (let missing = 1; missing < 36; missing++) {
      const { frames, summary } = read(file.subarray(0, file.length - missing))
      expect(frames).toEqual(['aa01 1 0 3'])
      expect(summary).toMatchObject({ damage: 'cut-off', damagedAt: file.length - 36 })
    }
  })

  test('packets of an interface that nobody described are counted, and the others read', () => {
    const early = section().simple(b).packet(b, 0, 1n).interface(1).packet(a, 0, 2n)
    const { frames, summary } = read(early.packet(b, 1).oldPacket(b, 7, 3n).packet(a, 0, 4n).octets)
    expect(frames).toEqual(['aa01 1 0 2', 'aa01 1 0 4'])
    expect(summary).toMatchObject({ frames: 2, undescribed: 4, damage: undefined })
  })
})
