import { tellOfBytecode } from '../model/inlining.ts'
import { reportFailure } from './failure.ts'
import { hideSecrets } from './hide-secrets.ts'
import { endQuietlyOnClosedPipe } from './output.ts'
import { programFor } from './program-for.ts'
import { shieldRelativeTimes } from './relative-time.ts'

/**
 * Runs the command line to its end, and leaves with the code of what came of it.
 *
 * @param isBytecode true where functions came compiled
 */
export async function start(isBytecode: boolean): Promise<void> {
  if (isBytecode) tellOfBytecode()
  /**
   * Node ends a process with 1 when nobody catches an error, and here 1 means `no-match`: whatever
   * goes wrong outside of a command's own promise must leave with another code.
   */
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => process.exit(reportFailure(error)))
  }

  hideSecrets(process.argv)
  endQuietlyOnClosedPipe()
  try {
    const program = await programFor(process.argv)
    await program.parseAsync(shieldRelativeTimes(process.argv))
  } catch (error) {
    process.exitCode = reportFailure(error)
  }
}
