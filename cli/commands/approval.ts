import { Argument } from 'commander'
import type { Command } from 'commander'
import { approvalActs } from '../../model/rights.ts'
import type { ApprovalAct } from '../../model/rights.ts'
import type { Principal } from '../../model/principal.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { tokenFileOption } from '../token-principal.ts'

type DeskParts = import('../../lookup-api/approval-desk.ts').DeskParts

interface DeskFlags extends CommonFlags {
  readonly tokenFile?: string
}

/** The same desk as the API's, for who has a token at hand instead of a browser. */
async function withDesk<T>(
  flags: DeskFlags,
  work: (parts: DeskParts, principal: Principal) => Promise<T>
): Promise<T> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { AuditWriter } = await import('../../store/audit.ts')
  const { ApprovalStore } = await import('../../store/approvals.ts')
  const { makeAccess } = await import('../../lookup-api/access.ts')
  const { principalOfFlags } = await import('../token-principal.ts')
  return await withLedger(config, 'audit', async (ledger) => {
    const database = ledger.database('audit')
    const approvals = new ApprovalStore(database)
    const audit = new AuditWriter(database, ledger.dataDir)
    const access = makeAccess(config.access, { approvals, audit })
    const nowUs = (): number => Date.now() * 1000
    const principal = await principalOfFlags(database, config, flags)
    return await work({ approvals, audit, access, nowUs }, principal)
  })
}

/** `ip=192.0.2.1 at=2026-03-01T12:00:00Z` as a subject. */
function readSubject(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)]
      throw new FlowledgerError('usage', `"${word.slice(0, 50)}" has no name.`, {
        fix: 'Write NAME=VALUE, such as ip=192.0.2.1.',
      })
    })
  )
}

interface RequestFlags extends DeskFlags {
  readonly reason: string
  readonly case?: string
  readonly purpose?: string
  readonly emergency?: boolean
}

async function request(
  act: ApprovalAct,
  words: readonly string[],
  flags: RequestFlags
): Promise<void> {
  const { ask } = await import('../../lookup-api/approval-desk.ts')
  const { reason, case: caseRef, purpose, emergency } = flags
  const wish = { act, subject: readSubject(words), reason, case: caseRef, purpose, emergency }
  const made = await withDesk(flags, (parts, principal) => ask(wish, principal, parts))
  print(made.id)
  say(made.state === 'pending' ? 'It waits for another person.' : 'It holds, and will be reviewed.')
}

async function list(flags: CommonFlags & { output: string; state?: 'emergency' }): Promise<void> {
  const { approvalJson } = await import('../../lookup-api/routes/approvals.ts')
  const state = flags.state ?? 'pending'
  const found = await withDesk(flags, ({ approvals }) =>
    approvals.list({ state, unacknowledged: true, limit: 1000 })
  )
  const rows = found.map(approvalJson)
  if (flags.output === 'json') {
    print(JSON.stringify(rows))
    return
  }
  const lines = rows.map((row) => [
    row.id,
    row.act,
    row.requester,
    Object.entries(row.subject)
      .map((pair) => pair.join('='))
      .join(' '),
    row.case ?? '-',
    row.reason,
  ])
  print(table([['ID', 'ACT', 'BY', 'SUBJECT', 'CASE', 'REASON'], ...lines]))
}

const decideAs =
  (decision: 'approve' | 'refuse') =>
  async (id: string, flags: DeskFlags & { note?: string }): Promise<void> => {
    const { decide } = await import('../../lookup-api/approval-desk.ts')
    const decided = await withDesk(flags, (parts, principal) =>
      decide(id, decision, flags.note, principal, parts)
    )
    say(`${decided.id} is ${decided.state}.`)
  }

async function acknowledge(id: string, flags: DeskFlags): Promise<void> {
  const desk = await import('../../lookup-api/approval-desk.ts')
  await withDesk(flags, (parts, principal) => desk.acknowledge(id, principal, parts))
  say(`${id} is acknowledged.`)
}

export function addApproval(program: Command): void {
  const command = program.command('approval').description('acts that need a second person')
  withConfigOptions(command.command('request'))
    .description('ask another person, and print the number of the approval')
    .addArgument(new Argument('<act>', 'what').choices(approvalActs))
    .argument('<subject...>', 'NAME=VALUE: the question, or what names the object')
    .requiredOption('--reason <text>', 'why')
    .option('--case <text>', 'reference')
    .option('--purpose <text>', 'purpose')
    .option('--emergency', 'do it alone, where that is configured; it is reviewed afterwards')
    .option(...tokenFileOption)
    .action(withExit(request))
  withConfigOptions(command.command('list'))
    .description('what waits for a second person')
    .option('--emergency', 'overrides that nobody has reviewed, instead')
    .addOption(outputOption('table', 'json'))
    .action(
      withExit((flags: CommonFlags & { output: string; emergency?: boolean }) =>
        list(flags.emergency === true ? { ...flags, state: 'emergency' } : flags)
      )
    )
  for (const decision of ['approve', 'refuse'] as const) {
    withConfigOptions(command.command(decision))
      .description(decision === 'approve' ? "allow another's wish" : "refuse another's wish")
      .argument('<id>', 'its number')
      .option('--note <text>', 'for the record')
      .option(...tokenFileOption)
      .action(withExit(decideAs(decision)))
  }
  withConfigOptions(command.command('acknowledge'))
    .description("take note of another's override")
    .argument('<id>', 'its number')
    .option(...tokenFileOption)
    .action(withExit(acknowledge))
  withExamples(command, [
    [
      'approval request reveal ip=192.0.2.1 port=2000 at=2026-03-01T12:00:00Z --reason "theft"',
      'by whom the token is that FLOWLEDGER_TOKEN holds',
    ],
    ['approval approve 7 --token-file ~/.flowledger-token', 'by another person'],
    ['lookup 192.0.2.1:2000 2026-03-01T12:00:00Z --approval 7', 'the act itself'],
  ])
}
