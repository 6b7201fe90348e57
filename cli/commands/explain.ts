import type { Command } from 'commander'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { withExamples, withExit } from '../common-options.ts'
import { print } from '../output.ts'
import { openRules, withRulesOptions } from '../rules-option.ts'
import type { RulesFlags } from '../rules-option.ts'

type Flow = import('../../classifier/flow.ts').Flow

interface ExplainFlags extends RulesFlags {
  readonly pcap?: string
}

/** Whether a flow is the one that was asked for: either end, or both with a space between. */
function isAsked(asked: string | undefined, a: string, b: string): boolean {
  if (asked === undefined) return true
  const ends = asked.trim().split(/\s+/)
  const isEnd = (end: string): boolean => [a, b].some((own) => own === end || hostOf(own) === end)
  return ends.every(isEnd)
}

/** The address of `ip:port`, without brackets. */
const hostOf = (end: string): string =>
  end.slice(0, end.lastIndexOf(':')).replaceAll(/^\[|\]$/g, '')

async function explain(flow: string | undefined, flags: ExplainFlags): Promise<number> {
  if (flags.pcap === undefined) {
    throw new FlowledgerError('usage', 'explain needs to be told where the packets are.', {
      fix: 'Give a capture with --pcap.',
    })
  }
  const { classifyFile } = await import('../../appliance/capture/classify-file.ts')
  const { explanationOf } = await import('../../classifier/explain.ts')
  let shown = 0
  const keeper = await openRules(flags)
  const show = (ended: Flow): void => {
    if (!isAsked(flow, ended.clientText, ended.serverText)) return
    shown++
    print(explanationOf(ended))
  }
  const { capture } = classifyFile(flags.pcap, show, keeper)
  if (capture.damage === 'not-a-capture') {
    throw new FlowledgerError('capture-unreadable', `${flags.pcap} is no pcap or pcapng file.`)
  }
  return shown > 0 ? exitCodes.ok : exitCodes.noMatch
}

export function addExplain(program: Command): void {
  const command = withRulesOptions(program.command('explain'))
    .description('say what a verdict rests on: packet, evidence, and what lost')
    .argument('[flow]', 'an end, as ip or ip:port, or both ends of it; left out: all flows')
    .option('--pcap <file>', 'capture that holds its packets; - is standard input')
    .action(withExit(explain))
  withExamples(command, [
    ['explain --pcap capture.pcapng', 'every flow of it'],
    ["explain '192.0.2.7:40000 198.51.100.1:443' --pcap capture.pcapng", 'one of them'],
  ])
}
