import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { beginsAnew, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'

type Flags = CommonFlags & { readonly output: string }
type Basis = import('../../store/retention/due-purge.ts').RetentionBasis

/** Runs `work` with the owner's log-in, who alone may drop what is past. */
async function withOwner<T>(
  flags: CommonFlags,
  work: (basis: Basis, dataDir: string) => Promise<T>
): Promise<T> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  return await withLedger(config, 'owner', (access) => {
    const basis: Basis = {
      database: access.database('owner'),
      rules: config.retention?.rules ?? [],
      nowUs: Date.now() * 1000,
      archive: config.archive.directory,
    }
    return work(basis, config.dataDir)
  })
}

async function show(flags: Flags): Promise<void> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { readKept } = await import('../../store/retention/kept.ts')
  const rules = config.retention?.rules ?? []
  const { kept, edges } = await withLedger(config, 'owner', (access) =>
    readKept(access.database('owner'), rules)
  )
  if (flags.output === 'json') {
    return print(JSON.stringify({ rules: rules.map(({ text }) => text), kept, edges }))
  }
  for (const { text } of rules) print(`rule: ${text}`)
  if (rules.length === 0) print('No rule: everything is kept.')
  const rows = kept.map((each) => [each.kind, each.oldest ?? 'nothing', each.next ?? '-'])
  print(table([['KIND', 'OLDEST', 'NEXT PURGE'], ...rows]))
  for (const { source, kind, field, through, rule } of edges) {
    print(`${source}: ${kind}${field && `.${field}`} before ${through} is gone (${rule})`)
  }
}

const rowsText = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`)

async function plan(flags: Flags): Promise<void> {
  const { duePurges } = await import('../../store/retention/run.ts')
  const { commandProgress } = await import('../progress.ts')
  const progress = commandProgress('purges')
  await withOwner(flags, async (basis) => {
    let count = 0
    for await (const due of duePurges(basis)) {
      progress.at(++count)
      progress.clear()
      const { kind, subject, field, act, rows, rules: by } = due
      if (flags.output === 'json')
        print(JSON.stringify({ kind, subject, field, act, rows, rules: by }))
      else print(`${subject} ${field ?? act}: up to ${rowsText(rows)} (${by.join('; ')})`)
    }
    if (count === 0) say('Nothing is past its time.')
  }).finally(progress.end)
}

/** Rows that are due, for the time left; not counted where nobody looks. */
async function expectedRows(basis: Basis, isShown: boolean): Promise<number> {
  const { duePurges } = await import('../../store/retention/run.ts')
  let rows = 0
  if (isShown) for await (const due of duePurges(basis)) rows += due.rows
  return rows
}

async function run(flags: Flags): Promise<number> {
  const { runPurges } = await import('../../store/retention/run.ts')
  const { makePurgeContext } = await import('../../appliance/retention/context.ts')
  const { asideText } = await import('../../store/archive/aside.ts')
  const { actorOfCommand } = await import('../actor.ts')
  const { commandProgress } = await import('../progress.ts')
  const progress = commandProgress('rows')
  return await withOwner(flags, async (basis, dataDir) => {
    const toldAside = (path: string): void => say(asideText(path))
    const context = await makePurgeContext(dataDir, basis.database, actorOfCommand(), toldAside)
    const expected = await expectedRows(basis, progress.isShown)
    let [count, failures, purged] = [0, 0, 0]
    progress.at(0, expected)
    for await (const outcome of runPurges(basis, context)) {
      progress.clear()
      if ('failed' in outcome) {
        failures += 1
        say(outcome.failed)
        continue
      }
      count += 1
      const { act, subject, field, rows, digest, held } = outcome.done
      progress.at((purged += rows), expected)
      if (flags.output === 'json') print(JSON.stringify(outcome.done))
      else
        print(`${subject} ${field ?? ''} ${act}: ${rowsText(rows)}, ${held} held, digest ${digest}`)
    }
    progress.clear()
    if (count === 0) say('Nothing was purged.')
    return failures === 0 ? exitCodes.ok : exitCodes.noMatch
  }).finally(progress.end)
}

async function proofs(flags: Flags & { readonly show?: string }): Promise<void> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { readProofs } = await import('../../store/retention/read-proofs.ts')
  const { formatInstant } = await import('../../model/time.ts')
  const after = flags.show === undefined ? 0 : Number(flags.show) - 1
  const limit = flags.show === undefined ? 10_000 : 1
  const found = await withLedger(config, 'audit', (access) =>
    readProofs(access.database('audit'), after, limit)
  )
  // The signed file itself, octet by octet: what "verify" takes.
  if (flags.show !== undefined) return print(found[0]?.text ?? '')
  if (flags.output === 'json') return print(JSON.stringify(found))
  const rows = found.map((each) => [
    String(each.id),
    formatInstant(each.atUs),
    each.act,
    each.subject,
    String(each.rows),
    each.actor,
  ])
  print(table([['NO', 'AT', 'ACT', 'OF', 'ROWS', 'WHO'], ...rows]))
}

async function verify(flags: Flags): Promise<number> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { verifyProofs } = await import('../../lookup-api/evidence-file/verify-proofs.ts')
  const { listPublicKeys } = await import('../../store/signing-key.ts')
  const { commandProgress } = await import('../progress.ts')
  const keys = await listPublicKeys(config.dataDir)
  const progress = commandProgress('proofs')
  const verdict = await withLedger(config, 'audit', (access) =>
    verifyProofs(access.database('audit'), keys, progress.at)
  ).finally(progress.end)
  if (flags.output === 'json') print(JSON.stringify(verdict))
  else {
    for (const problem of verdict.problems) print(problem)
    print(`${verdict.proofs} proofs of ${verdict.rows} rows, ${verdict.problems.length} problems.`)
  }
  return verdict.problems.length === 0 ? exitCodes.ok : exitCodes.noMatch
}

export function addRetention(program: Command): void {
  const command = program
    .command('retention')
    .description('what is kept how long: show, plan, run, proofs, verify')
  const each = (name: string, description: string): Command =>
    withConfigOptions(command.command(name))
      .description(description)
      .addOption(outputOption('table', 'json'))
  each('show', 'the rules, the oldest of each kind, and what is gone already').action(
    withExit(show)
  )
  const planned = each('plan', 'what a run would purge now; changes nothing')
  planned.action(withExit(plan))
  withRunAgain(planned, 'It begins anew, as of then.')
  const running = each('run', 'purge what is past its time, with a signed proof each time')
  running.action(withExit(run))
  withRunAgain(
    running,
    'It goes on: each purge was done whole with its proof, or not at all, and what is past its ' +
      'time by then goes too.'
  )
  each('proofs', 'the proofs of what was purged, oldest first')
    .option('--show <number>', 'the signed file of one, for "verify"')
    .action(withExit(proofs))
  const verifying = each('verify', 'check every proof; exit code 1 where one does not hold')
  verifying.action(withExit(verify))
  withRunAgain(verifying, beginsAnew)
  withExamples(command, [
    ['retention plan', 'what would go, and by which rule'],
    ['retention run', 'what up and collect do by themselves'],
    ['retention verify', 'signatures, digests and the audit'],
  ])
}
