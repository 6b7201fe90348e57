import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageCutter } from '../../collector/netflow/streams.ts'
import { flowFields, flowRecord, ipfix, set, template } from '../collector/netflow/messages.ts'
import { Run } from '../collector/netflow/run.ts'
import { assertFor } from './for-a-while.ts'
import { netflowSeeds as seeds } from './netflow-seeds.ts'

/** Longer on demand: FUZZ_MS=600000 npx vitest run test/fuzz/netflow.test.ts */
const timeMs = Number(process.env['FUZZ_MS'] ?? 4000)

/** A seed of which some octets are others, that is cut, or has something in the middle. */
const mutated = fc
  .record({
    seed: fc.nat(seeds.length - 1),
    pokes: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 8 }),
    cut: fc.nat(400),
    insert: fc.uint8Array({ maxLength: 40 }),
  })
  .map(({ seed, pokes, cut, insert }) => {
    const octets = Buffer.from(seeds[seed] ?? Buffer.alloc(0))
    for (const [at, value] of pokes) if (at < octets.length) octets[at] = value
    const where = Math.min(cut, octets.length)
    return Buffer.concat([octets.subarray(0, where), insert, octets.subarray(where)])
  })

const noise = fc.uint8Array({ maxLength: 1500 }).map((octets) => {
  const datagram = Buffer.from(octets)
  if (datagram.length > 1) datagram.writeUInt16BE([5, 9, 10][datagram.length % 3] ?? 9, 0)
  return datagram
})

test('whatever comes, nothing throws, and what is sound behind it is decoded', async () => {
  await assertFor(
    fc.property(fc.array(fc.oneof(mutated, noise), { maxLength: 6 }), (datagrams) => {
      const run = new Run().send(datagrams).tick()
      const before = run.rows.length
      // A domain that the noise has not used: its templates are its own.
      const sound = { domain: 0x7fff1234 }
      run.send([ipfix(sound, set(2, template(256, flowFields)), set(256, flowRecord()))])
      expect(run.rows.length).toBe(before + 1)
    }),
    timeMs
  )
}, 0)

test('a stream gives the same messages however it is cut, and ends at what is none', async () => {
  const whole = seeds.filter((seed) => seed.readUInt16BE(0) === 10)
  const stream = fc.record({
    messages: fc.array(fc.nat(whole.length - 1), { maxLength: 12 }),
    cuts: fc.array(fc.nat(2000), { maxLength: 20 }),
    tail: fc.uint8Array({ maxLength: 40 }),
  })
  await assertFor(
    fc.property(stream, ({ messages, cuts, tail }) => {
      const sent = messages.map((index) => whole[index] ?? Buffer.alloc(0))
      const bytes = Buffer.concat([...sent, tail])
      const got: Buffer[] = []
      const cutter = new MessageCutter((view, from, to) => {
        got.push(Buffer.from(view.buffer, view.byteOffset + from, to - from))
      })
      const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted(
        (a, b) => a - b
      )
      let from = 0
      for (const end of ends) {
        // What is no message ends the stream: nothing behind it can be found.
        if (!cutter.take(Buffer.from(bytes.subarray(from, end)))) break
        from = end
      }
      expect(got.slice(0, sent.length).map(String)).toEqual(sent.map(String))
      expect(cutter.waiting).toBeLessThanOrEqual(0x1_0000 + bytes.length)
    }),
    timeMs / 2
  )
}, 0)
