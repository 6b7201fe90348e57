import type { Command } from 'commander'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { withDesk } from '../desk-access.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { tokenFileOption } from '../token-principal.ts'
import type { EvidenceTargets } from '../write-evidence.ts'

interface PlaceFlags extends CommonFlags {
  readonly from?: string
  readonly to?: string
  readonly tz?: string
  readonly reason: string
  readonly expires?: string
  readonly case?: string
  readonly record?: readonly string[]
}

async function list(flags: CommonFlags & { all?: boolean; output: string }): Promise<void> {
  const { holdJson } = await import('../../lookup-api/cases/present.ts')
  const { recordDeskAct } = await import('../../lookup-api/cases/desk.ts')
  const { heldText, holdState } = await import('../format-case.ts')
  await withDesk(flags, async (context) => {
    const inForce = flags.all === true ? undefined : true
    const page = await context.holds.list({ inForce, limit: 1000 })
    await recordDeskAct(context, 'hold-read', {}, { holds: page.items.length })
    const holds = page.items.map(holdJson)
    if (flags.output === 'json') return print(JSON.stringify(holds))
    const rows = holds.map((hold) => [
      String(hold.id),
      hold.case ?? '-',
      heldText(hold),
      holdState(hold),
      hold.reason,
    ])
    print(table([['NO', 'CASE', 'HOLD', 'STATE', 'REASON'], ...rows]))
  })
}

async function place(address: string | undefined, flags: PlaceFlags): Promise<void> {
  const { placeHold } = await import('../../lookup-api/cases/hold-acts.ts')
  const { line, words } = await import('../../lookup-api/cases/fields.ts')
  const { parseEndpointText } = await import('../../model/endpoint-text.ts')
  const { parseDuration } = await import('../../model/quantity.ts')
  const { parseInstant } = await import('../../model/time.ts')
  const { checked } = await import('../checked.ts')
  const nowUs = Date.now() * 1000
  const instant = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseInstant(text, { tz: flags.tz, nowUs }).atUs
  const span = flags.expires === undefined ? undefined : parseDuration(flags.expires)
  const to = address === undefined ? undefined : parseEndpointText(address)
  const records = (flags.record ?? []).map((record) => checked(line(200), record, 'record'))
  await withDesk(flags, async (context) => {
    const hold = await placeHold(context, {
      address: to?.ip,
      port: to?.port,
      fromUs: instant(flags.from),
      toUs: instant(flags.to),
      records,
      reason: checked(words(1000), flags.reason, 'reason'),
      expiresUs: span === undefined ? instant(flags.expires) : nowUs + span,
      case: flags.case === undefined ? undefined : await context.cases.read(flags.case),
    })
    print(String(hold.id))
  })
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new FlowledgerError('usage', 'A hold is named by its number.')
}

async function show(number: string, flags: CommonFlags & EvidenceTargets): Promise<void> {
  const { readHoldCopy } = await import('../../lookup-api/cases/hold-copy.ts')
  const { writeEvidence } = await import('../write-evidence.ts')
  const id = numberOf(number)
  const kept = await withDesk(flags, (context) => readHoldCopy(context, id))
  if (kept === undefined) {
    throw new FlowledgerError('usage', `The hold ${id} is of records by name, and keeps no copy.`)
  }
  await writeEvidence(kept, flags)
}

async function release(
  number: string,
  flags: CommonFlags & { reason: string; approval?: string }
): Promise<number> {
  const { releaseHold } = await import('../../lookup-api/cases/hold-acts.ts')
  const { words } = await import('../../lookup-api/cases/fields.ts')
  const { checked } = await import('../checked.ts')
  const id = numberOf(number)
  const reason = checked(words(1000), flags.reason, 'reason')
  await withDesk(flags, (context) => releaseHold(context, id, { reason, approval: flags.approval }))
  say(`The hold ${id} is released.`)
  return exitCodes.ok
}

export function addHold(program: Command): void {
  const command = program
    .command('hold')
    .description('what must be kept: list, place, show, release')
  withConfigOptions(command.command('list'))
    .option(...tokenFileOption)
    .description('holds that bind, newest first')
    .option('--all', 'released and expired ones too')
    .addOption(outputOption('table', 'json'))
    .action(withExit(list))
  withConfigOptions(command.command('place'))
    .option(...tokenFileOption)
    .description('hold an address over a time, or records; prints the number')
    .argument('[address[:port]]', 'public address; left out with --record')
    .option('--from <time>', 'from when')
    .option('--to <time>', 'until when')
    .option('--tz <zone>', 'zone of times that name none')
    .option('--record <record...>', 'records by name, as answers show them')
    .requiredOption('--reason <text>', 'why it must be kept')
    .option('--expires <time>', 'when the hold ends: a time, or like 60d (default: never)')
    .option('--case <reference>', 'the case that it belongs to')
    .action(withExit(place))
  withConfigOptions(command.command('show'))
    .option(...tokenFileOption)
    .description('the signed copy of the rows that a hold keeps')
    .argument('<number>', 'as "hold list" shows it')
    .option('--file <file>', 'where it goes (default: standard output)')
    .option('--page <file>', 'a page to print as well')
    .option('--pdf <file>', 'a PDF as well')
    .action(withExit(show))
  withConfigOptions(command.command('release'))
    .option(...tokenFileOption)
    .description('end a hold; may need the approval of another person')
    .argument('<number>', 'as "hold list" shows it')
    .requiredOption('--reason <text>', 'why it need not be kept any more')
    .option('--approval <number>', "the other person's approval")
    .action(withExit(release))
  withExamples(command, [
    [
      'hold place 192.0.2.1:40001 --from -2d --to now --reason "order 17/26" --expires 60d',
      'keeps a signed copy of the rows',
    ],
    ['hold show 3 --file hold.json --pdf hold.pdf', 'the copy, for verify and for people'],
    ['hold release 3 --reason "order withdrawn"', 'the record of it stays'],
  ])
}
