import { CommanderError } from 'commander'
import { exitCodes, FlowledgerError } from '../model/errors.ts'
import { systemProblem } from '../model/system-error.ts'
import { say } from './output.ts'

/**
 * Says what went wrong in one sentence on stderr and gives the exit code. The stack is shown where
 * FLOWLEDGER_DEBUG is set.
 */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has said it already; asking for help or the version is no failure.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  const debug = (process.env['FLOWLEDGER_DEBUG'] ?? '') !== ''
  if (debug && error instanceof Error) say(error.stack ?? String(error))
  if (error instanceof FlowledgerError) {
    say(`flowledger: ${error.sentence}`)
    return error.exitCode
  }
  const problem = systemProblem(error)
  if (problem !== undefined) {
    say(`flowledger: ${problem.text} ${problem.fix}`)
    return exitCodes.config
  }
  const message = error instanceof Error ? error.message : String(error)
  say(`flowledger: This is a defect of flowledger: ${message}.`)
  if (!debug) say('Run it again with FLOWLEDGER_DEBUG=1 to see where, and report it.')
  return exitCodes.internal
}
