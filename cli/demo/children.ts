import type { ChildProcess, SpawnOptions } from 'node:child_process'

/** How a program that was run to its end has ended. */
export interface RunResult {
  /** Its exit code; -1 where a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions extends Pick<SpawnOptions, 'env'> {
  readonly input?: string
}

const stopWithinMs = 10_000

/** Resolves when the process has ended, after asking it to and, if need be, making it. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await ended
  clearTimeout(timer)
}

/** Gathers what a program prints until it ends; never throws for its exit code. */
export function collect(child: ChildProcess, input?: string): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const out = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (text: string) => (out[stream] += text))
    }
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? -1, ...out }))
    // A program that ends without reading its input breaks the pipe; its exit code says enough.
    child.stdin?.on('error', () => undefined).end(input)
  })
}
