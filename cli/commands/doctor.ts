import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { loadAloud, withExamples, withExit, withListenOption } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, usesColour } from '../output.ts'
import { outputOption } from '../output-option.ts'

async function doctor(flags: CommonFlags & { output: string }): Promise<number> {
  const { config } = await loadAloud(flags)
  const { checks } = await import('../doctor/checks.ts')
  const { contextOf } = await import('../doctor/finding.ts')
  const { formatFindings, runChecks } = await import('../doctor/run.ts')
  const context = contextOf(config)
  const findings = await runChecks(checks, context)
  await context.database.close()
  print(
    flags.output === 'json'
      ? JSON.stringify({ findings })
      : formatFindings(findings, usesColour(process.stdout))
  )
  const failed = findings.some((finding) => finding.state === 'fail')
  return failed ? exitCodes.noMatch : exitCodes.ok
}

export function addDoctor(program: Command): void {
  const command = withListenOption(program.command('doctor'))
    .description('check kernel, rights, clock, disk and database; changes nothing')
    .addOption(outputOption('text', 'json'))
    .action(withExit(doctor))
  withExamples(command, [
    ['doctor', 'a line a check with what to do; exit code 1 where one failed'],
    ['doctor -o json', 'the same for monitoring'],
  ])
}
