import { Classifier } from '../../../classifier/classifier.ts'
import type { Flow } from '../../../classifier/flow.ts'
import { protocols } from '../../../classifier/protocols.ts'
import type { Protocol } from '../../../classifier/protocols/protocol.ts'
import { metadataFields } from '../../../model/classification.ts'
import type { Classification } from '../../../model/classification.ts'
import { Packet, tcpFlag } from '../../../model/packet.ts'
import type { Sample } from '../../classifier/protocols/conformance.ts'
import { latin1 } from '../../classifier/protocols/talk.ts'
import { listFrom } from '../engine/arbitrary.ts'
import type { Dice } from '../engine/dice.ts'
import { mutated, seedsOf } from '../engine/mutate-octets.ts'
import { variedOctets } from '../engine/vary-octets.ts'
import { samplesOf } from '../engine/read-samples.ts'
import { holds } from '../engine/target.ts'
import type { AnyTarget, Target } from '../engine/target.ts'

/** One packet of a conversation. */
interface Part {
  readonly client: boolean
  readonly octets: Uint8Array
}

interface Talk {
  readonly transport: 'tcp' | 'udp'
  readonly port: number
  readonly parts: readonly Part[]
}

/** Letters of all that may be known of one connection: it is kept for each open one. */
const mostLetters = 64 << 10
const kinds = new Map(metadataFields.map(({ name, kind }) => [name as string, kind]))

function checkResult({ confidence, metadata, protocol }: Classification): void {
  holds(confidence >= 0 && confidence <= 100, 'a confidence is a percentage')
  holds(typeof protocol === 'string', 'a protocol has a name')
  let letters = 0
  for (const [name, value] of Object.entries(metadata)) {
    const kind = kinds.get(name)
    const isRight =
      kind === 'texts' ? Array.isArray(value) : typeof value === (kind === 'text' ? 'string' : kind)
    holds(isRight, `${name} is of its kind`)
    letters += String(value).length
  }
  holds(letters <= mostLetters, 'what is known of a connection is bounded')
}

const packet = new Packet()
const buffer = new Uint8Array(70_100)

/** Takes conversations as a capture would have them, each of a flow of its own. */
type Classify = (talk: Talk) => Classification | undefined

function classifierOf(protocol: Protocol): Classify {
  const ended: Flow[] = []
  const events = { ended: (flow: Flow) => void ended.push(flow) }
  // One for all inputs: to make it costs more than most of them do.
  const classifier = new Classifier([protocol], events, { maxFlows: 64 })
  return (talk) => {
    send(classifier, talk)
    classifier.finish()
    const [flow] = ended.splice(0)
    holds(flow === undefined || flow.classification !== undefined, 'a flow that ended has a name')
    return flow?.classification
  }
}

/** A handshake, then each part out of one buffer. */
function send(classifier: Classifier, { transport, port, parts }: Talk): void {
  const sequence = [900_000, 1000]
  packet.timeUs = 1e15
  packet.protocol = transport === 'tcp' ? 6 : 17
  packet.source2 = packet.destination2 = 0xffff
  const say = (client: boolean, octets: Uint8Array, flags: number): void => {
    packet.source3 = client ? 0xc0000201 : 0xc6336401
    packet.destination3 = client ? 0xc6336401 : 0xc0000201
    packet.sourcePort = client ? 40_000 : port
    packet.destinationPort = client ? port : 40_000
    packet.tcpFlags = flags
    packet.sequence = (sequence[Number(client)] ?? 0) >>> 0
    buffer.set(octets, 7)
    buffer[7 + octets.length] = 0xee
    packet.payload.set(buffer, 7, octets.length, octets.length)
    const isNumbered = (flags & tcpFlag.syn) !== 0
    sequence[Number(client)] = packet.sequence + octets.length + (isNumbered ? 1 : 0)
    packet.timeUs += 1000
    classifier.take(packet)
  }
  if (transport === 'tcp') {
    say(true, new Uint8Array(0), tcpFlag.syn)
    say(false, new Uint8Array(0), tcpFlag.syn | tcpFlag.ack)
  }
  for (const { client, octets } of parts) {
    say(client, octets.subarray(0, 65_000), tcpFlag.ack | tcpFlag.push)
  }
}

