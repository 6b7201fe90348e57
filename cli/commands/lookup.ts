import type { Command } from 'commander'
import type { LookupInput } from '../../lookup-api/query.ts'
import { formatWords } from '../../model/address.ts'
import { parseEndpointText } from '../../model/endpoint-text.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, usesColour } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { tokenFileOption } from '../token-principal.ts'

/** The options of `lookup` beside the common ones. */
interface LookupFlags extends CommonFlags {
  readonly protocol?: string
  readonly destination?: string
  readonly tolerance?: string
  readonly tz?: string
  readonly case?: string
  readonly purpose?: string
  readonly approval?: string
  readonly tokenFile?: string
  readonly evidence?: string
  readonly page?: string
  readonly pdf?: string
  readonly output: 'table' | 'json' | 'csv'
}

/** An endpoint as the two fields of a question. */
function endpointFields(text: string): { ip: string; port?: string } {
  const { ip, port } = parseEndpointText(text)
  return port === undefined ? { ip: formatWords(ip) } : { ip: formatWords(ip), port: String(port) }
}

/** The question as the parameters of `GET /v1/lookup`, which the API and the command share. */
export function lookupInput(
  address: string,
  time: readonly string[],
  flags: Omit<LookupFlags, 'output'>
): LookupInput {
  const to = flags.destination === undefined ? undefined : endpointFields(flags.destination)
  const fields: Record<string, string | undefined> = {
    ...endpointFields(address),
    // `2026-03-01 12:00:00Z` comes as two words where nobody quoted it.
    at: time.join(' '),
    destination_ip: to?.ip,
    destination_port: to?.port,
    protocol: flags.protocol,
    tolerance: flags.tolerance,
    tz: flags.tz,
    case: flags.case,
    purpose: flags.purpose,
    approval: flags.approval,
  }
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}

/** @throws FlowledgerError `usage` where a view of evidence is wanted, and not the evidence */
function requireEvidenceFile({ evidence, page, pdf }: Omit<LookupFlags, 'output'>): void {
  if (evidence !== undefined || (page === undefined && pdf === undefined)) return
  throw new FlowledgerError('usage', 'A page or PDF shows a signed file.', {
    fix: 'Say with --evidence where to write that file.',
  })
}

async function lookup(
  address: string,
  time: readonly string[],
  flags: LookupFlags
): Promise<number> {
  const input = lookupInput(address, time, flags)
  const { readLookup } = await import('../../lookup-api/query.ts')
  // What cannot be read is told at once: nothing is asked, and no database is needed.
  readLookup(input, Date.now() * 1000)
  requireEvidenceFile(flags)
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { openFlowsOf } = await import('../../appliance/serving/open-flows.ts')
  const { makeAnswerDependencies } = await import('../../appliance/serving/answering.ts')
  const { answerForCommand } = await import('../lookup-answer.ts')
  const { principalOfFlags } = await import('../token-principal.ts')
  const { exitCodeOf, formatAnswer } = await import('../../lookup-api/format.ts')
  const openFlows = openFlowsOf(config)
  const answered = await withLedger(config, 'lookup', async (access) => {
    const databases = {
      lookup: access.database('lookup'),
      audit: access.database('audit', 1),
      identity: access.database('identity'),
      directory: access.database('directory'),
    }
    const deps = makeAnswerDependencies(config, databases, openFlows)
    const principal = await principalOfFlags(databases.audit, config, flags)
    return await answerForCommand(input, deps, principal, { config, databases, flags })
  })
  print(formatAnswer(answered, flags.output, { colour: usesColour(process.stdout) }))
  return exitCodeOf(answered)
}

export function addLookup(program: Command): void {
  const command = withConfigOptions(program.command('lookup'))
    .description('who had this public address and port at that time?')
    .argument('<address[:port]>', 'public address; IPv6 in brackets where a port follows')
    .argument('<time...>', 'RFC 3339, seconds since 1970, now, or like -15m')
    .option('--protocol <name>', 'tcp, udp, icmp, …, or a number (default: all)')
    .option('--destination <address[:port]>', 'the other end, to tell several apart')
    .option('--tolerance <duration>', 'how wrong the time may be (default: as exact as given)')
    .option('--tz <zone>', 'zone of a time that names none, such as Europe/Berlin or +01:00')
    .option('--case <text>', 'reference for the audit')
    .option('--purpose <text>', 'reason for the audit')
    .option('--approval <id>', 'where a second person is needed')
    .option(...tokenFileOption)
    .option('--evidence <file>', 'write the answer as signed evidence, for "verify"')
    .option('--page <file>', 'write it as a printable page')
    .option('--pdf <file>', 'write it as PDF')
    .addOption(outputOption('table', 'json', 'csv'))
    .action(withExit(lookup))
  withExamples(command, [
    ['lookup 192.0.2.1:40001 2026-03-01T12:00:00Z', 'exit code 1: nobody, 5: cannot be known'],
    ["lookup '[2001:db8::7]:51000' -15m -o json", 'the body of GET /v1/lookup'],
    ['lookup 192.0.2.1:40001 2026-03-01T12:00:00Z --evidence answer.json', 'signed, to hand on'],
    [
      'lookup 192.0.2.1:40001 2026-03-01 13:00 --tz Europe/Berlin --destination 203.0.113.7:443',
      'with what a notice says: local time and the other end',
    ],
  ])
}
