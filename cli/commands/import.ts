import { hostname } from 'node:os'
import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { textsAgain, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { addIdentityImports } from './import-identity.ts'
import { addSyslogNatImport } from './import-syslog-nat.ts'

interface ImportFlags extends CommonFlags {
  readonly source?: string
  readonly at?: string
  readonly tz?: string
  readonly output: 'text' | 'json'
}

/** What shells give for a program that SIGINT ended. */
const interruptedCode = 130

/** The signal that the first Ctrl-C gives; what is committed by then is not read again. */
function untilInterrupted(): AbortSignal {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  return stop.signal
}

async function readAt(flags: ImportFlags): Promise<number | undefined> {
  if (flags.at === undefined) return undefined
  const { parseInstant } = await import('../../model/time.ts')
  return parseInstant(flags.at, { tz: flags.tz, nowUs: Date.now() * 1000 }).atUs
}

function refusedLines(refused: Readonly<Record<string, number>>): string[] {
  return Object.entries(refused).map(([reason, rows]) => `${rows} rows refused: ${reason}.`)
}

async function importText(files: readonly string[], flags: ImportFlags): Promise<number> {
  const { config } = await loadAloud(flags)
  const atUs = await readAt(flags)
  const { importConntrack } = await import('../import.ts')
  const { importJson } = await import('../import-json.ts')
  const { describeImport, showProgress } = await import('../import/progress.ts')
  const { withImportLedger } = await import('../import-ledger.ts')
  const progress = showProgress(process.stderr)
  const { source = hostname(), tz } = flags
  const options = { source, atUs, tz, signal: untilInterrupted() }
  return await withImportLedger(config, async ({ sink, refused }) => {
    const result = await importConntrack(files, options, sink, progress.report)
    progress.done()
    if (flags.output === 'json') print(importJson(result, refused))
    else print([...describeImport(result), ...refusedLines(refused)].join('\n'))
    // Standard input has no end of its own: who follows it stops it with Ctrl-C.
    return result.interrupted && !files.includes('-') ? interruptedCode : exitCodes.ok
  })
}

async function importNetflow(files: readonly string[], flags: ImportFlags): Promise<number> {
  const { config } = await loadAloud(flags)
  const { importNetflowFiles, describeNetflowImport } = await import('../import-netflow.ts')
  const { showProgress } = await import('../import/progress.ts')
  const { withImportLedger } = await import('../import-ledger.ts')
  const progress = showProgress(process.stderr)
  const { exporters } = config.collector.netflow
  const options = { exporters, signal: untilInterrupted(), report: progress.report }
  return await withImportLedger(config, async ({ netflow, refused }) => {
    const result = await importNetflowFiles(files, options, netflow)
    progress.done()
    if (flags.output === 'json') print(JSON.stringify({ ...result, refused }))
    else print([describeNetflowImport(result), ...refusedLines(refused)].join('\n'))
    return result.interrupted ? interruptedCode : exitCodes.ok
  })
}

export function addImport(program: Command): void {
  const command = program.command('import').description('take in what others recorded')
  const conntrack = withConfigOptions(command.command('conntrack'))
    .description('text of "conntrack -E" or "-L", or copies of /proc/net/nf_conntrack')
    .argument('<file...>', 'files, also gzip; - is standard input, whose lines are of now')
    .option('--source <name>', "where it was recorded (default: this host's name)")
    .option('--at <time>', 'when lines without a time were')
    .option('--tz <zone>', "zone of the kernel's local times, such as Europe/Berlin")
    .addOption(outputOption('text', 'json'))
    .action(withExit(importText))
  withRunAgain(conntrack, textsAgain)
  addSyslogNatImport(command, untilInterrupted, interruptedCode)
  const netflow = withConfigOptions(command.command('netflow-pcap'))
    .description('NetFlow and IPFIX in captures, payload files and IPFIX files')
    .argument('<file...>', 'pcap, pcapng, a datagram’s payload, or IPFIX files (*.ipfix)')
    .addOption(outputOption('text', 'json'))
    .action(withExit(importNetflow))
  withRunAgain(
    netflow,
    'The same files add nothing, and after a kill or Ctrl-C they are read once more and what is ' +
      'written is passed over. They are known by what all of them hold together and by what the ' +
      'configuration says of exporters: a file that has grown, or is given before others, adds ' +
      'what is new; behind others it is taken in whole.'
  )
  addIdentityImports(command, untilInterrupted, interruptedCode)
  withExamples(netflow, [
    [
      'import netflow-pcap capture.pcapng',
      'each exporter in it is a source; twice adds nothing; killed it goes on',
    ],
  ])
  for (const each of [command, conntrack]) {
    withExamples(each, [
      ['import conntrack events.log.gz --source gw1', 'twice adds nothing; killed it goes on'],
      ['import conntrack table.txt --at 2026-03-01T12:30:00Z', 'a dump, with when it was made'],
      ['import conntrack - < <(conntrack -E -o timestamp,id)', 'as it happens, until Ctrl-C'],
    ])
  }
}