const talkOf = ({ transport, port, said }: Sample): Talk => ({
  transport,
  port,
  parts: said.map(([who, octets]) => ({
    client: who === 'client',
    octets: typeof octets === 'string' ? latin1(octets) : octets,
  })),
})

/** A conversation with changes: in what is said, in its order, cut into pieces, said again. */
function changer(talks: readonly Talk[]): (dice: Dice) => Part[] {
  const all = talks.flatMap(({ parts }) => parts.map(({ octets }) => octets))
  const seeds = seedsOf(all.filter(({ length }) => length > 0 && length < 4000))
  return (dice) => {
    const { parts } = dice.pick(talks)
    const said = parts.flatMap((part): Part[] => {
      if (dice.chance(12)) return []
      const at = seeds.all.findIndex((one) => one.length === part.octets.length)
      const isOwn = at >= 0 && !dice.chance(3)
      const changed = isOwn
        ? mutated(dice, { ...seeds, all: [seeds.all[at] ?? part.octets] })
        : dice.chance(3)
          ? mutated(dice, seeds)
          : part.octets
      const one = { client: part.client !== dice.chance(20), octets: changed }
      if (dice.chance(12)) return [one, one]
      if (!dice.chance(6)) return [one]
      const cut = dice.below(changed.length)
      const pieces = [changed.subarray(0, cut), changed.subarray(cut)]
      return pieces.map((octets) => ({ ...one, octets }))
    })
    return dice.chance(16) ? said.toReversed() : said
  }
}

/** A variant: one part changed, at times with a part of another conversation spliced in. */
function varied(dice: Dice, parts: readonly Part[], others: readonly Part[]): Part[] {
  const at = dice.below(parts.length)
  const part = parts[at]
  if (part === undefined) return [...others]
  const { octets } = others[dice.below(others.length)] ?? part
  const changed = variedOctets(dice, part.octets, octets, [])
  return parts.with(at, { client: part.client !== dice.chance(32), octets: changed })
}

const portOf = (parts: readonly Part[], talks: readonly Talk[]): Talk => {
  const size = parts.reduce((sum, { octets }) => sum + octets.length, parts.length)
  const { transport, port } = talks[size % talks.length] ?? { transport: 'tcp', port: 1 }
  return { transport, port, parts }
}

function protocolTarget(protocol: Protocol): AnyTarget {
  const samples = samplesOf.get(protocol.name) ?? []
  const usable =
    samples.length > 0 ? samples : [{ name: '', transport: 'udp', port: 9, said: [] } as Sample]
  const talks = usable.map(talkOf)
  const change = changer(talks)
  const [first] = talks
  const classify = classifierOf(protocol)
  const name = first === undefined ? '' : classify(first)?.protocol
  const target: Target<Part[]> = {
    name: `protocol/${protocol.name}`,
    group: 'protocols',
    decoders: [`classifier/protocols/${protocol.name}.ts`],
    inputs: listFrom(change, varied),
    run(parts) {
      const talk = portOf(parts, talks)
      const found = classify(talk)
      if (found !== undefined) checkResult(found)
      holds(found !== undefined || parts.length === 0, 'what was said is a flow')
      if (parts.length % 4 !== 0 || first === undefined) return
      holds(classify(first)?.protocol === name, 'a sound flow is recognised behind it')
    },
    write: (parts) =>
      parts
        .map(({ client, octets }) => `${client ? 'c' : 's'} ${Buffer.from(octets).toString('hex')}`)
        .join('\n'),
    read: (text) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({
          client: line.startsWith('c'),
          octets: Uint8Array.from(Buffer.from(line.slice(2), 'hex')),
        })),
  }
  return target as unknown as AnyTarget
}

export const protocolTargets: readonly AnyTarget[] = protocols.map(protocolTarget)
