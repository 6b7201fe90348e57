import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { namedAttributes } from '../../../collector/identity/radius-attributes.ts'
import {
  checkRadius,
  decodeRadius,
  encodeResponse,
} from '../../../collector/identity/radius-packet.ts'
import type { RadiusPacket } from '../../../collector/identity/radius-packet.ts'
import { attribute, buildPacket, isAnswerTo } from './radius-sender.ts'

const secret = 'sixteen octets!!'
const key = Buffer.from(secret)

function decoded(bytes: Buffer): RadiusPacket {
  const packet = decodeRadius(bytes)
  if (typeof packet === 'string') throw new Error(packet)
  return packet
}

describe('packets', () => {
  test('attributes come out as they were put in, and padding is none of them', () => {
    const packet = buildPacket({ secret, attributes: [attribute(1, 'bob'), attribute(41, 3)] })
    const { code, attributes } = decoded(Buffer.concat([packet, Buffer.from('padding')]))
    expect(code).toBe(4)
    expect(attributes.map(({ type, value }) => [type, value.toString('hex')])).toEqual([
      [1, '626f62'],
      [41, '00000003'],
    ])
  })

  test.each([
    ['no packet at all', Buffer.alloc(0), 'short'],
    ['19 octets', Buffer.alloc(19), 'short'],
    ['more than 4096 octets', Buffer.alloc(4097), 'long'],
    ['a length below the header', header(19), 'length'],
    ['a length beyond the datagram', header(21), 'length'],
    ['an attribute without a length', header(21, 1), 'attribute-length'],
    ['an attribute of length 0', header(22, 1, 0), 'attribute-length'],
    ['an attribute of length 1', header(22, 1, 1), 'attribute-length'],
    ['an attribute beyond the packet', header(23, 1, 4, 0), 'attribute-length'],
  ])('%s is refused', (_what, datagram, reason) => {
    expect(decodeRadius(datagram)).toBe(reason)
  })

  test('no octets whatever make the decoder fail, nor read outside of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4200 }), fc.boolean(), (octets, lengthIsRight) => {
        const datagram = Buffer.from(octets)
        if (lengthIsRight && datagram.length >= 4) datagram.writeUInt16BE(datagram.length, 2)
        const packet = decodeRadius(datagram)
        if (typeof packet === 'string') return
        const octetsOf = packet.attributes.reduce((sum, { value }) => sum + value.length + 2, 20)
        expect(octetsOf).toBe(packet.bytes.length)
        expect(checkRadius(packet, key)).not.toBeUndefined()
        namedAttributes(packet.attributes)
      })
    )
  })
})

/** A packet that says its length is `length`, with what follows the header. */
function header(length: number, ...rest: number[]): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(20), Buffer.from(rest)])
  bytes.writeUInt16BE(length, 2)
  return bytes
}

describe('who signed', () => {
  const attributes = [attribute(40, 1), attribute(44, 's1')]

  test('the right secret is taken, with and without a Message-Authenticator', () => {
    for (const signed of [false, true]) {
      const packet = decoded(buildPacket({ secret, attributes, signed }))
      expect(checkRadius(packet, key)).toBeUndefined()
    }
  })

  test('another secret, and any octet that was changed on the way, are not', () => {
    const packet = buildPacket({ secret, attributes })
    expect(checkRadius(decoded(packet), Buffer.from('another'))).toBe('authenticator')
    for (let at = 4; at < packet.length; at++) {
      const changed = Buffer.from(packet)
      changed[at] = (changed[at] ?? 0) ^ 1
      const again = decodeRadius(changed)
      // A changed length of an attribute is seen before.
      if (typeof again === 'string') expect(again).toBe('attribute-length')
      else expect(checkRadius(again, key)).toBe('authenticator')
    }
  })

  test('a wrong Message-Authenticator spoils a packet that is right otherwise', () => {
    const wrong = [attribute(80, Buffer.alloc(16, 1)), ...attributes]
    expect(checkRadius(decoded(buildPacket({ secret, attributes: wrong })), key)).toBe(
      'message-authenticator'
    )
    const short = [attribute(80, Buffer.alloc(15))]
    expect(checkRadius(decoded(buildPacket({ secret, attributes: short })), key)).toBe(
      'message-authenticator'
    )
  })

  test('Status-Server needs one', () => {
    const status = { code: 12, secret }
    expect(checkRadius(decoded(buildPacket({ ...status, signed: true })), key)).toBeUndefined()
    expect(checkRadius(decoded(buildPacket(status)), key)).toBe('message-authenticator')
  })

  test('the response is signed for the request, and gives Proxy-State back as it came', () => {
    const states = [attribute(33, 'first'), attribute(33, 'second')]
    for (const signed of [false, true]) {
      const request = buildPacket({
        secret,
        identifier: 77,
        attributes: [...attributes, ...states],
        signed,
      })
      const response = encodeResponse(decoded(request), key)
      expect(isAnswerTo(response, request, secret)).toBe(true)
      expect(isAnswerTo(response, request, 'another')).toBe(false)
      const given = decoded(response).attributes.filter(({ type }) => type === 33)
      expect(given.map(({ value }) => value.toString())).toEqual(['first', 'second'])
    }
  })
})

