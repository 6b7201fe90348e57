import { Argument } from 'commander'
import type { Command } from 'commander'
import type { ReportInput } from '../../lookup-api/reports/context.ts'
import type { Report } from '../../lookup-api/reports/contract.ts'
import { FlowledgerError, exitCodes } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { tokenFileOption } from '../token-principal.ts'

const names = ['applications', 'traffic', 'nat-pool', 'talkers', 'exporters', 'storage'] as const

interface ReportFlags extends CommonFlags, ReportInput {
  readonly series?: boolean
  readonly tokenFile?: string
  readonly output: 'table' | 'json' | 'csv'
}

/** A number as people read it: whole, or with three digits that say something. */
function cellText(cell: Report['table']['rows'][number][string]): string {
  if (typeof cell !== 'number') return printable(cell ?? '-')
  return Number.isInteger(cell) ? String(cell) : String(Number(cell.toPrecision(4)))
}

/** Names come from the wire: nothing of them is an order to a terminal. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?')

/** The table of a report, its figures and notes, for a terminal. */
function reportText(one: Report): string {
  const { columns, rows } = one.table
  const lines = rows.map((row) => columns.map(({ key }) => cellText(row[key] ?? null)))
  const head = `${one.title}, ${one.from} to ${one.to}\n\n`
  const figures = one.figures.map(({ title, value, unit }) => [title, cellText(value), unit])
  const parts = [head, table([columns.map(({ title }) => title), ...lines])]
  return [...parts, figures.length > 0 ? `\n${table(figures)}` : ''].join('')
}

async function report(name: string, flags: ReportFlags): Promise<number> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { reports } = await import('../../lookup-api/reports/reports.ts')
  const { seriesCsv, tableCsv } = await import('../../lookup-api/reports/report-csv.ts')
  const { principalOfFlags } = await import('../token-principal.ts')
  const { actorOf } = await import('../../model/principal.ts')
  const { showQueries } = await import('../progress.ts')
  const kind = reports[name]
  if (kind === undefined) throw new Error('a report that is none')
  const made = await withLedger(config, 'lookup', async (access) => {
    const audit = access.database('audit', 1)
    const principal = await principalOfFlags(audit, config, flags)
    if (!principal.rights.has(kind.right)) {
      throw new FlowledgerError('permission-missing', `This needs the right ${kind.right}.`)
    }
    const context = { settings: config.reports, nowUs: Date.now() * 1000 }
    const one = await showQueries(access.database('lookup'), (database) =>
      kind.make(flags, { ...context, database })
    )
    if (kind.right === 'talkers') {
      const { AuditWriter } = await import('../../store/audit.ts')
      const { from, to } = one
      const entry = { actor: actorOf(principal), action: `report-${name}`, detail: { from, to } }
      await new AuditWriter(audit, access.dataDir).appendAudit(entry)
    }
    return one
  })
  if (flags.output === 'json') print(JSON.stringify(made))
  else if (flags.output === 'csv') print(flags.series === true ? seriesCsv(made) : tableCsv(made))
  else print(reportText(made))
  if (flags.output === 'table') for (const note of made.notes) say(printable(note))
  return exitCodes.ok
}

/** Adds `report`: what capacity is planned by. */
export function addReport(program: Command): void {
  const command = withConfigOptions(program.command('report'))
    .description('traffic, applications, NAT pool and storage over time')
    .addArgument(new Argument('<name>', 'which report').choices(names))
    .option('--from <time>', 'start (default: a day ago)')
    .option('--to <time>', 'end (default: now)')
    .option('--tz <zone>', 'zone of times that name none')
    .option('--step <duration>', 'whole minutes, such as 5m or 1h (default: as fits)')
    .option('--source <name>', 'only what this source saw')
    .option('--by <what>', 'series by this, such as category or ingress')
    .option('--metric <what>', 'series of this, such as packets or p95')
    .option('--limit <number>', 'series at the most, 1 to 50 (default: 10)')
    .option('--series', 'with -o csv: the points of the plot, not the table')
    .option(...tokenFileOption)
    .addOption(outputOption('table', 'json', 'csv'))
    .action(withExit(report))
  withRunAgain(command, 'It begins anew, and changes nothing in the ledger.')
  withExamples(command, [
    ['report nat-pool --from -30d', 'how full the public addresses were, days until they are full'],
    ['report traffic --from -30d --by ingress -o csv', '95th percentile of each interface'],
    ['report applications --from -1d --step 1h --series -o csv', 'for a spreadsheet'],
  ])
}
