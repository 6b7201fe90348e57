import { createCipheriv } from 'node:crypto'
import { certificateOf } from '../../../classifier/wire/certificate.ts'
import { readDns } from '../../../classifier/wire/dns-message.ts'
import { fingerprintsOf, ja3sOf } from '../../../classifier/wire/fingerprints.ts'
import { readHead } from '../../../classifier/wire/http-head.ts'
import { initialKeys, openInitial } from '../../../classifier/wire/quic-initial.ts'
import { cryptoFrames, longPacketAt } from '../../../classifier/wire/quic-packet.ts'
import { quicVersion } from '../../../classifier/wire/quic-versions.ts'
import { readClientHello, readServerHello } from '../../../classifier/wire/tls-hello.ts'
import { readRecords } from '../../../classifier/wire/tls-records.ts'
import { readUtp } from '../../../classifier/wire/utp.ts'
import { Bytes } from '../../../model/bytes.ts'
import { samplesOf } from '../engine/read-samples.ts'
import { certificate } from '../../classifier/protocols/tls-talk.ts'
import { hex, latin1 } from '../../classifier/protocols/talk.ts'
import { octetsFrom, octetsLike } from '../engine/arbitrary.ts'
import type { Dice } from '../engine/dice.ts'
import { mutated, seedsOf } from '../engine/mutate-octets.ts'
import { holds, octetsTarget } from '../engine/target.ts'

/** What an element of DER may be (ITU-T X.690 §8.1.2): the tags of certificates, and odd ones. */
const tags = [0x30, 0x31, 2, 3, 4, 5, 6, 0xc, 0x13, 0x17, 0x18, 0xa0, 0xa3, 0x82, 0x1f, 0xff]

const lengthOf = (dice: Dice, length: number): number[] => {
  const told = dice.chance(12) ? length + dice.below(7) - 3 : length
  const value = Math.max(0, told)
  if (dice.chance(40)) return [0x80]
  if (value < 128 && !dice.chance(10)) return [value]
  return value < 256 ? [0x81, value] : [0x82, value >> 8, value & 255]
}

/** A tree of elements within elements, with the parts of a real certificate for leaves. */
function derTree(dice: Dice, leaves: readonly Uint8Array[], depth: number): Uint8Array {
  if (depth === 0 || dice.chance(3)) return dice.pick(leaves)
  const count = dice.below(dice.chance(20) ? 80 : 8)
  const inside = Buffer.concat(
    Array.from({ length: count }, () => derTree(dice, leaves, depth - 1))
  )
  const body = inside.subarray(0, 6000)
  return Buffer.concat([Buffer.from([dice.pick(tags), ...lengthOf(dice, body.length)]), body])
}

const whole = Uint8Array.from(
  Buffer.from(certificate.replaceAll(/-----[^-]*-----|\s/g, ''), 'base64')
)
/** Every element of the certificate that begins with a tag of a certificate. */
const parts = [...whole.keys()]
  .filter((at) => tags.includes(whole[at] ?? 0) && (whole[at + 1] ?? 255) < 128)
  .map((at) => whole.subarray(at, at + 2 + (whole[at + 1] ?? 0)))
const certificates = seedsOf([whole, whole.subarray(4)])
const inCertificate = (dice: Dice): Uint8Array => {
  if (dice.chance(2)) return mutated(dice, certificates)
  const leaves = [...parts, new Uint8Array(dice.length(20))]
  // Deep ones are long, and take the time of dozens of others.
  const tree = derTree(dice, leaves, 1 + dice.below(dice.chance(8) ? 6 : 3))
  return Buffer.concat([Buffer.from([0x30, ...lengthOf(dice, tree.length)]), tree])
}

const octetsOf = (name: string): Uint8Array[] =>
  (samplesOf.get(name) ?? []).flatMap(({ said }) =>
    said.map(([, octets]) => (typeof octets === 'string' ? latin1(octets) : octets))
  )

