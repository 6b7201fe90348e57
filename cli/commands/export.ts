import { networkInterfaces } from 'node:os'
import { Option } from 'commander'
import type { Command } from 'commander'
import { exportFormats } from '../../exporter/formats.ts'
import { requireAddress } from '../../model/address.ts'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { parseInstant } from '../../model/time.ts'
import { withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import type { TargetFlags } from '../export/target-of-flags.ts'
import { say } from '../output.ts'
import { tokenFileOption } from '../token-principal.ts'

type ExportTarget = import('../../model/export-targets.ts').ExportTarget

interface ExportFlags extends CommonFlags, TargetFlags {
  readonly from: string
  readonly to: string
  readonly tz?: string
  readonly exporter?: string
  readonly case?: string
  readonly purpose?: string
  readonly approval?: string
  readonly tokenFile?: string
}

/** The address that lines of flow-tools name as the exporter's: this host's first one. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const own = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  return own?.address ?? '127.0.0.1'
}

/** Where it goes; undefined for text, which goes to standard output. */
async function targetOf(flags: ExportFlags, isText: boolean): Promise<ExportTarget | undefined> {
  const { requireKnownTarget } = await import('../export/known-target.ts')
  const { targetOfFlags } = await import('../export/target-of-flags.ts')
  if (isText && flags.target !== undefined) {
    throw new FlowledgerError('usage', `${flags.format} is text, which goes to no collector.`, {
      fix: 'Leave --target out: it is written to standard output.',
    })
  }
  if (isText) return undefined
  const target = targetOfFlags(flags)
  if (flags.target !== undefined) await requireKnownTarget(target)
  return target
}

function readTimes({ from, to, tz }: ExportFlags): { fromUs: number; toUs: number } {
  const zone = { tz, nowUs: Date.now() * 1000 }
  const [fromUs, toUs] = [parseInstant(from, zone).atUs, parseInstant(to, zone).atUs]
  if (toUs <= fromUs) throw new FlowledgerError('usage', '--to must be later than --from.')
  return { fromUs, toUs }
}

async function exportFlows(flags: ExportFlags): Promise<number> {
  const { withDesk } = await import('../desk-access.ts')
  const { exportRows } = await import('../export/export-rows.ts')
  const { notInLedger } = await import('../export/slice-batches.ts')
  const { replayMessages, replayText, textFormatOf } = await import('../export/replay.ts')
  // What was typed wrong is told before anything is asked, and before the audit notes an export.
  const { fromUs, toUs } = readTimes(flags)
  if (flags.exporter !== undefined) requireAddress(flags.exporter)
  const format = textFormatOf(flags.format)
  const target = await targetOf(flags, format !== undefined)
  // Flows that are listed start at `from` at the earliest.
  const bootUs = Math.floor(fromUs / 1000) * 1000
  const { commandProgress } = await import('../progress.ts')
  const progress = commandProgress('rows', { isStream: flags.target === undefined })
  const result = await withDesk(flags, async (context) => {
    const batches = await exportRows(context, { ...flags, fromUs, toUs, watch: progress.at })
    if (target !== undefined) {
      const out = flags.target === undefined ? process.stdout : undefined
      return await replayMessages(batches, target, bootUs, out)
    }
    const given = { bootUs, exporter: flags.exporter ?? ownAddress(), unknown: notInLedger }
    if (format === undefined) throw new Error('a format is text or a protocol')
    return await replayText(batches, format, given, process.stdout)
  }).finally(progress.end)
  say(`${result.connections} connections, ${result.records} records.`)
  for (const [reason, count] of Object.entries(result.leftOut)) say(`Left out: ${count} ${reason}.`)
  return result.connections === 0 ? exitCodes.noMatch : exitCodes.ok
}

export function addExport(program: Command): void {
  const command = withConfigOptions(program.command('export'))
    .description('replay connections of the ledger as NetFlow, IPFIX or text')
    .addOption(
      new Option('--format <name>', 'what to write').choices(exportFormats).makeOptionMandatory()
    )
    .requiredOption('--from <time>', 'connections that start at this time or later')
    .requiredOption('--to <time>', 'and before this time')
    .option('--tz <zone>', 'zone of times that name none')
    .option('--target <host:port>', 'send it there (default: write it to standard output)')
    .option('--transport <name>', 'udp, or for ipfix tcp or tls (default: udp)')
    .option('--rate <packets>', 'packets a second over UDP (default: 20000)')
    .option('--records <kind>', 'flows, nat-events or both (default: flows)')
    .option('--directions <kind>', 'biflow, uniflows or forward (default: by format)')
    .option('--views <kind>', 'netflow5: both, inside or outside (default: both)')
    .option('--domain <number>', 'observation domain, source id or engine (default: 0)')
    .option('--mtu <octets>', 'longest packet over UDP (default: 1500)')
    .option('--exporter <address>', 'flow-tools: who exported (default: an address of this host)')
    .option('--case <text>', 'reference for the audit')
    .option('--purpose <text>', 'reason for the audit')
    .option('--approval <id>', 'where a second person is needed')
    .option(...tokenFileOption)
    .action(withExit(exportFlows))
  withRunAgain(
    command,
    'It begins anew at --from: a collector is told everything once more and cannot tell the two ' +
      'apart, and the audit has another entry.'
  )
  withExamples(command, [
    ['export --format ipfix --from -1h --to now --target 192.0.2.9:4739', 'to a collector'],
    ['export --format ipfix --from -1d --to now > day.ipfix', 'an IPFIX file (RFC 5655)'],
    [
      'export --format flow-tools --from -1h --to now | flow-import -f2 -m0xFF31EF > flows',
      'into files of flow-tools: one line for the view from inside, one for that from outside',
    ],
  ])
}