describe('attributes by name', () => {
  const named = (...attributes: Buffer[]) => {
    const map = namedAttributes(decoded(buildPacket({ secret, attributes })).attributes)
    return map === undefined ? undefined : Object.fromEntries(map)
  }
  const v6 = '20010db8000100020000000000000003'

  test('each form', () => {
    expect(
      named(
        attribute(1, 'bob@example.net'),
        attribute(4, Buffer.from([192, 0, 2, 1])),
        attribute(8, Buffer.from([100, 64, 0, 5])),
        attribute(25, Buffer.from([0, 1, 255])),
        attribute(40, 3),
        attribute(95, Buffer.from(v6, 'hex')),
        attribute(97, Buffer.from(`0040${v6.slice(0, 16)}`, 'hex')),
        attribute(123, Buffer.from(`0038${v6}`, 'hex')),
        attribute(123, Buffer.from(`003020010db80007`, 'hex')),
        attribute(168, Buffer.from(v6, 'hex'))
      )
    ).toEqual({
      'User-Name': ['bob@example.net'],
      'NAS-IP-Address': ['192.0.2.1'],
      'Framed-IP-Address': ['100.64.0.5'],
      Class: ['0x0001ff'],
      'Acct-Status-Type': ['3'],
      'NAS-IPv6-Address': ['2001:db8:1:2::3'],
      'Framed-IPv6-Prefix': ['2001:db8:1:2::/64'],
      'Delegated-IPv6-Prefix': ['2001:db8:1:2::3/56', '2001:db8:7::/48'],
      'Framed-IPv6-Address': ['2001:db8:1:2::3'],
    })
  })

  test('the line of a subscriber is read from the vendor attribute, others are passed over', () => {
    const line = Buffer.concat([uint32(3561), attribute(1, 'dslam1 1/1/3'), attribute(2, 'sub-7')])
    expect(named(attribute(26, line), attribute(26, uint32(9)))).toEqual({
      'ADSL-Agent-Circuit-Id': ['dslam1 1/1/3'],
      'ADSL-Agent-Remote-Id': ['sub-7'],
    })
    const broken = Buffer.concat([uint32(3561), Buffer.from([1, 200, 0])])
    expect(named(attribute(26, broken), attribute(26, ''), attribute(1, 'bob'))).toEqual({
      'User-Name': ['bob'],
    })
  })

  test.each([
    ['an address of three octets', attribute(8, Buffer.from([1, 2, 3]))],
    ['a number of two octets', attribute(41, Buffer.from([0, 1]))],
    ['a prefix of 129 bits', attribute(97, Buffer.from(`0081${v6}`, 'hex'))],
    ['a prefix without a length', attribute(123, Buffer.from([0]))],
    ['a prefix of 17 octets', attribute(97, Buffer.from(`0080${v6}00`, 'hex'))],
  ])('%s spoils the packet', (_what, wrong) => {
    expect(named(attribute(40, 1), wrong)).toBeUndefined()
  })
})

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
