import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { programArgv } from './run-flowledger.ts'

/** A command of ours at a terminal, under way or over. */
export interface OnTerminal {
  /** All that the terminal was sent so far. */
  readonly shown: () => string
  readonly ended: Promise<{ readonly code: number | null }>
}

/**
 * Starts a command at a terminal of its own; what it reads may come by a pipe.
 *
 * @param argv as a shell takes it, so that its data may go elsewhere
 * @param input a command that writes what it reads
 */
export function startOnTerminal(
  argv: string,
  env: Readonly<Record<string, string>> = {},
  input = 'true'
): OnTerminal {
  const command = `${input} | ${process.execPath} ${programArgv.join(' ')} ${argv}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null }))
  return { shown: () => shown, ended }
}
