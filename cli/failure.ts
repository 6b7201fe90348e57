import { CommanderError } from 'commander'
import { exitCodes, FlowledgerError } from '../model/errors.ts'
import { say } from './output.ts'

/** Errors of the operating system that happen to everybody, as a sentence with what to do. */
const systemSentences: Readonly<Record<string, string>> = {
  EACCES: 'Run it as a user who may, or as root.',
  EPERM: 'Run it as root.',
  ENOSPC: 'Make room on the disk.',
  EROFS: 'Give a directory that can be written with --data-dir.',
  ENOENT: 'Check the name.',
  EMFILE: 'Raise the limit of open files (ulimit -n).',
}

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
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}
  const known = code === undefined ? undefined : systemSentences[code]
  if (known !== undefined) {
    say(`flowledger: ${message}. ${known}`)
    return exitCodes.config
  }
  say(`flowledger: This is a defect of flowledger: ${message ?? String(error)}.`)
  if (!debug) say('Run it again with FLOWLEDGER_DEBUG=1 to see where, and report it.')
  return exitCodes.internal
}
