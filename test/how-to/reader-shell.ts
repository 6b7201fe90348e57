import type { ChildProcess } from 'node:child_process'
import type { RunResult } from '../../cli/demo/children.ts'

/** A shell where a reader works. */
export interface Shell {
  /** Runs commands of the shell, with what is typed into them, to their end. */
  run(folder: string, text: string, typed?: string): Promise<RunResult>
  /** Starts commands of the shell; they are ended with the gateway at the latest. */
  start(folder: string, text: string): ChildProcess
}

/** A word of a shell that is taken as it is. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
