import { Option } from 'commander'
import type { Command } from 'commander'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { compileLate } from '../../model/inlining.ts'
import { personalModes } from '../../model/personal-mode.ts'
import { loadAloud, withExamples, withExit, withListenOption } from '../common-options.ts'
import { readsAnew, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { maxClusters, openShown, sayDamage, sayDecoded } from '../classified-flows.ts'
import type { ShownFlags } from '../classified-flows.ts'
import type { LiveFlags } from '../classify-interfaces.ts'
import { numberOption } from '../number-option.ts'
import { say } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { openRules, withRulesOptions } from '../rules-option.ts'
import type { RulesFlags } from '../rules-option.ts'
import { showUnknown, unknownOfJson } from '../show-unknown.ts'
import { tokenFileOption } from '../token-principal.ts'

type ClassifiedFile = import('../../appliance/capture/classify-file.ts').ClassifiedFile

interface ClassifyFlags extends ShownFlags, LiveFlags, RulesFlags, CommonFlags {
  readonly tokenFile?: string
  readonly interface?: readonly string[]
}

/** What the running program did not recognise, by its API: so the audit knows who asked. */
async function askRunning(flags: ClassifyFlags): Promise<number> {
  if (flags.unknown !== true) {
    throw new FlowledgerError('usage', 'classify needs a capture.', {
      fix: 'Name one, or --interface; --unknown alone asks the running program.',
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

/** What of the file could not be used, said to people. */
function sayLosses({ capture, decoded, flows }: ClassifiedFile): void {
  sayDecoded(capture.frames, decoded, flows)
  if (capture.undescribed > 0) {
    say(`Packets of interfaces that the file does not describe: ${capture.undescribed}.`)
  }
  sayDamage(capture)
}

/** Shows the flows of a capture as they end. */
async function classifyCapture(file: string, flags: ClassifyFlags): Promise<number> {
  compileLate()
  const { classifyFile, requireCapture } = await import('../../appliance/capture/classify-file.ts')
  const keeper = await openRules(flags)
  const shown = await openShown(flags)
  const { filesProgress } = await import('../progress.ts')
  const progress = filesProgress([file])
  const { ended, ...events } = shown.events
  const result = classifyFile(file, ended, keeper, { ...events, read: progress.read })
  progress.end()
  requireCapture(file, result.capture)
  shown.end()
  sayLosses(result)
  shown.sayKept()
  return exitCodes.ok
}

async function classify(file: string | undefined, flags: ClassifyFlags): Promise<number> {
  const { interface: interfaces, seconds, count } = flags
  if (interfaces === undefined) {
    if (seconds !== undefined || count !== undefined) {
      throw new FlowledgerError('usage', '--seconds and --count go with --interface.')
    }
    return file === undefined ? await askRunning(flags) : await classifyCapture(file, flags)
  }
  if (file !== undefined) {
    throw new FlowledgerError('usage', 'classify reads a capture or interfaces, not both.', {
      fix: 'Write interfaces behind the capture as --interface NAME, or leave the capture out.',
    })
  }
  const { classifyInterfaces } = await import('../classify-interfaces.ts')
  return await classifyInterfaces(interfaces, flags)
}

export function addClassify(program: Command): void {
  const command = withListenOption(withRulesOptions(program.command('classify')))
    .description('name protocol, application and host of each flow in a capture, or as it passes')
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
    .option('--interface <name...>', 'what passes interfaces of this host, until Ctrl-C')
    .addOption(
      numberOption('--seconds <number>', 'with --interface: end after so long', {
        from: 1,
        to: 31_536_000,
      })
    )
    .addOption(
      numberOption('--count <frames>', 'with --interface: end after so many frames', {
        from: 1,
        to: 1e15 - 1,
      })
    )
    .option(...tokenFileOption)
    .action(withExit(classify))
  withRunAgain(command, readsAnew)
  withExamples(command, [
    ['classify capture.pcapng', 'one line a flow'],
    ['classify capture.pcapng -o ndjson --metadata', 'for programs, with all details'],
    ['classify capture.pcapng --unknown', 'what to write a rule for next'],
    ['classify --interface eth0 eth1 --seconds 60', 'what passes now, a minute long'],
    ['classify --unknown', 'of what passes now, by the API of the running program'],
  ])
}
