import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { tsxLoader } from '../../cli/demo/endpoint-control.ts'

/**
 * Node's arguments for the program: from source, or, where TEST_BUILT_PROGRAM says that `npm run
 * build` has been run, what users run, which starts in a third of the time.
 */
export const programArgv: readonly string[] =
  process.env['TEST_BUILT_PROGRAM'] === undefined
    ? ['--import', tsxLoader(), fileURLToPath(new URL('../../cli/main.ts', import.meta.url))]
    : [fileURLToPath(new URL('../../bin/flowledger.js', import.meta.url))]

const argvOf = (argv: readonly string[]): string[] => [...programArgv, ...argv]

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

type Environment = Readonly<Record<string, string>>

/** The environment of this process without what would configure flowledger. */
function cleanEnvironment(more: Environment): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('FLOWLEDGER_') && name !== 'DATABASE_URL'
  )
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...more }
}

/** Runs the command line from source, as a user would, and waits for it. */
export function runFlowledger(argv: readonly string[], env: Environment = {}): Finished {
  const { status, stdout, stderr } = spawnSync(process.execPath, argvOf(argv), {
    encoding: 'utf8',
    env: cleanEnvironment(env),
  })
  return { code: status, stdout, stderr }
}

/**
 * Starts the command line from source; the caller ends it.
 *
 * @param namespace of the network that it is in; left out: this process's
 */
export function startFlowledger(
  argv: readonly string[],
  env: Environment = {},
  namespace?: string
): ChildProcess {
  const before = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace]
  const [program = '', ...rest] = [...before, process.execPath, ...argvOf(argv)]
  return spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnvironment(env) })
}
