import type { Command } from 'commander'
import { FlowledgerError, exitCodes } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { beginsAnew, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say, table } from '../output.ts'
import { numberOption } from '../number-option.ts'
import { outputOption } from '../output-option.ts'

type Config = import('../../model/config.ts').Config
type Policy = import('../../policy/policy.ts').Policy
type ApplicationRules =
  import('../../classifier/applications/application-rules.ts').ApplicationRules

interface OutputFlags extends CommonFlags {
  readonly output: 'table' | 'json'
}

interface PlanFlags extends OutputFlags {
  readonly since: string
}

interface Read {
  readonly config: Config
  readonly policy: Policy
  readonly rules: ApplicationRules
}

/** Reads the policy that was named, or that of the configuration. */
async function read(file: string | undefined, flags: CommonFlags): Promise<Read> {
  const { config } = await loadAloud(flags)
  const path = file ?? config.policy?.rules
  if (path === undefined) {
    throw new FlowledgerError('usage', 'There is no policy.', {
      fix: 'Name its file, or write policy: { rules: FILE } into the configuration.',
    })
  }
  const { applicationRulesOf, readPolicyFile } = await import('../../appliance/policy/reading.ts')
  const { formatPolicyProblem } = await import('../../policy/problem.ts')
  const rules = applicationRulesOf(config.applications)
  const policy = readPolicyFile(path, rules, config.applications)
  for (const warning of policy.warnings) say(`warning: ${formatPolicyProblem(path, warning)}`)
  return { config, policy, rules }
}

async function wantedBy({ targets }: Policy) {
  const { wantedOf } = await import('../../policy/kernel/ruleset.ts')
  return wantedOf(targets.flatMap(({ needs }) => needs))
}

async function check(file: string | undefined, flags: CommonFlags): Promise<void> {
  const { policy } = await read(file, flags)
  const { actions, targets, format, warnings } = policy
  const from = format === 'netify' ? ', written for Netify’s agent' : ''
  const count = `${actions.length} actions, ${targets.length} targets, ${warnings.length} warnings`
  print(`${policy.file} can be used${from}: ${count}.`)
}

/** What is missing in the kernel, to people; the number of what keeps the policy from working. */
async function showFindings(policy: Policy): Promise<number> {
  const { inspect } = await import('../../policy/kernel/inspect.ts')
  const findings = await inspect(await wantedBy(policy))
  for (const { kind, text, fix } of findings) print(`${kind.padEnd(8)}  ${text}  ${fix}`)
  return findings.filter(({ kind }) => kind !== 'note').length
}

const mostPlanned = 200_000

async function plan(file: string | undefined, flags: PlanFlags): Promise<number> {
  const { config, policy, rules } = await read(file, flags)
  const { planOf } = await import('../../appliance/policy/planning.ts')
  const { readJudged } = await import('../../store/read-judged.ts')
  const { withLedger } = await import('../ledger-access.ts')
  const { parseInstant } = await import('../../model/time.ts')
  const { showQueries } = await import('../progress.ts')
  const { atUs } = parseInstant(flags.since, { nowUs: Date.now() * 1000 })
  const rows = await withLedger(config, 'lookup', (access) =>
    showQueries(access.database('lookup'), (database) => readJudged(database, atUs, mostPlanned))
  )
  const planned = planOf(policy, rows, rules, config.networks)
  const { inspect } = await import('../../policy/kernel/inspect.ts')
  if (flags.output === 'json') {
    const kernel = await inspect(await wantedBy(policy))
    print(JSON.stringify({ connections: rows.length, actions: planned, kernel }))
    return exitCodes.ok
  }
  const lines = planned.map(({ action, targets, connections, hosts, octets, examples, ...one }) => [
    action,
    one.unknownFields.length > 0 ? '?' : String(connections),
    String(hosts),
    String(octets),
    targets.join(' '),
    examples.join(' '),
  ])
  const head = ['action', 'connections', 'hosts', 'octets', 'targets', 'such as']
  print(table([head, ...lines]))
  for (const { action, unknownFields } of planned) {
    if (unknownFields.length === 0) continue
    say(`${action} asks for ${unknownFields.join(', ')}, which the ledger does not keep.`)
  }
  const most = rows.length === mostPlanned ? ' (the latest; there are more)' : ''
  say(`Of ${rows.length} connections since ${flags.since}${most}.`)
  await showFindings(policy)
  return exitCodes.ok
}

