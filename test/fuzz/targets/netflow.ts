import { JsonTarget } from '../../../collector/netflow/json-target.ts'
import { NetflowDecoder } from '../../../collector/netflow/decoder.ts'
import { settingsFor } from '../../../collector/netflow/settings.ts'
import { MessageCutter } from '../../../collector/netflow/streams.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { maxConnectionUs, maxSliceUs } from '../../../model/limits.ts'
import { flowFields, flowRecord, ipfix, set, template } from '../../collector/netflow/messages.ts'
import { Run } from '../../collector/netflow/run.ts'
import { netflowSeeds } from '../netflow-seeds.ts'
import { octetsLike } from '../engine/arbitrary.ts'
import { holds, octetsTarget } from '../engine/target.ts'

/** A domain that inputs do not have: its template is its own. */
const soundDatagram = ipfix(
  { domain: 0x7fff1234 },
  set(2, template(256, flowFields)),
  set(256, flowRecord())
)
const definitions = netflowSeeds.filter((seed) => seed.readUInt16BE(0) !== 5)
const nobody = { w0: 0, w1: 0, w2: 0xffff, w3: 1, port: 1, atUs: 0, transport: 'udp' } as const

const viewOf = (octets: Uint8Array): DataView =>
  new DataView(octets.buffer, octets.byteOffset, octets.length)

const jsonOf = (take: (line: string) => void): NetflowDecoder =>
  new NetflowDecoder({
    target: new JsonTarget(take, () => false),
    settingsOf: (...words) => settingsFor([], ...words),
  })

/** Rows of one record: the longest connection that is believed, in pieces. */
const mostRows = maxConnectionUs / maxSliceUs + 1

/** A collector whose rows are looked at as they come, and not kept: one record may be thousands. */
class Looked extends Run {
  flowCount = 0
  eventCount = 0
  areTimed = true

  override flows({ columns, length }: FlowBatch): void {
    const { flowStartMicroseconds: starts, flowEndMicroseconds: ends } = columns
    this.flowCount += length
    for (let row = 0; row < length; row++) {
      const start = starts[row] ?? Number.NaN
      this.areTimed &&= Number.isFinite(start) && (ends[row] ?? Number.NaN) >= start
    }
  }

  override events({ length }: FlowBatch): void {
    this.eventCount += length
  }
}

/** A collector for many inputs, and a new one before it remembers too many exporters. */
class Collectors {
  private run = new Looked()
  private inputs = 0

  next(): Looked {
    if (this.inputs++ % 1000 === 0) this.run = new Looked()
    this.run.flowCount = this.run.eventCount = 0
    this.run.areTimed = true
    this.run.gaps.length = 0
    return this.run
  }
}

const forDatagrams = new Collectors()
const forTemplates = new Collectors()
let heard = 0

/**
 * What never was heard is read: its domain stands behind version, length, time and number. It costs
 * more than most inputs, and so stands behind every eighth.
 */
function readsSound(run: Looked): boolean {
  if (++heard % 8 !== 0) return true
  const before = run.flowCount
  soundDatagram.writeUInt32BE(0x6000_0000 + heard, 12)
  run.send([soundDatagram])
  return run.flowCount === before + 1
}

let letters = 0
let lines = 0
let given = 0
const newJson = (): NetflowDecoder =>
  jsonOf((line) => {
    JSON.parse(line)
    letters += line.length
    lines++
  })
let json = newJson()

export const netflowTargets = [
  octetsTarget({
    name: 'netflow-datagrams',
    decoders: [
      'collector/netflow/decoder.ts',
      'collector/netflow/message.ts',
      'collector/netflow/v5.ts',
      'collector/netflow/plan.ts',
      'collector/netflow/options.ts',
      'collector/netflow/lists.ts',
      'collector/netflow/kernels.ts',
    ],
    inputs: octetsLike(netflowSeeds),
    run(input) {
      const to = forDatagrams.next()
      to.send([Buffer.from(input)])
      const rows = to.flowCount + to.eventCount
      holds(rows <= mostRows * Math.max(100, input.length), 'rows are bounded')
      holds(to.areTimed, 'a row ends after it begins')
      holds(readsSound(to), 'a sound exporter is read behind it')
    },
  }),
  octetsTarget({
    name: 'netflow-templates',
    decoders: ['collector/netflow/layout.ts', 'collector/netflow/pending.ts'],
    // Data for templates that are there, and that came changed.
    inputs: octetsLike([
      ...definitions,
      ...definitions.map((one) => Buffer.concat([one, ...netflowSeeds.slice(0, 2)])),
    ]),
    run(input) {
      const one = forTemplates.next()
      const octets = Buffer.from(input)
      // Twice, so that what came changed is met by what it described.
      one.send([...netflowSeeds, octets, ...netflowSeeds, octets]).tick()
      holds(readsSound(one), 'a sound exporter is read behind it')
    },
  }),
  octetsTarget({
    name: 'netflow-json',
    decoders: ['collector/netflow/record-json.ts', 'collector/netflow/json-target.ts'],
    inputs: octetsLike(netflowSeeds),
    run(input) {
      if (json.counters.datagrams > 200) {
        json = newJson()
        letters = lines = given = 0
      }
      // Records that waited come with the template that an input after theirs brings.
      given += input.length + 1
      json.take(viewOf(input), 0, input.length, nobody)
      holds(lines <= given, 'no more records than octets')
      holds(letters <= 4096 * given, 'a line is bounded')
    },
  }),
  octetsTarget({
    name: 'ipfix-stream',
    decoders: ['collector/netflow/streams.ts'],
    inputs: octetsLike(netflowSeeds.filter((seed) => seed.readUInt16BE(0) === 10)),
    run(input) {
      const ends: string[][] = [[], []]
      for (const [way, sizes] of [[input.length + 1], [7, 100, 1]].entries()) {
        const cutter = new MessageCutter((view, from, to) => {
          ends[way]?.push(
            Buffer.from(view.buffer, view.byteOffset + from, to - from).toString('hex')
          )
        })
        let [at, step] = [0, 0]
        while (at < input.length) {
          const size = sizes[step++ % sizes.length] ?? 1
          if (!cutter.take(Buffer.from(input.subarray(at, at + size)))) break
          at += size
        }
        holds(cutter.waiting <= 0x1_0000 + input.length, 'what waits is bounded')
      }
      holds(String(ends[0]) === String(ends[1]), 'the same messages however they are cut')
    },
  }),
]