const dnsNames = ['03777777c00c', 'c00c', '00', '3f', 'c0ff', '07 6578616d706c65 03 6f7267 00'].map(
  hex
)
const dnsRecords = [
  'c00c 0001 0001 0000012c 0004 c6336407',
  'c00c 001c 0001 0000012c 0010 20010db8000000000000000000000001',
  'c00c 0005 0001 0000012c 0006 03 777777 c00c',
  'c00c 0041 0001 0000012c 0010 0001 00 0001 0006 026832 026833 0004 0000',
].map(hex)

/** Client's first packets: hellos in CRYPTO frames (RFC 9000 §19.6), sealed as RFC 9001 says. */
const hellos = octetsOf('tls').filter((octets) => octets[0] === 22 && octets[5] === 1)
const helloSeeds = seedsOf(hellos.map((octets) => octets.subarray(5)))
const varint = (value: number): number[] => [0x40 | ((value >> 8) & 0x3f), value & 255]
const known = quicVersion(1)
const id = hex('8394c8f03e515708')
const keys = initialKeys(known ?? raise(), known?.salt ?? '', id)

function raise(): never {
  throw new Error('there is no version 1')
}

/** Frames: pieces of a hello at their places, acknowledgements, padding, and what is none. */
function frames(dice: Dice): Uint8Array {
  const hello = dice.chance(4) ? mutated(dice, helloSeeds) : dice.pick(helloSeeds.all)
  const list: Uint8Array[] = []
  for (let at = 0; at < hello.length && list.length < 40;) {
    const part = hello.subarray(at, at + dice.length(hello.length))
    const place = dice.chance(10) ? dice.below(0x3fff) : at
    list.push(Buffer.from([6, ...varint(place), ...varint(part.length), ...part]))
    if (dice.chance(6)) list.push(Buffer.from([2, 5, 0, dice.below(4), 0, 1, 1]))
    if (dice.chance(6)) list.push(new Uint8Array(dice.length(20)))
    at += part.length
  }
  const all = [Buffer.concat(dice.chance(3) ? list.toReversed() : list)]
  // To find what looks like lengths takes longer than all of a burst.
  return mutated(dice, dice.chance(8) ? seedsOf(all) : { all, fields: [], words: [] })
}

/** A packet with these frames; the number's length is that of the packet that is told (0 to 3). */
function seal(plainFrames: Uint8Array, lengthCode: number): Uint8Array {
  const numberBytes = 1 + (lengthCode & 3)
  const plain = Buffer.concat([plainFrames.subarray(0, 1400), new Uint8Array(4)])
  const length = numberBytes + plain.length + 16
  const head = [0xc0 | (numberBytes - 1), 0, 0, 0, 1, 8, ...id, 0, 0, ...varint(length)]
  const header = Buffer.from([...head, ...Array.from({ length: numberBytes }, () => 0)])
  const cipher = createCipheriv('aes-128-gcm', keys.key, keys.iv)
  cipher.setAAD(header)
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  const sample = sealed.subarray(4 - numberBytes, 20 - numberBytes)
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).update(sample)
  header[0] = (header[0] ?? 0) ^ ((mask[0] ?? 0) & 15)
  for (let i = 0; i < numberBytes; i++) {
    const at = header.length - numberBytes + i
    header[at] = (header[at] ?? 0) ^ (mask[i + 1] ?? 0)
  }
  return Buffer.concat([header, sealed])
}

/** Of the first octet of an input: the rest is a packet, not frames that are to be sealed. */
const asItIs = 4
const quicSeeds = seedsOf(octetsOf('quic'))

/** Every Initial packet of a datagram is opened, and its frames are read; true where one was. */
function openAll(datagram: Uint8Array): boolean {
  const bytes = new Bytes(datagram)
  let isOpen = false
  for (let at = 0, packets = 0; packets < 8; packets++) {
    const packet = longPacketAt(bytes, at)
    if (packet === undefined) break
    holds(packet.end > at, 'a packet ends behind its beginning')
    const inside = openInitial(bytes, at, packet.numberAt, packet.end, keys)
    if (inside !== undefined) {
      isOpen = true
      cryptoFrames(inside, (offset, octets) => {
        holds(offset >= 0 && octets.length <= datagram.length, 'a frame lies in its packet')
      })
    }
    at = packet.end
  }
  return isOpen
}

