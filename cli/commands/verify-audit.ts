import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { beginsAnew, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print } from '../output.ts'
import { outputOption } from '../output-option.ts'

type Verdict = import('../../store/audit-verify.ts').AuditVerdict

function verdictText({ entries, head, problems, problemCount }: Verdict): string {
  const end = `The last is ${head.id}, hash ${head.hash}.`
  if (problemCount === 0) return `${entries} entries, each as it was written. ${end}`
  const shown = problems.map((problem) => problem.text)
  const more = problemCount - problems.length
  if (more > 0) shown.push(`And ${more} more.`)
  return [...shown, `${entries} entries, ${problemCount} problems. ${end}`].join('\n')
}

async function verify(flags: CommonFlags & { output: string; head: string[] }): Promise<number> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { readKeptHead } = await import('../../store/audit-head.ts')
  const { verifyAudit } = await import('../../store/audit-verify.ts')
  const kept = await Promise.all(flags.head.map(readKeptHead))
  const { commandProgress } = await import('../progress.ts')
  const progress = commandProgress('entries')
  const verdict = await withLedger(config, 'audit', (access) =>
    verifyAudit(access.database('audit'), access.dataDir, kept, progress.at)
  ).finally(progress.end)
  const { entries, head, problems, problemCount } = verdict
  print(
    flags.output === 'json'
      ? JSON.stringify({ entries, head, problem_count: problemCount, problems })
      : verdictText(verdict)
  )
  return problemCount === 0 ? exitCodes.ok : exitCodes.noMatch
}

export function addVerifyAudit(program: Command): void {
  const command = withConfigOptions(program.command('verify-audit'))
    .description('prove that no entry of the audit was changed, removed or added')
    .option('--head <file...>', 'copies of DATA_DIR/audit-head that were kept elsewhere', [])
    .addOption(outputOption('text', 'json'))
    .action(withExit(verify))
  withRunAgain(command, beginsAnew)
  withExamples(command, [
    ['verify-audit', 'exit code 1 where something was tampered with'],
    ['verify-audit -o json', 'for a program'],
    [
      'verify-audit --head /mnt/safe/audit-head.*',
      'against copies kept where nobody here can write',
    ],
  ])
}