async function apply(file: string | undefined, flags: CommonFlags): Promise<number> {
  const { policy } = await read(file, flags)
  const { install } = await import('../../policy/kernel/install.ts')
  const wanted = await wantedBy(policy)
  for (const left of await install(wanted)) say(left)
  const missing = await showFindings(policy)
  if (missing > 0) return exitCodes.noMatch
  const { hasLabels, nftSets, ipsets, rules } = wanted
  const sets = `${nftSets.length} sets of nftables, ${ipsets.length} IP sets`
  const all = `${rules.cut.length + rules.mark.length} rules, ${sets}`
  print(`In place: ${all}${hasLabels ? ', room for labels' : ''}.`)
  say('A flowledger that runs takes the policy over with SIGHUP (systemctl reload flowledger).')
  return exitCodes.ok
}

async function remove(): Promise<number> {
  const { removeAll } = await import('../../policy/kernel/install.ts')
  const left = await removeAll()
  for (const line of left) print(line)
  if (left.length > 0) return exitCodes.noMatch
  print('Nothing of the policy is left in the kernel.')
  return exitCodes.ok
}

async function showRules(file: string | undefined, flags: CommonFlags): Promise<void> {
  const { policy } = await read(file, flags)
  const { rulesetText } = await import('../../policy/kernel/ruleset.ts')
  print(rulesetText(await wantedBy(policy)))
}

async function show(
  file: string | undefined,
  flags: OutputFlags & { readonly last: number }
): Promise<number> {
  const { config } = await loadAloud(flags)
  const { shown } = await import('../policy-state.ts')
  const state = await shown(config, flags.last)
  if (flags.output === 'json') {
    print(JSON.stringify(state))
    return exitCodes.ok
  }
  if (state.kernel.length === 0) say('Nothing of a policy is in the kernel.')
  for (const line of state.kernel) print(line)
  for (const {
    at,
    action,
    target,
    outcome,
    local,
    other,
    application,
    protocol,
  } of state.actions) {
    print(
      `${at}  ${action}  ${target}  ${outcome}  ${local} > ${other}  ${application ?? protocol}`
    )
  }
  if (file === undefined && config.policy === undefined) return exitCodes.ok
  const { policy } = await read(file, flags)
  return (await showFindings(policy)) === 0 ? exitCodes.ok : exitCodes.noMatch
}

/** Adds `policy`: what is done with connections once it is known what they are. */
export function addPolicy(program: Command): void {
  const command = program
    .command('policy')
    .description('act on connections by what they are: labels, marks, sets, resets, WANs')
  const add = (name: string, text: string): Command =>
    withConfigOptions(command.command(name)).description(text)
  const withFile = (name: string, text: string): Command =>
    add(name, text).argument('[file]', 'the policy; left out: that of the configuration')
  withFile('check', 'can it be used? Says file, line and column of what is wrong').action(
    withExit(check)
  )
  const planning = withFile(
    'plan',
    'what it would have meant lately, and what the kernel lacks for it'
  )
    .option('--since <time>', 'connections that ended after it', '-1h')
    .addOption(outputOption('table', 'json'))
    .action(withExit(plan))
  withRunAgain(planning, beginsAnew)
  withFile('rules', 'print what apply puts into the kernel').action(withExit(showRules))
  withFile('apply', 'put rules and sets into the kernel, with our mark on them').action(
    withExit(apply)
  )
  withFile('show', 'what of it is in the kernel, and what was done lately')
    .addOption(
      numberOption('--last <number>', 'actions that are shown', {
        from: 0,
        to: 100_000,
        usually: 20,
      })
    )
    .addOption(outputOption('table', 'json'))
    .action(withExit(show))
  add('remove', 'take everything with our mark out of the kernel').action(withExit(remove))
  withExamples(command, [
    ['policy check zoom.yaml', 'is every rule right?'],
    ['policy plan zoom.yaml', 'what would it have meant in the last hour?'],
    ['policy apply zoom.yaml', 'make the sets and rules that it needs'],
    ['policy check netify-proc-flow-actions.json', 'a policy of Netify’s agent, as it is'],
  ])
}
