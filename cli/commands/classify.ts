import { Option } from 'commander'
import type { Command } from 'commander'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { compileLate } from '../../model/inlining.ts'
import { personalModes } from '../../model/personal-mode.ts'
import type { PersonalMode } from '../../model/personal-mode.ts'
import { loadAloud, withExamples, withExit, withListenOption } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { openRules, withRulesOptions } from '../rules-option.ts'
import type { RulesFlags } from '../rules-option.ts'
import { showUnknown, unknownOfJson } from '../show-unknown.ts'
import { tokenFileOption } from '../token-principal.ts'

type Flow = import('../../classifier/flow.ts').Flow
type FlowReport = import('../../classifier/report.ts').FlowReport
type ClassifiedFile = import('../../appliance/capture/classify-file.ts').ClassifiedFile
type Frame = import('../../collector/capture/frame.ts').Frame
type Metadata = import('../../model/classification.ts').Metadata

interface ClassifyFlags extends RulesFlags, CommonFlags {
  readonly tokenFile?: string
  readonly output: 'table' | 'ndjson'
  readonly unknown?: true
  readonly write?: string
  readonly metadata?: true
  readonly personal: PersonalMode
}

/** Lines that are shown of what nothing recognised. */
const maxClusters = 200

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

function metadataJson(metadata: Metadata): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [snake(name), value]))
}

function row({ l4, a, b, protocol, application, hostname, confidence }: FlowReport): string {
  const what = application === null ? protocol : `${protocol}.${application}`
  const ends = `${l4.padEnd(6)} ${a.padEnd(21)} ${b.padEnd(21)}`
  return `${ends} ${what.padEnd(24)} ${String(confidence).padStart(3)} ${hostname ?? ''}`.trimEnd()
}

/** What of the file could not be used, said to people. */
function sayLosses({ capture, decoded, flows }: ClassifiedFile): void {
  const drops = Object.entries(decoded.drops).filter(([, count]) => count > 0)
  const dropped = drops.map(([reason, count]) => `${count} ${reason}`).join(', ')
  say(`${capture.frames} frames, ${decoded.packets} packets, ${flows} flows.`)
  if (dropped !== '') say(`Frames without a packet: ${dropped}.`)
  if (capture.undescribed > 0) {
    say(`Packets of interfaces that the file does not describe: ${capture.undescribed}.`)
  }
  if (capture.damage !== undefined) {
    say(
      `The file is damaged at octet ${capture.damagedAt} (${capture.damage}); the rest is unread.`
    )
  }
}

/** Gathers lines, so that not each costs a call of the system. */
class Lines {
  private text = ''

  line(text: string): void {
    this.text += `${text}\n`
    if (this.text.length > 65_536) this.flush()
  }

  flush(): void {
    if (this.text !== '') print(this.text)
    this.text = ''
  }
}

/** What the running program did not recognise, by its API: so the audit knows who asked. */
async function classifyLive(flags: ClassifyFlags): Promise<number> {
  if (flags.unknown !== true) {
    throw new FlowledgerError('usage', 'classify needs a capture.', {
      fix: 'Name one, or ask the running program for what it did not recognise with --unknown.',
    })
  }
  if (flags.write !== undefined) {
    throw new FlowledgerError('usage', 'The running program writes no packets for a command.', {
      fix: 'Set collector.capture.unknown, or name a capture.',
    })
  }
  const { config } = await loadAloud(flags)
  const { askApi } = await import('../ask-api.ts')
  const query = { limit: String(maxClusters) }
  const body = await askApi(config, flags.tokenFile, '/v1/live/unknown', query)
  showUnknown(unknownOfJson(body), flags.output)
  return exitCodes.ok
}

/** Where packets of what nothing recognised go; undefined where nobody wants them. */
async function openKept({ write, unknown }: ClassifyFlags) {
  if (write === undefined) return undefined
  if (unknown !== true) throw new FlowledgerError('usage', '--write goes with --unknown.')
  const { UnknownPackets } = await import('../../appliance/capture/unknown-packets.ts')
  const config = { directory: write, maxOctets: 1 << 30, fileOctets: 64 << 20, packets: 255 }
  return new UnknownPackets(config, 65_535, say)
}

