import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { withExamples, withExit } from '../common-options.ts'
import { numberOption } from '../number-option.ts'
import { print, say } from '../output.ts'

interface CaptureFlags {
  readonly group: number
  readonly packets: number
  readonly snaplen: number
  readonly interface?: readonly string[]
}

type NflogRules = import('../../collector/capture/nflog-rules.ts').NflogRules

const rulesOf = (flags: CaptureFlags): NflogRules => ({
  group: flags.group,
  packets: flags.packets,
  snapLength: flags.snaplen,
})

async function show(flags: CaptureFlags): Promise<void> {
  const { nflogRuleset } = await import('../../collector/capture/nflog-rules.ts')
  print(nflogRuleset(rulesOf(flags)))
}

async function check(flags: CaptureFlags): Promise<number> {
  const { rulesetState } = await import('../../appliance/capture/nflog-ruleset.ts')
  const { rules, accounting } = await rulesetState(rulesOf(flags))
  const words = { installed: 'in place', other: 'there, but another one', absent: 'not there' }
  print(`rule        ${words[rules]}`)
  print(`accounting  ${accounting ? 'on' : 'off: sysctl -w net.netfilter.nf_conntrack_acct=1'}`)
  return rules === 'installed' && accounting ? exitCodes.ok : exitCodes.noMatch
}

async function install(flags: CaptureFlags): Promise<number> {
  const { installRules } = await import('../../appliance/capture/nflog-ruleset.ts')
  await installRules(rulesOf(flags))
  return check(flags)
}

async function remove(): Promise<void> {
  const { removeRules } = await import('../../appliance/capture/nflog-ruleset.ts')
  await removeRules()
}

/** One JSON line for each connection once it is known what it is, until a signal comes. */
async function watch(flags: CaptureFlags): Promise<number> {
  const { classifyLive } = await import('../../appliance/capture/classify-live.ts')
  const { reportOf } = await import('../../classifier/report.ts')
  const { group, snapLength } = rulesOf(flags)
  const { interface: interfaces = [] } = flags
  const live = classifyLive(
    { group, interfaces, snapLength, receiveBuffer: 32 << 20 },
    { decided: (flow) => print(JSON.stringify(reportOf(flow))), ended: () => {} }
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => live.stop())
  const watched = interfaces.length === 0 ? `NFLOG group ${group}` : interfaces.join(', ')
  say(`Watching ${watched}; end with Ctrl-C.`)
  await live.ended
  const { packets, lost, overruns, truncated } = live.counters
  say(`${packets} packets, ${lost} lost, ${overruns} overruns, ${truncated} cut short.`)
  return exitCodes.ok
}

/** A subcommand with the options that all of them share. */
function add(parent: Command, name: string, text: string): Command {
  return parent
    .command(name)
    .description(text)
    .addOption(numberOption('--group <number>', 'NFLOG group', { from: 0, to: 65_535, usually: 5 }))
    .addOption(
      numberOption('--packets <number>', 'first packets of each connection', {
        from: 1,
        to: 255,
        usually: 10,
      })
    )
    .addOption(
      numberOption('--snaplen <octets>', 'octets of each packet', {
        from: 128,
        to: 65_535,
        usually: 4096,
      })
    )
}

export function addCapture(program: Command): void {
  const command = program
    .command('capture')
    .description('first packets of connections from the kernel: the rule for it, and watching them')
  add(command, 'rules', 'print the nftables rule').action(withExit(show))
  add(command, 'check', 'is the rule in place, and does it work?').action(withExit(check))
  add(command, 'install', 'put the rule in place, in a table of its own').action(withExit(install))
  add(command, 'remove', 'take it away again').action(withExit(remove))
  add(command, 'watch', 'classify connections as they come, one JSON line each')
    .option('--interface <name...>', 'interfaces to read instead of the group')
    .action(withExit(watch))
  withExamples(command, [
    ['capture rules', 'to put into a ruleset of your own'],
    ['capture install && flowledger capture watch', 'see what passes this gateway'],
  ])
}
