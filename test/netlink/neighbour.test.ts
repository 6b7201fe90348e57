import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatWords } from '../../model/address.ts'
import { decodeNeighbour, neighbourState } from '../../netlink/neighbour.ts'

/** A message as the kernel lays it out, apart from the code that is tested. */
function build(options: {
  family?: number
  ifindex?: number
  state?: number
  flags?: number
  attributes?: readonly (readonly [type: number, value: readonly number[]])[]
}): DataView {
  const { family = 2, ifindex = 3, state = neighbourState.reachable, flags = 0 } = options
  const body = Buffer.alloc(12)
  body.writeUInt8(family, 0)
  body.writeInt32LE(ifindex, 4)
  body.writeUInt16LE(state, 8)
  body.writeUInt8(flags, 10)
  const attributes = (options.attributes ?? []).map(([type, value]) => {
    const bytes = Buffer.alloc(4 + ((value.length + 3) & ~3))
    bytes.writeUInt16LE(4 + value.length, 0)
    bytes.writeUInt16LE(type, 2)
    Buffer.from(value).copy(bytes, 4)
    return bytes
  })
  const message = Buffer.concat([Buffer.alloc(16), body, ...attributes])
  return new DataView(message.buffer, message.byteOffset, message.length)
}

const v4 = [1, [10, 0, 0, 7]] as const
const mac = [2, [2, 0, 0, 0xaa, 0xbb, 1]] as const
const v6 = [1, [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 5]] as const
const cache = [3, [200, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0]] as const

function decode(view: DataView) {
  return decodeNeighbour(view, 0, view.byteLength)
}

describe('a neighbour', () => {
  test('of each family', () => {
    const four = decode(build({ attributes: [v4, mac, cache] }))
    expect(four).toMatchObject({
      ifindex: 3,
      state: neighbourState.reachable,
      mac: '02:00:00:aa:bb:01',
      confirmedAgoUs: 2e6,
    })
    const six = decode(build({ family: 10, attributes: [cache, v6] }))
    if (typeof four !== 'object' || typeof six !== 'object') throw new Error('refused')
    expect(formatWords(four.address)).toBe('10.0.0.7')
    expect(formatWords(six.address)).toBe('2001:db8::5')
    expect(six.mac).toBeUndefined()
  })

  test.each([
    ['of a bridge', build({ family: 7, attributes: [mac] })],
    ['that this host answers for', build({ flags: 8, attributes: [v4, mac] })],
    ['of a link without such addresses', build({ attributes: [v4, [2, [1, 2, 3, 4]]] })],
  ])('%s tells of no host', (_what, view) => {
    expect(decode(view)).toBeUndefined()
  })

  test.each([
    ['no body', new DataView(new ArrayBuffer(20)), 'message-length'],
    ['no address', build({ attributes: [mac] }), 'value-length'],
    ['an address of the other family', build({ family: 10, attributes: [v4] }), 'value-length'],
    ['a cache of one number', build({ attributes: [v4, [3, [1, 0, 0, 0]]] }), 'value-length'],
  ])('with %s is refused', (_what, view, reason) => {
    expect(decode(view)).toBe(reason)
  })

  test('whatever stands in it, nothing outside of it is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(2, 10), (octets, family) => {
        const bytes = Buffer.from(octets)
        if (bytes.length > 16) bytes[16] = family
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
        const entry = decodeNeighbour(view, 0, bytes.length)
        if (typeof entry !== 'object') return
        expect(entry.address).toHaveLength(4)
      })
    )
  })
})
