import type { RunResult } from './children.ts'
import type { Question } from './scenario.ts'

export interface DemoOptions {
  /** Takes a line of what the demo says. */
  readonly print: (text: string) => void
  /** Ends the demo early; everything it made is removed all the same. */
  readonly signal: AbortSignal
}

/**
 * Asks each question with the program's own `lookup` and prints it as a person would type it, with
 * the answer.
 *
 * @returns 0 where every look-up had an answer, else the first exit code that was not 0
 */
export async function showQuestions(
  questions: readonly Question[],
  print: (text: string) => void,
  run: (args: readonly string[]) => Promise<RunResult>
): Promise<number> {
  let code = 0
  for (const [index, { text, args }] of questions.entries()) {
    print(`\n${index + 1}. ${text}\n`)
    print(`$ flowledger lookup ${args.join(' ')}`)
    const result = await run(['lookup', ...args])
    print((result.stdout === '' ? result.stderr : result.stdout).trimEnd())
    if (code === 0) code = result.code
  }
  return code
}