export const wireTargets = [
  octetsTarget({
    name: 'x509',
    decoders: ['classifier/wire/certificate.ts', 'classifier/wire/der.ts'],
    inputs: octetsFrom(inCertificate, parts),
    run(input) {
      const read = certificateOf(new Bytes(input))
      if (read === undefined) return
      const { names, subject, issuer, notAfter = 0 } = read
      holds(names.length <= 100, 'names are bounded')
      holds(subject.length + issuer.length <= 2 * input.length + 200, 'texts are bounded')
      holds(!Number.isNaN(notAfter), 'a time is a number')
      if (input.length % 8 !== 0) return
      holds(certificateOf(new Bytes(whole))?.names.length === 2, 'a sound one is read behind it')
    },
  }),
  octetsTarget({
    name: 'dns',
    decoders: ['classifier/wire/dns-message.ts'],
    inputs: octetsLike(
      octetsOf('dns').filter(({ length }) => length > 12),
      [...dnsNames, ...dnsRecords]
    ),
    run(input) {
      for (const letters of ['ascii', 'utf8'] as const) {
        const read = readDns(new Bytes(input), letters)
        holds(JSON.stringify(read ?? '').length <= 40_000, 'what is read is bounded')
      }
    },
  }),
  octetsTarget({
    name: 'tls-hello',
    decoders: [
      'classifier/wire/tls-hello.ts',
      'classifier/wire/tls-records.ts',
      'classifier/wire/fingerprints.ts',
    ],
    inputs: octetsLike(octetsOf('tls')),
    run(input) {
      const records = readRecords(new Bytes(input))
      for (const body of [new Bytes(input, Math.min(9, input.length)), records?.handshake]) {
        if (body === undefined) continue
        const client = readClientHello(body) ?? readClientHello(body, true)
        if (client !== undefined) fingerprintsOf(client, 't')
        const server = readServerHello(body)
        if (server !== undefined) holds(ja3sOf(server).length === 32, 'a fingerprint is an MD5')
      }
    },
  }),
  octetsTarget({
    name: 'quic',
    decoders: ['classifier/wire/quic-initial.ts', 'classifier/wire/quic-packet.ts'],
    inputs: octetsFrom((dice) => {
      if (dice.chance(3)) return Buffer.concat([Buffer.of(asItIs), mutated(dice, quicSeeds)])
      return Buffer.concat([Buffer.of(dice.below(asItIs)), frames(dice)])
    }),
    run(input) {
      const [first = asItIs] = input
      const rest = input.subarray(1)
      if (first >= asItIs) openAll(rest)
      else if (rest.length % 8 === 0) {
        holds(openAll(seal(rest, first)), 'what was sealed is opened')
      } else {
        // As what was opened is read: to seal it takes ten times as long as to read it.
        cryptoFrames(new Bytes(rest), (offset, octets) => {
          holds(offset >= 0 && octets.length <= rest.length, 'a frame lies in its packet')
        })
      }
    },
  }),
  octetsTarget({
    name: 'http-head',
    decoders: ['classifier/wire/http-head.ts', 'classifier/wire/text-lines.ts'],
    inputs: octetsLike([...octetsOf('http'), ...octetsOf('rtsp'), ...octetsOf('sip')]),
    run(input) {
      const head = readHead(new Bytes(input))
      if (head === undefined) return
      holds(head.end <= input.length, 'a head lies in what came')
      for (const name of ['host', 'user-agent', 'content-type', 'upgrade']) {
        holds((head.fields.get(name) ?? '').length <= 8192, 'a field is bounded')
      }
    },
  }),
  octetsTarget({
    name: 'utp',
    decoders: ['classifier/wire/utp.ts'],
    inputs: octetsLike(octetsOf('bittorrent')),
    run(input) {
      readUtp(new Bytes(input))
    },
  }),
]
