import { Argument } from 'commander'
import type { Command } from 'commander'
import { subjectKinds } from '../../lookup-api/chain/reverse.ts'
import type { SubjectKind } from '../../lookup-api/chain/reverse.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { withDesk } from '../desk-access.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { tokenFileOption } from '../token-principal.ts'

interface Flags extends CommonFlags {
  readonly tokenFile?: string
  readonly from?: string
  readonly to?: string
  readonly tz?: string
  readonly approval?: string
  readonly output: string
}

type Question = import('../../lookup-api/subject/subject-spans.ts').SubjectQuestion

async function readQuestion(kind: SubjectKind, value: string, flags: Flags): Promise<Question> {
  const { parseInstant } = await import('../../model/time.ts')
  if (flags.from === undefined) {
    throw new FlowledgerError('usage', '"--from" is missing.', {
      fix: 'Say over what time, such as --from -30d.',
    })
  }
  const zone = { tz: flags.tz, nowUs: Date.now() * 1000 }
  const fromUs = parseInstant(flags.from, zone).atUs
  const toUs = parseInstant(flags.to ?? 'now', zone).atUs
  if (fromUs > toUs) throw new FlowledgerError('usage', '"--from" is later than "--to".')
  return { kind, value, fromUs, toUs }
}

async function show(kind: SubjectKind, value: string, flags: Flags): Promise<void> {
  const { showSubject } = await import('../../lookup-api/subject/show-subject.ts')
  const { requireSubjectAct } = await import('../../lookup-api/subject/allowed.ts')
  const { commandProgress } = await import('../progress.ts')
  const question = await readQuestion(kind, value, flags)
  await withDesk(flags, async ({ deps, principal }) => {
    await requireSubjectAct(deps, principal, 'reverse', question, flags.approval)
    const progress = commandProgress('places')
    const shown = await showSubject(question, deps, principal, progress.at).finally(progress.end)
    if (flags.output === 'json') return print(JSON.stringify(shown))
    const { holdings, counts, mentions, failed } = shown
    const rows = holdings.map((one) => [one.record, one.held ?? '-', one.start, one.end ?? 'now'])
    print(table([['RECORD', 'HELD', 'FROM', 'TO'], ...rows]))
    print('')
    print(table([['WHAT', 'ROWS'], ...Object.entries(counts).map(([k, n]) => [k, String(n)])]))
    print('')
    print(`cases: ${mentions.cases.join(', ') || 'none'}`)
    print(`holds: ${mentions.holds.join(', ') || 'none'}`)
    print(`entries of the audit: ${mentions.audit_count}`)
    for (const sentence of failed) say(sentence)
  })
}

async function remove(
  kind: SubjectKind,
  value: string,
  flags: Flags & { readonly reason: string }
): Promise<void> {
  const { deletionOf } = await import('../../lookup-api/subject/deletion-of.ts')
  const { requireSubjectAct } = await import('../../lookup-api/subject/allowed.ts')
  const { actorOf } = await import('../../model/principal.ts')
  const { makePurgeContext } = await import('../../appliance/retention/context.ts')
  const { asideText } = await import('../../store/archive/aside.ts')
  const { deleteSubject } = await import('../../store/subject/delete-subject.ts')
  const { withLedger } = await import('../ledger-access.ts')
  const { words } = await import('../../lookup-api/cases/fields.ts')
  const { checked } = await import('../checked.ts')
  const { commandProgress } = await import('../progress.ts')
  const reason = checked(words(1000), flags.reason, 'reason')
  const question = await readQuestion(kind, value, flags)
  await withDesk(flags, async ({ deps, principal }, config) => {
    const authority = await requireSubjectAct(deps, principal, 'purge', question, flags.approval)
    await withLedger(config, 'owner', async (access) => {
      const owner = access.database('owner')
      const toldAside = (path: string): void => say(asideText(path))
      const context = await makePurgeContext(config.dataDir, owner, actorOf(principal), toldAside)
      const deletion = await deletionOf(question, { reason, authority }, deps, context.keys)
      let [proofs, rows] = [0, 0]
      const progress = commandProgress('places')
      const { directory } = config.archive
      try {
        for await (const done of deleteSubject(context, directory, deletion, progress.at)) {
          proofs += 1
          rows += done.rows
          progress.clear()
          if (flags.output === 'json') print(JSON.stringify(done))
          else print(`${done.subject}: ${done.rows} rows, ${done.held} held, digest ${done.digest}`)
        }
      } finally {
        progress.end()
      }
      say(`${rows} rows deleted, ${proofs} proofs.`)
    })
  })
}

export function addSubject(program: Command): void {
  const command = program
    .command('subject')
    .description('what is held on a person, and its deletion: show, delete')
  const each = (name: string, description: string): Command =>
    withConfigOptions(command.command(name))
      .description(description)
      .addArgument(new Argument('<kind>', 'what names the person').choices(subjectKinds))
      .argument('<value>', 'the name, address or number')
      .option(...tokenFileOption)
      .option('--from <time>', 'from when')
      .option('--to <time>', 'until when (default: now)')
      .option('--tz <zone>', 'zone of times that name none')
      .option('--approval <number>', "the other person's approval")
      .addOption(outputOption('table', 'json'))
  const showing = each('show', 'holdings, counts of records, cases, holds and audit entries')
  showing.action(withExit(show))
  withRunAgain(showing, 'It counts anew, and the audit has another entry.')
  const deleting = each(
    'delete',
    'delete it, with a signed proof each time; holds win, the audit stays'
  )
    .requiredOption('--reason <text>', 'why, for the proofs')
    .action(withExit(remove))
  withRunAgain(
    deleting,
    'It goes on: each table and file was done whole with its proof, or not at all. Who held what ' +
      'is deleted last, so that the rest is still found.'
  )
  withExamples(command, [
    ['subject show user alice --from -365d', 'what is held on a user'],
    ['subject show address 10.0.0.7 --from -30d -o json', 'on an inside address, for a program'],
    [
      'subject delete user alice --from -365d --reason "request 17/26" --approval 4',
      'where access.second_person names purge',
    ],
  ])
}
