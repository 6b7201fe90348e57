import { hostname } from 'node:os'
import { Option } from 'commander'
import type { Command } from 'commander'
import { FlowledgerError, exitCodes } from '../../model/errors.ts'
import { natVendors } from '../../model/syslog-sources.ts'
import type { NatVendor } from '../../model/syslog-sources.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { textsAgain, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print } from '../output.ts'
import { outputOption } from '../output-option.ts'

interface NatFlags extends CommonFlags {
  readonly source?: string
  readonly vendor: NatVendor | 'auto'
  readonly tz?: string
  readonly year?: string
  readonly at?: string
  readonly patterns?: string
  readonly host?: readonly string[]
  readonly output: 'text' | 'json'
}

type Result = import('../import-nat.ts').NatImportResult

function readYear(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^(199\d|20\d\d)$/.test(text)) return Number(text)
  throw new FlowledgerError('usage', `"${text.slice(0, 20)}" is not a year.`, {
    fix: 'Write the year of the first line, such as 2026.',
  })
}

async function readAt(flags: NatFlags): Promise<number | undefined> {
  if (flags.at === undefined) return undefined
  const { parseInstant } = await import('../../model/time.ts')
  return parseInstant(flags.at, { tz: flags.tz, nowUs: Date.now() * 1000 }).atUs
}

/** What an import did, in plain sentences, one a line. */
function describe(result: Result, refused: Readonly<Record<string, number>>): string[] {
  const { lines, linesKnown, rows, read, mappings, samples } = result
  const { tooLong, unterminated, otherHosts } = result
  const before = linesKnown === 0 ? '' : ` (${linesKnown} imported before)`
  const out = [`${lines} lines read${before}, ${read.events} events, ${rows} rows written.`]
  const tell = (count: number, what: string): void => {
    if (count > 0) out.push(`${count} ${what}.`)
  }
  tell(mappings.orphans, 'ends of something that the text does not show to begin')
  tell(mappings.inferredEnds, 'ends were missed and are inferred')
  tell(mappings.evicted, 'mappings were written early: too many were open at once')
  tell(read.unknown, `lines are of no known vendor, such as: ${samples.unknown.at(-1) ?? ''}`)
  tell(
    read.malformed,
    `lines cannot be read to their end, such as: ${samples.malformed.at(-1) ?? ''}`
  )
  tell(otherHosts, 'lines are of other hosts')
  tell(tooLong, 'lines are too long')
  tell(unterminated, 'last lines have no end yet; they are read when they have')
  for (const [reason, count] of Object.entries(read.timeless)) tell(count, `lines: ${reason}`)
  for (const [reason, count] of Object.entries(refused)) tell(count, `rows refused: ${reason}`)
  for (const name of result.damaged) out.push(`${name} is cut short or damaged.`)
  if (result.interrupted) out.push('Interrupted: the same command goes on from here.')
  return out
}

function json(result: Result, refused: Readonly<Record<string, number>>): string {
  const snake = (key: string): string => key.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)
  const plain = { ...result, refused }
  return JSON.stringify(plain, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, part]) => [snake(key), part]))
      : value
  )
}

/** Adds `import syslog-nat`. */
export function addSyslogNatImport(
  command: Command,
  untilInterrupted: () => AbortSignal,
  interruptedCode: number
): void {
  const run = async (files: readonly string[], flags: NatFlags): Promise<number> => {
    const { config } = await loadAloud(flags)
    const { importNat } = await import('../import-nat.ts')
    const { showProgress } = await import('../import/progress.ts')
    const { withImportLedger } = await import('../import-ledger.ts')
    const { host: hosts, vendor, tz, patterns: patternFile } = flags
    const source = flags.source ?? (hosts?.length === 1 ? hosts[0] : undefined) ?? hostname()
    const options = { source, vendor, tz, patternFile, hosts, year: readYear(flags.year) }
    const atUs = await readAt(flags)
    const progress = showProgress(process.stderr)
    return await withImportLedger(config, async ({ sink, refused }) => {
      const signal = untilInterrupted()
      const result = await importNat(files, { ...options, atUs, signal }, sink, progress.report)
      progress.done()
      print(flags.output === 'json' ? json(result, refused) : describe(result, refused).join('\n'))
      return result.interrupted ? interruptedCode : exitCodes.ok
    })
  }
  const added = withConfigOptions(command.command('syslog-nat'))
    .description('NAT logs that gateways wrote by syslog (docs/how-to/syslog-nat.md)')
    .argument('<file...>', 'files, also gzip; - is standard input')
    .option('--source <name>', "the gateway that wrote them (default: --host, or this host's name)")
    .option('--host <name...>', 'read only lines of these hosts: a relay wrote for several')
    .addOption(
      new Option('--vendor <name>', 'whose lines they are')
        .choices(['auto', ...natVendors])
        .default('auto')
    )
    .option('--tz <zone>', 'zone of times that name none, such as Europe/Berlin')
    .option('--year <year>', 'year of the first line, where lines have none')
    .option('--at <time>', 'when the files were written (default: what the file system says)')
    .option('--patterns <file>', 'patterns of your own, one a line')
    .addOption(outputOption('text', 'json'))
    .action(withExit(run))
  withRunAgain(added, textsAgain)
  withExamples(added, [
    [
      'import syslog-nat cgn.log.gz --source cgn1 --tz UTC',
      'twice adds nothing; killed it goes on',
    ],
    ['import syslog-nat relay.log --host cgn2 --tz UTC', 'of all gateways behind a relay, cgn2'],
    ['import syslog-nat own.log --patterns own.patterns', 'a vendor that is not known'],
  ])
}
