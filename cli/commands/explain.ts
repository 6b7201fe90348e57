import type { Command } from 'commander'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { loadAloud, withExamples, withExit, withListenOption } from '../common-options.ts'
import { readsAnew, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print } from '../output.ts'
import { openRules, withRulesOptions } from '../rules-option.ts'
import type { RulesFlags } from '../rules-option.ts'
import { tokenFileOption } from '../token-principal.ts'

type Flow = import('../../classifier/flow.ts').Flow

interface ExplainFlags extends RulesFlags, CommonFlags {
  readonly pcap?: string
  readonly tokenFile?: string
}

/** Flows of a capture. */
async function explainFile(path: string, flow: string | undefined, flags: ExplainFlags) {
  const { classifyFile, requireCapture } = await import('../../appliance/capture/classify-file.ts')
  const { explanationOf } = await import('../../classifier/explain.ts')
  const { flowMatcher } = await import('../../classifier/flow-ends.ts')
  const isAsked = flow === undefined ? () => true : flowMatcher(flow)
  let shown = 0
  const keeper = await openRules(flags)
  const show = (ended: Flow): void => {
    if (!isAsked(ended)) return
    shown++
    print(explanationOf(ended))
  }
  const { filesProgress } = await import('../progress.ts')
  const progress = filesProgress([path])
  const { capture } = classifyFile(path, show, keeper, { read: progress.read })
  progress.end()
  requireCapture(path, capture)
  return shown > 0 ? exitCodes.ok : exitCodes.noMatch
}

/** Flows that pass now, by the API of the program that classifies them: so the audit knows. */
async function explainLive(flow: string, flags: ExplainFlags): Promise<number> {
  const { config } = await loadAloud(flags)
  const { askApi } = await import('../ask-api.ts')
  const { explanations } = await askApi(config, flags.tokenFile, '/v1/live/explain', { flow })
  for (const text of explanations as readonly string[]) print(text)
  return (explanations as readonly string[]).length > 0 ? exitCodes.ok : exitCodes.noMatch
}

async function explain(flow: string | undefined, flags: ExplainFlags): Promise<number> {
  if (flags.pcap !== undefined) return await explainFile(flags.pcap, flow, flags)
  if (flow !== undefined) return await explainLive(flow, flags)
  throw new FlowledgerError('usage', 'explain needs to be told which flow.', {
    fix: 'Give an end of it, or a capture with --pcap.',
  })
}

export function addExplain(program: Command): void {
  const command = withListenOption(withRulesOptions(program.command('explain')))
    .description('say what a verdict rests on: packet, evidence, and what lost')
    .argument('[flow]', 'an end, as ip or ip:port, or both ends of it; left out: all of a capture')
    .option('--pcap <file>', 'capture that holds its packets; left out: the running program')
    .option(...tokenFileOption)
    .action(withExit(explain))
  withRunAgain(command, readsAnew)
  withExamples(command, [
    ['explain 10.0.0.7:40000', 'of what passes now, by the API of the running program'],
    ['explain --pcap capture.pcapng', 'every flow of it'],
    ["explain '192.0.2.7:40000 198.51.100.1:443' --pcap capture.pcapng", 'one of them'],
  ])
}
