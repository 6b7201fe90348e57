import { Argument, Option } from 'commander'
import type { Command } from 'commander'
import type { DeskContext } from '../../lookup-api/cases/desk.ts'
import { caseStatuses } from '../../model/case.ts'
import type { CaseFile, CaseStatus } from '../../model/case.ts'
import { deadlinePresets } from '../../model/deadlines.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { withDesk } from '../desk-access.ts'
import { print, say, table } from '../output.ts'
import { numberOption } from '../number-option.ts'
import { outputOption } from '../output-option.ts'
import { tokenFileOption } from '../token-principal.ts'

type Output = CommonFlags & { readonly output: 'table' | 'json' }

const named = new Argument('<case>', 'its reference or number')

/** A case by its reference, else by its number. */
async function find({ cases }: DeskContext, name: string): Promise<CaseFile> {
  try {
    return await cases.read(name)
  } catch (error) {
    const isUnknown = error instanceof FlowledgerError && error.code === 'case-unknown'
    if (!isUnknown || !/^[1-9]\d{0,14}$/.test(name)) throw error
    return await cases.read(Number(name))
  }
}

const read = async (context: DeskContext, detail: Record<string, unknown>): Promise<void> => {
  const { recordDeskAct } = await import('../../lookup-api/cases/desk.ts')
  await recordDeskAct(context, 'case-read', {}, detail)
}

async function list(flags: Output & { status?: CaseStatus; limit: number }): Promise<void> {
  const { caseJson } = await import('../../lookup-api/cases/present.ts')
  await withDesk(flags, async (context) => {
    const page = await context.cases.list({ limit: flags.limit, status: flags.status })
    await read(context, { cases: page.items.length })
    const rows = page.items.map(caseJson)
    if (flags.output === 'json') return print(JSON.stringify(rows))
    const cells = rows.map(({ id, reference, status, due, title }) => [
      String(id),
      reference,
      status,
      due ?? '-',
      title,
    ])
    print(table([['ID', 'REFERENCE', 'STATUS', 'DUE', 'TITLE'], ...cells]))
    if (page.next !== undefined) say(`There are more; --limit shows up to 1000.`)
  })
}

async function open(title: string, flags: CommonFlags & { reference?: string }): Promise<void> {
  const { openCase } = await import('../../lookup-api/cases/acts.ts')
  const { line } = await import('../../lookup-api/cases/fields.ts')
  const { checked } = await import('../checked.ts')
  const wanted = {
    title: checked(line(300), title, 'title'),
    ...(flags.reference === undefined
      ? {}
      : { reference: checked(line(200), flags.reference, 'reference') }),
  }
  await withDesk(flags, async (context) => print((await openCase(context, wanted)).reference))
}

async function show(name: string, flags: Output): Promise<void> {
  const { caseJson, deadlineJson, entryJson, holdJson } =
    await import('../../lookup-api/cases/present.ts')
  await withDesk(flags, async (context) => {
    const file = await find(context, name)
    const page = await context.cases.entries(file.id, { limit: 1000 })
    const whole = {
      ...caseJson(file),
      deadlines: (await context.cases.deadlines(file.id)).map(deadlineJson),
      holds: (await context.holds.list({ caseId: file.id, limit: 1000 })).items.map(holdJson),
      history: page.items.map(entryJson),
    }
    await read(context, { case: file.reference, entries: page.items.length })
    if (flags.output === 'json') return print(JSON.stringify(whole))
    const { formatCase } = await import('../format-case.ts')
    print(formatCase(whole))
    if (page.next !== undefined) say('There is more history; "case export" gives all of it.')
  })
}

async function add(
  kind: 'note' | 'decision',
  name: string,
  text: readonly string[],
  flags: CommonFlags & { reason?: string }
): Promise<void> {
  const { addEntry } = await import('../../lookup-api/cases/acts.ts')
  const { line, words } = await import('../../lookup-api/cases/fields.ts')
  const { checked } = await import('../checked.ts')
  const given = text.join(' ')
  const reason =
    flags.reason === undefined ? {} : { reason: checked(words(20_000), flags.reason, 'reason') }
  const detail =
    kind === 'note'
      ? { text: checked(words(20_000), given, 'text') }
      : { decision: checked(line(300), given, 'decision'), ...reason }
  await withDesk(flags, async (context) => {
    print(String(await addEntry(context, await find(context, name), kind, detail)))
  })
}

function deadlineNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new FlowledgerError('usage', 'A deadline that was met is named by its number.', {
    fix: 'flowledger case show NAME lists them.',
  })
}

async function deadline(
  name: string,
  what: string,
  flags: CommonFlags & { from?: string; due?: string; tz?: string; basis?: string; met?: boolean }
): Promise<void> {
  const { meetDeadline, setDeadline } = await import('../../lookup-api/cases/acts.ts')
  const { parseInstant } = await import('../../model/time.ts')
  const { line } = await import('../../lookup-api/cases/fields.ts')
  const { checked } = await import('../checked.ts')
  const instant = (text: string): number =>
    parseInstant(text, { tz: flags.tz, nowUs: Date.now() * 1000 }).atUs
  await withDesk(flags, async (context) => {
    const file = await find(context, name)
    if (flags.met === true) return await meetDeadline(context, file, deadlineNumber(what))
    const wanted =
      flags.due === undefined
        ? { preset: what, fromUs: instant(flags.from ?? 'now') }
        : {
            name: checked(line(300), what, 'name'),
            dueUs: instant(flags.due),
            basis: checked(line(300), flags.basis ?? 'agreed', 'basis'),
          }
    print(String(await setDeadline(context, file, wanted)))
  })
}