/** What hides persons, as `applications.personal` does; the key is the data directory's. */
async function openVeil(flags: ClassifyFlags) {
  if (flags.personal === 'keep') return undefined
  if (flags.write !== undefined) {
    throw new FlowledgerError('usage', '--write keeps packets, which name persons.', {
      fix: 'Leave out --personal, or --write.',
    })
  }
  const { makeVeil } = await import('../../appliance/capture/personal.ts')
  const dataDir = flags.personal === 'omit' ? '' : (await loadAloud(flags)).config.dataDir
  return makeVeil(flags.personal, dataDir)
}

async function classify(file: string | undefined, flags: ClassifyFlags): Promise<number> {
  if (file === undefined) return await classifyLive(flags)

  compileLate()
  const { classifyFile } = await import('../../appliance/capture/classify-file.ts')
  const { reportLine, reportOf } = await import('../../classifier/report.ts')
  const keeper = await openRules(flags)
  const { UnknownFlows } = await import('../../classifier/unknown-clusters.ts')
  const out = new Lines()
  const veil = await openVeil(flags)
  const unknown = flags.unknown === true ? new UnknownFlows(veil !== undefined) : undefined
  const show = (flow: Flow): void => {
    if (unknown !== undefined) return
    if (veil !== undefined && flow.classification !== undefined) {
      flow.classification = veil(flow.classification)
    }
    if (flags.output === 'table') return out.line(row(reportOf(flow)))
    if (flags.metadata !== true) return out.line(reportLine(flow))
    const { metadata = {}, risks = [] } = flow.classification ?? {}
    const known = JSON.stringify(metadataJson(metadata))
    out.line(reportLine(flow, `,"metadata":${known},"risks":${JSON.stringify(risks)}`))
  }
  const kept = await openKept(flags)
  const ended = (flow: Flow): void => {
    kept?.ended(flow)
    show(flow)
  }
  const { filesProgress } = await import('../progress.ts')
  const progress = filesProgress([file])
  const result = classifyFile(file, ended, keeper, {
    read: progress.read,
    unrecognised(flow, said) {
      unknown?.add(flow, said)
      kept?.unrecognised(flow)
    },
    ...(kept === undefined
      ? {}
      : {
          decided: (flow: Flow) => kept.decided(flow),
          saw: (flow: Flow, frame: Frame) => kept.saw(flow, frame),
        }),
  })
  kept?.close()
  progress.end()
  out.flush()
  if (result.capture.damage === 'not-a-capture') {
    throw new FlowledgerError('capture-unreadable', `${file} is no pcap or pcapng file.`)
  }
  if (unknown !== undefined) showUnknown(unknown.list(maxClusters), flags.output)
  sayLosses(result)
  if (kept !== undefined) {
    const { packets, flows, failed } = kept.counts
    say(
      `${packets} packets of ${flows} flows are in ${flags.write}; ${failed} could not be written.`
    )
  }
  return exitCodes.ok
}

export function addClassify(program: Command): void {
  const command = withListenOption(withRulesOptions(program.command('classify')))
    .description('name protocol, application and host of each flow in a capture')
    .argument('[file]', 'pcap or pcapng; - is standard input; left out: the running program')
    .addOption(outputOption('table', 'ndjson'))
    .option('--metadata', 'with ndjson: all that is known of each flow')
    .addOption(
      new Option(
        '--personal <mode>',
        'what tells about persons is kept, made pseudonyms of, left out'
      )
        .choices(personalModes)
        .default('keep')
    )
    .option('--unknown', 'what nothing recognised instead, those alike in one line')
    .option('--write <directory>', 'with --unknown: their first packets too, as pcap files')
    .option(...tokenFileOption)
    .action(withExit(classify))
  withExamples(command, [
    ['classify capture.pcapng', 'one line a flow'],
    ['classify capture.pcapng -o ndjson --metadata', 'for programs, with all details'],
    ['classify capture.pcapng --unknown', 'what to write a rule for next'],
    ['classify --unknown', 'of what passes now, by the API of the running program'],
  ])
}
