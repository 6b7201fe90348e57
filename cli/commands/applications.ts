import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { withExamples, withExit } from '../common-options.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { openRules, withRulesOptions } from '../rules-option.ts'
import type { RulesFlags } from '../rules-option.ts'

interface ApplicationsFlags extends RulesFlags {
  readonly output: 'table' | 'ndjson'
  readonly check?: true
  readonly host?: string
  readonly address?: string
}

async function listApplications(flags: ApplicationsFlags): Promise<number> {
  const { rules } = await openRules(flags)
  if (flags.host !== undefined) return showHit(rules.byHost(flags.host))
  if (flags.address !== undefined) {
    const { requireAddress } = await import('../../model/address.ts')
    return showHit(rules.byAddress(...requireAddress(flags.address)))
  }
  if (flags.check === true) {
    const { formatProblem } = await import('../../classifier/applications/rules.ts')
    for (const warning of rules.warnings) say(`warning: ${formatProblem(warning)}`)
    const { applications, hosts, prefixes, soft } = rules.counts
    const by = `${hosts} names, ${prefixes} prefixes, ${soft} expressions`
    const size = `${(rules.bytes / 1e6).toFixed(1)} MB`
    print(`${applications} applications by ${by}; ${rules.repeated} names twice; ${size}.`)
    return exitCodes.ok
  }
  const sorted = rules.applications.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  if (flags.output === 'ndjson') {
    for (const application of sorted) print(JSON.stringify(application))
  } else {
    const rows = sorted.map(({ name, title, category, id }) => [name, title, category, String(id)])
    print(table([['name', 'title', 'category', 'id'], ...rows]))
  }
  return exitCodes.ok
}

type RuleHit = import('../../classifier/applications/rules.ts').RuleHit

/** What names a host or an address, and where that stands. */
function showHit(hit: (RuleHit & { readonly isShared?: boolean }) | undefined): number {
  if (hit === undefined) return exitCodes.noMatch
  const { application, rule, place, isShared } = hit
  const shared = isShared === true ? ', shared: it names nothing alone' : ''
  print(`${application}  ${rule}  ${place.file}:${place.line}${shared}`)
  return exitCodes.ok
}

export function addApplications(program: Command): void {
  const command = withRulesOptions(program.command('applications'))
    .description('list the applications that rules name, or check rules')
    .addOption(outputOption('table', 'ndjson'))
    .option('--check', 'read and test the rules, and count what they hold')
    .option('--host <name>', 'what names this host; exit code 1 where nothing does')
    .option('--address <ip>', 'what names this address')
    .action(withExit(listApplications))
  withExamples(command, [
    ['applications -o ndjson', 'every application that is known, one object a line'],
    ['applications --check --rules my.rules', 'says file, line and column of what is wrong'],
    ['applications --host us02web.zoom.us', 'the rule that names a host'],
  ])
}