async function changeTo(
  name: string,
  flags: CommonFlags & { status?: CaseStatus; reason?: string }
): Promise<void> {
  const { changeStatus } = await import('../../lookup-api/cases/acts.ts')
  await withDesk(flags, async (context) => {
    const file = await find(context, name)
    const change = { status: flags.status ?? 'closed', reason: flags.reason, version: file.version }
    const changed = await changeStatus(context, file, change)
    print(changed.status)
  })
}

async function exportOne(
  name: string,
  flags: CommonFlags & { file?: string; page?: string; pdf?: string }
): Promise<void> {
  const { exportCase } = await import('../../lookup-api/cases/export.ts')
  const { writeEvidence } = await import('../write-evidence.ts')
  const { commandProgress } = await import('../progress.ts')
  const sealed = await withDesk(flags, async (context) => {
    const file = await find(context, name)
    const progress = commandProgress('records')
    return await exportCase(context, file, progress.at).finally(progress.end)
  })
  await writeEvidence(sealed, flags)
}

async function replies(name: string, flags: Output): Promise<void> {
  const { repliesOfCase } = await import('../../lookup-api/cases/replies.ts')
  await withDesk(flags, async (context, { notices: rules }) => {
    const file = await find(context, name)
    const body = await repliesOfCase(context, file, { rules, networks: context.deps.networks })
    if (flags.output === 'json') return print(JSON.stringify(body))
    if (body.replies.length === 0) say('No notice that was read here stands in the case.')
    for (const reply of body.replies) print(`-- ${reply.kind}, entry ${reply.entry}\n${reply.body}`)
  })
}

const presets = deadlinePresets.map(({ name }) => name).join(', ')

export function addCase(program: Command): void {
  const command = program.command('case').description('what belongs together: open, add, close')
  const sub = (name: string, description: string): Command =>
    withConfigOptions(command.command(name))
      .description(description)
      .option(...tokenFileOption)
  sub('list', 'cases, newest first')
    .addOption(new Option('--status <status>', 'those alone').choices(caseStatuses))
    .addOption(
      numberOption('--limit <count>', 'at most so many', { from: 1, to: 1000, usually: 100 })
    )
    .addOption(outputOption('table', 'json'))
    .action(withExit(list))
  sub('open', 'open a case and print its reference')
    .argument('<title>', 'what it is about')
    .option('--reference <text>', 'what look-ups name in --case (default: one is made)')
    .action(withExit(open))
  sub('show', 'a case with its history')
    .addArgument(named)
    .addOption(outputOption('table', 'json'))
    .action(withExit(show))
  sub('note', 'add a note and print the number of its entry')
    .addArgument(named)
    .argument('<text...>', 'the note')
    .action(
      withExit((name: string, text: string[], flags: CommonFlags) => add('note', name, text, flags))
    )
  sub('decide', 'record a decision and print the number of its entry')
    .addArgument(named)
    .argument('<decision...>', 'what was decided')
    .option('--reason <text>', 'why')
    .action(
      withExit((name: string, text: string[], flags: CommonFlags & { reason?: string }) =>
        add('decision', name, text, flags)
      )
    )
  sub('deadline', 'set a deadline, or note that it was met')
    .addArgument(named)
    .argument('<what>', `a preset, a name with --due, or a number with --met; presets: ${presets}`)
    .option('--from <time>', 'what a preset counts from (default: now)')
    .option('--due <time>', 'when it is due')
    .option('--basis <text>', 'where it comes from')
    .option('--tz <zone>', 'zone of times that name none')
    .option('--met', 'it was met')
    .action(withExit(deadline))
  sub('close', 'close a case, or give it another status')
    .addArgument(named)
    .addOption(new Option('--status <status>', 'in place of closed').choices(caseStatuses))
    .option('--reason <text>', 'why; needed to open a closed one again')
    .action(withExit(changeTo))
  sub('replies', 'what to send back about its notices, as the case stands now')
    .addArgument(named)
    .addOption(outputOption('table', 'json'))
    .action(withExit(replies))
  const exporting = sub('export', 'the whole case as one signed file, with every signed file in it')
    .addArgument(named)
    .option('--file <file>', 'write it there (default: standard output)')
    .option('--page <file>', 'write the printable page too')
    .option('--pdf <file>', 'write the PDF too')
    .action(withExit(exportOne))
  withRunAgain(
    exporting,
    'The case is read and signed anew, as it is then; its history and the audit have another entry.'
  )
  withExamples(command, [
    ['case open "Notice of Example Ltd" --reference ABUSE-17', 'then: lookup … --case ABUSE-17'],
    ['case deadline ABUSE-17 e-evidence-10d --from 2026-03-01T09:00:00Z', 'ten days from then'],
    ['case export ABUSE-17 --file case.json --pdf case.pdf', 'for who checks it'],
  ])
}
