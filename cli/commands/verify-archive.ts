import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { beginsAnew, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print } from '../output.ts'
import { outputOption } from '../output-option.ts'

async function verify(flags: CommonFlags & { output: string }): Promise<number> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { commandProgress } = await import('../progress.ts')
  const { checkFiles, filesNotInAudit } = await import('../../store/archive/check-files.ts')
  const { files, problems } = await withLedger(config, 'lookup', async (access) => {
    const lookup = access.database('lookup')
    const progress = commandProgress('MB')
    const watch = (octets: number, total: number): void =>
      progress.at(Math.floor(octets / 1e6), total / 1e6)
    const checked = await checkFiles(lookup, config.archive.directory, 'octets', watch)
    progress.end()
    const strange = await filesNotInAudit(access.database('audit'), checked.files)
    const found: { path: string; problem: string; text: string }[] = [
      ...checked.damaged.map(({ file: { path }, damage }) => {
        return { path, problem: damage.damage, text: damage.message }
      }),
      ...strange.map(({ path }) => {
        return { path, problem: 'not-in-audit', text: 'the audit knows nothing of these octets' }
      }),
    ]
    return { files: checked.files.length, problems: found }
  })
  if (flags.output === 'json') print(JSON.stringify({ files, problems }))
  else if (problems.length === 0) print(`${files} files, each as it was sealed.`)
  else for (const { path, problem, text } of problems) print(`${path}: ${problem}: ${text}`)
  return problems.length === 0 ? exitCodes.ok : exitCodes.noMatch
}

export function addVerifyArchive(program: Command): void {
  const command = withConfigOptions(program.command('verify-archive'))
    .description('prove that every octet of the sealed files is what was sealed')
    .addOption(outputOption('text', 'json'))
    .action(withExit(verify))
  withRunAgain(command, beginsAnew)
  withExamples(command, [
    ['verify-archive', 'exit code 1 where a file is missing or altered'],
    ['verify-archive -o json', 'for a program'],
  ])
}
