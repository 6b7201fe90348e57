import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { compare } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import { figuresIn } from './figure.ts'

const checkout = fileURLToPath(new URL('../../', import.meta.url))
/** For taking namespaces and servers away, once told to end. */
const graceMs = 5000

/** What came of a run: figures, or why there are none. */
export type Outcome = { readonly found: readonly Comparison[] } | { readonly failed: string }

/** Runs a file of bench/ for some seconds at most, in a process group that ends with it. */
export async function runMeasurement(argv: readonly string[], seconds: number): Promise<Outcome> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...argv], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) return { failed: 'could not be started' }
  const end = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal)
    } catch {
      // The whole group has ended.
    }
  }
  const interrupt = (): void => {
    end('SIGINT')
    process.exitCode = 130
  }
  process.on('SIGINT', interrupt)
  const timers = [
    setTimeout(() => end('SIGINT'), seconds * 1000),
    setTimeout(() => end('SIGKILL'), seconds * 1000 + graceMs),
  ]
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
  const began = performance.now()
  const closed = once(child, 'close')
  await once(child, 'exit')
  const took = (performance.now() - began) / 1000
  timers.forEach(clearTimeout)
  // What it started and left behind would take processor time from the next.
  end('SIGKILL')
  await closed
  process.off('SIGINT', interrupt)
  if (child.exitCode === 0) return { found: figuresIn(stdout).map(compare) }
  const how = took >= seconds ? 'not done' : 'ended with an error'
  return { failed: `${how} after ${took.toFixed(0)} s` }
}
