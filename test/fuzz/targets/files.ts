import {
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { configOf, loadConfig } from '../../../cli/config/load.ts'
import { yamlOf } from '../../../cli/config/yaml-file.ts'
import { answerLine, queryLine } from '../../../collector/open-flows-wire.ts'
import { exportersAnswer, exportersQuestion } from '../../../collector/exporters-wire.ts'
import { parseJson } from '../../../collector/socket-exchange.ts'
import { requestOf, tokenOf } from '../../../exporter/stream/request.ts'
import { seal } from '../../../lookup-api/evidence-file/envelope.ts'
import { keysBody, readKeyFile } from '../../../lookup-api/evidence-file/key-file.ts'
import { verifyEvidence } from '../../../lookup-api/evidence-file/verify.ts'
import { extraFields } from '../../../model/fields.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import { parseIndex } from '../../../store/archive/file-index.ts'
import { ColumnEncoder, slotsOf } from '../../../store/spool-column.ts'
import {
  decodeRows,
  encodeRows,
  frameHeadBytes,
  maxRowFrameBytes,
  spoolColumns,
} from '../../../store/spool-frame.ts'
import { SpoolReader } from '../../../store/spool-reader.ts'
import { readSpoolSources, sourcesFile, sourcesOf } from '../../../store/spool-sources.ts'
import { segmentName } from '../../../store/spool-segments.ts'
import { makeSigner, signedAnswer } from '../../lookup-api/evidence-file/signed.ts'
import { octetsFrom, octetsLike, slowly, textFrom, textLike } from '../engine/arbitrary.ts'
import { mutated, seedsOf } from '../engine/mutate-octets.ts'
import { mutatedText, textsOf } from '../engine/mutate-text.ts'
import { withPieces } from '../engine/pieces.ts'
import { holds, octetsTarget, textTarget } from '../engine/target.ts'
import { configSamples, wireSamples } from './file-samples.ts'
import { CompiledRows } from './compiled-rows.ts'
import { spoolSegment } from './spool-segment.ts'
import { mayRefuse } from './rules.ts'

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'flowledger-fuzz-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const configFile = join(folder, 'config.yaml')

const extras = extraFields.map(({ name }) => name)
const columns = spoolColumns(extras)
const batch = makeFlowBatch(64, extras)
const compiled = new CompiledRows(columns, extras)

/** The payload of a frame of rows: numbers that count, addresses, a text. */
function soundPayload(): Buffer {
  const one = makeFlowBatch(64, extras)
  for (let row = 0; row < 3; row++) {
    one.columns.flowId[2 * row] = row + 1
    one.columns.sourceAddress.set([0, 0, 0xffff, 0x0a000001 + row], 4 * row)
    one.columns.flowStartMicroseconds[row] = 1.79e15 + row
    if (one.extras.userName !== undefined) one.extras.userName[row] = one.texts.numberOf('bob')
  }
  one.length = 3
  const target = Buffer.alloc(maxRowFrameBytes(columns) + 4096)
  return target.subarray(
    0,
    encodeRows(one, slotsOf(one, columns), new ColumnEncoder(target), target, 0)
  )
}

const payload = soundPayload()
const segment = spoolSegment(join(folder, 'made'))
const segments = seedsOf([segment])

/** A configuration as it is read out of a file: the file itself takes longer than many of them. */
const readConfig = (text: string): void => void configOf(yamlOf(configFile, text), {}, {})

/** True of a configuration that is taken. */
function isSound(text: string): boolean {
  try {
    readConfig(text)
    return true
  } catch {
    return false
  }
}

const configurations = withPieces(configSamples).filter(isSound)
if (configurations.length < 20) throw new Error('the guides show no configurations')

/** Where frames begin, or seem to. */
function* frameStarts(octets: Buffer): Generator<number> {
  for (let at = octets.indexOf('FRM1'); at >= 0; at = octets.indexOf('FRM1', at + 1)) {
    if (at + frameHeadBytes <= octets.length) yield at
  }
}

const soundFrames = [...frameStarts(segment)].length

/** Makes the checks over frames right again. */
function withSums(octets: Buffer): Buffer {
  for (const at of frameStarts(octets)) {
    const end = at + frameHeadBytes + octets.readUInt32LE(at + 12)
    if (end <= octets.length) {
      octets.writeUInt32LE(crc32(octets.subarray(at + frameHeadBytes, end)), at + 32)
    }
    octets.writeUInt32LE(crc32(octets.subarray(at, at + 36)), at + 36)
  }
  return octets
}

/** One reader for all inputs: its room for rows costs more to make than an input to read. */
const spool = new SpoolReader(join(folder, 'made'), { segment: 1, offset: 0 })
writeFileSync(join(folder, 'made', segmentName(2)), segment)
const firstSegment = openSync(join(folder, 'made', segmentName(1)), 'w')

const signer = makeSigner()
const answer = await signedAnswer(signer)
const short = await seal('hold', { id: 'h1', until: null, n: [1, 2.5] }, signer, 1.79e15)
const sealed = [short, answer].map(({ text }) => Buffer.from(text))
const keys = keysBody([signer])
const hex = 'ab'.repeat(32)
const jsonKeys = textsOf([JSON.stringify(keys)])
const pemKeys = textsOf([keys.keys[0]?.pem ?? ''])
const index = `{"version":1,"rows":3,"parts":[[100,1,"-5","7","${hex}"],[50,2,"8","9","${hex}"],[20,0,"0","0","${hex}"]]}\n`

const wires = [queryLine, answerLine, exportersQuestion, exportersAnswer]

export const fileTargets = [
  octetsTarget({
    name: 'spool-rows',
    group: 'spool',
    decoders: [
      'store/spool-frame.ts',
      'store/spool-column.ts',
      'store/column-unpacker.ts',
      'store/unpack-kernels.wat',
    ],
    inputs: octetsLike([payload]),
    run(input) {
      const rows = [3, 3, 3, 3, 64, 65, 0, 1][input.length % 8] ?? 3
      const is = decodeRows(Buffer.from(input), rows, columns, batch)
      holds(!is || batch.length === rows, 'rows are as many as the head says')
      holds(compiled.decode(input, rows) === is, 'compiled kernels take the same frames')
      holds(!is || compiled.equals(batch), 'and make the same rows of them')
      if (input.length % 8 !== 0) return
      holds(decodeRows(payload, 3, columns, batch), 'a sound frame is read behind it')
      holds(batch.columns.flowId[4] === 3, 'as it was written')
    },
  }),
  octetsTarget({
    name: 'spool-segment',
    group: 'spool',
    decoders: ['store/spool-reader.ts', 'store/spool-note.ts'],
    // Where the first octet is even, the checks over the frames are made right again.
    inputs: octetsFrom((dice) =>
      Buffer.concat([Buffer.of(dice.below(2)), mutated(dice, segments)])
    ),
    run(input) {
      const octets = Buffer.from(input.subarray(1))
      const written = (input[0] ?? 1) % 2 === 0 ? withSums(octets) : octets
      ftruncateSync(firstSegment, 0)
      writeSync(firstSegment, written, 0, written.length, 0)
      spool.seek({ segment: 1, offset: 0 })
      let behind = 0
      for (let frames = 0; ; frames++) {
        const frame = spool.next()
        if (frame === undefined) break
        holds(frames <= input.length / frameHeadBytes + 20, 'frames are bounded')
        if (frame.end.segment !== 2) continue
        behind++
        if (input.length % 8 !== 0) break
      }
      spool.close()
      const wanted = input.length % 8 === 0 ? soundFrames : 1
      holds(behind === wanted, 'the segment behind it is read')
    },
  }),
  octetsTarget({
    name: 'spool-sources',
    group: 'spool',
    decoders: ['store/spool-sources.ts'],
    inputs: octetsLike([
      Buffer.from(
        '{"index":1,"name":"gw","kind":"netflow"}\n{"index":2,"name":"b","kind":"syslog"}\n'
      ),
    ]),
    run(input) {
      mayRefuse(() => {
        const sources = sourcesOf(Buffer.from(input).toString('utf8'), sourcesFile)
        holds(sources.length <= input.length, 'sources are bounded')
      })
      if (input.length % 64 !== 0) return
      writeFileSync(join(folder, sourcesFile), input)
      mayRefuse(() => void readSpoolSources(folder))
    },
  }),
  octetsTarget({
    name: 'evidence',
    decoders: ['lookup-api/evidence-file/verify.ts'],
    inputs: octetsLike(sealed),
    run(input) {
      const { state, findings } = verifyEvidence(input, [signer])
      holds(findings.length > 0 && findings.length < 20, 'findings are there and few')
      const isSame = sealed.some((one) => one.equals(input))
      holds((state === 'proven') === isSame, 'only what was signed is proven')
    },
  }),
  textTarget({
    name: 'key-file',
    decoders: ['lookup-api/evidence-file/key-file.ts'],
    // A key in PEM takes OpenSSL as long as dozens of the others take.
    inputs: textFrom(
      (dice) => mutatedText(dice, dice.chance(64) ? pemKeys : jsonKeys),
      jsonKeys.words
    ),
    run: (text) => mayRefuse(() => void readKeyFile(text, 'f')),
  }),
  textTarget({
    name: 'archive-index',
    decoders: ['store/archive/file-index.ts'],
    inputs: textLike([index]),
    run(text) {
      let read
      try {
        read = parseIndex(text, 170)
      } catch (error) {
        // It is met as a damaged file by who asked for it.
        holds(error instanceof Error, 'an error')
        return
      }
      const octets = read.parts.reduce((sum, part) => sum + part.octets, 0)
      holds(octets === 170, 'its parts are the file')
    },
  }),
  textTarget({
    name: 'configuration',
    decoders: ['cli/config/load.ts', 'cli/config/yaml-file.ts', 'model/config.ts'],
    inputs: slowly(textLike(configurations), 10),
    run(text) {
      mayRefuse(() => readConfig(text))
      if (text.length % 256 !== 0) return
      writeFileSync(configFile, text)
      mayRefuse(() => void loadConfig({ config: configFile }, {}))
    },
  }),
  textTarget({
    name: 'process-wires',
    decoders: ['collector/open-flows-wire.ts', 'collector/exporters-wire.ts'],
    inputs: textLike(wireSamples),
    run(text) {
      for (const wire of wires) wire.safeParse(parseJson(text))
    },
  }),
  textTarget({
    name: 'stream-requests',
    decoders: ['exporter/stream/request.ts'],
    inputs: textLike(['established', '{"command":"protocols"}', '{"token":"abc"}', ' status \r']),
    run(text) {
      requestOf(text)
      holds(typeof tokenOf(text) === 'string', 'a token is a text')
    },
  }),
]
