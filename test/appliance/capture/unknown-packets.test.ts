import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UnknownPackets } from '../../../appliance/capture/unknown-packets.ts'
import { Classifier } from '../../../classifier/classifier.ts'
import { protocols } from '../../../classifier/protocols.ts'
import { PacketDecoder } from '../../../collector/capture/decoder.ts'
import { emptyFrame } from '../../../collector/capture/frame.ts'
import type { Frame } from '../../../collector/capture/frame.ts'
import { readCaptureFile } from '../../../collector/capture/pcap-file.ts'
import { hex } from '../../classifier/protocols/talk.ts'

/** An IPv4 packet with a datagram (RFC 791, RFC 768; checksums are 0, which nobody looks at). */
function datagram(from: number, to: number, payload: Uint8Array): Frame {
  const octets = new Uint8Array(28 + payload.length)
  const view = new DataView(octets.buffer)
  octets.set([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17])
  view.setUint16(2, octets.length)
  octets.set(from < to ? [198, 51, 100, 1, 192, 0, 2, 1] : [192, 0, 2, 1, 198, 51, 100, 1], 12)
  view.setUint16(20, from)
  view.setUint16(22, to)
  view.setUint16(24, 8 + payload.length)
  octets.set(payload, 28)
  const wireLength = octets.length
  return Object.assign(emptyFrame(octets), { end: wireLength, wireLength, linkType: 101 })
}

const odd = (n: number) => hex(`f7e3 aa${n.toString(16).padStart(2, '0')} 0000 0001 99`)
/** A question of DNS for a.test (RFC 1035 §4.1). */
const question = hex('1234 0100 0001 0000 0000 0000 01 61 04 74657374 00 0001 0001')

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flowledger-unknown-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Classifies frames, and keeps packets of what nothing recognised. */
function keep(frames: readonly Frame[], options: { packets?: number; fileOctets?: number } = {}) {
  const { packets = 20, fileOctets = 1 << 20 } = options
  const config = { directory: join(directory, 'kept'), maxOctets: 4 * fileOctets, fileOctets }
  const warnings: string[] = []
  const kept = new UnknownPackets({ ...config, packets }, 1600, (text) => warnings.push(text))
  const classifier = new Classifier(protocols, {
    ended: (flow) => kept.ended(flow),
    decided: (flow) => kept.decided(flow),
    unrecognised: (flow) => kept.unrecognised(flow),
  })
  let read = frames[0]
  const decoder = new PacketDecoder((packet) => {
    const flow = classifier.take(packet)
    if (read !== undefined) kept.saw(flow, read)
  })
  for (const [n, frame] of frames.entries()) {
    read = frame
    frame.timeUs = 1.7e15 + n * 1000
    decoder.decode(frame)
  }
  classifier.finish()
  kept.close()
  return { kept, warnings }
}

const files = () => readdirSync(join(directory, 'kept')).sort()

/** Payloads of the frames that are in the files. */
function payloads(): string[] {
  const found: string[] = []
  for (const name of files()) {
    const { damage } = readCaptureFile(join(directory, 'kept', name), ({ buffer, at, end }) =>
      found.push(Buffer.from(buffer.subarray(at + 28, end)).toString('hex'))
    )
    expect(damage).toBeUndefined()
  }
  return found
}

const text = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

describe('packets of what nothing recognised', () => {
  test('are kept from the first, also those after the verdict; what has a name is not', () => {
    const { kept } = keep([
      datagram(40_000, 31_999, odd(1)),
      datagram(40_001, 53, question),
      datagram(31_999, 40_000, odd(2)),
      datagram(40_000, 31_999, odd(3)),
    ])
    expect(payloads()).toEqual([text(odd(1)), text(odd(2)), text(odd(3))])
    expect(kept.counts).toEqual({ flows: 1, packets: 3, failed: 0, notHeld: 0 })
  })

  test('only their owner can read them', () => {
    keep([datagram(40_000, 31_999, odd(1))])
    const [name = ''] = files()
    expect(statSync(join(directory, 'kept')).mode & 0o777).toBe(0o700)
    expect(statSync(join(directory, 'kept', name)).mode & 0o777).toBe(0o600)
  })

  test('there is an end to the packets of each', () => {
    keep(
      Array.from({ length: 9 }, (_, n) => datagram(40_000, 31_999, odd(n))),
      { packets: 3 }
    )
    expect(payloads()).toHaveLength(3)
  })

  test('there is an end to what they take; others in the folder are left alone', () => {
    keep([])
    const other = join(directory, 'kept', 'unknown.pcap')
    writeFileSync(other, 'not ours')
    const frames = Array.from({ length: 1000 }, (_, n) =>
      datagram(40_000 + n, 31_999, hex(`f7e3 ${'ab'.repeat(1000)}`))
    )
    const { kept } = keep(frames, { fileOctets: 65_536 })
    expect(kept.counts.packets).toBe(1000)
    const sizes = files().map((name) => statSync(join(directory, 'kept', name)).size)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536)
    expect(sizes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(4 * 65_536)
    expect(readFileSync(other, 'utf8')).toBe('not ours')
  })

  test('a folder that cannot be written costs packets, which are counted, and said once', () => {
    const config = { directory: join(directory, 'kept'), maxOctets: 1 << 20, fileOctets: 65_536 }
    const warnings: string[] = []
    const kept = new UnknownPackets({ ...config, packets: 5 }, 1600, (said) => warnings.push(said))
    rmSync(config.directory, { recursive: true })
    const classifier = new Classifier(protocols, {
      ended: (flow) => kept.ended(flow),
      unrecognised: (flow) => kept.unrecognised(flow),
    })
    const frames = [1, 2, 3].map((n) => datagram(40_000 + n, 31_999, odd(n)))
    for (const frame of frames) {
      const decoder = new PacketDecoder((packet) => kept.saw(classifier.take(packet), frame))
      decoder.decode(frame)
    }
    classifier.finish()
    kept.close()
    expect(kept.counts).toMatchObject({ flows: 3, packets: 0, failed: 3 })
    expect(warnings).toEqual([expect.stringContaining('not kept for a minute')])
  })
})
