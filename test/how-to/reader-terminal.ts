import type { ChildProcess } from 'node:child_process'
import { until } from '../until.ts'
import { quoted } from './reader-shell.ts'
import type { Shell } from './reader-shell.ts'

/** What a reader does at a terminal: watch what goes on, and end it. */
export interface Terminal {
  /** Runs a command that goes on until it has printed something or has ended. */
  follow(folder: string, text: string): Promise<{ printed: string; ended: boolean }>
  /** Starts the program and waits until it answers; what went wrong, if something. */
  keep(folder: string, text: string): Promise<string | undefined>
  /** Ends it as its user does, by Ctrl-C. */
  endKept(): Promise<void>
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null

export function makeTerminal(shell: Shell): Terminal {
  const kept: ChildProcess[] = []
  const open = (at: string, text: string): { child: ChildProcess; printed: () => string } => {
    const child = shell.start(at, `exec script -qefc ${quoted(text)} /dev/null`)
    let printed = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => (printed += part))
    return { child, printed: () => printed }
  }
  return {
    async follow(at, text) {
      const { child, printed } = open(at, text)
      await until(() => /\S/.test(printed()) || hasEnded(child))
      const ended = hasEnded(child)
      child.kill('SIGTERM')
      return { printed: printed(), ended }
    },
    async keep(at, text) {
      const { child, printed } = open(at, text)
      kept.push(child)
      const answers = async (): Promise<boolean> =>
        (await shell.run('/', 'curl http://127.0.0.1:8080/readyz')).code === 0
      await until(async () => hasEnded(child) || (await answers()))
      return hasEnded(child) ? `it ended by itself: ${printed()}` : undefined
    },
    async endKept() {
      for (const child of kept.splice(0)) {
        child.stdin?.write('\u0003')
        await until(() => hasEnded(child))
      }
    },
  }
}
