import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where the clone is, in the reader's root. */
export const clone = '/srv/flowledger'

const checkout = resolve(import.meta.dirname, '../..')

/**
 * What a reader has who begins: a clone of the last commit, and npm as it is set up here, with what
 * it has fetched before.
 *
 * @param root of the reader, seen from here
 */
export function makeClone(root: string): void {
  // By a folder of this root's: git would follow `/proc/ID/root` to the end.
  const made = mkdtempSync(join(tmpdir(), 'flowledger-clone-'))
  execFileSync('git', ['clone', '--quiet', checkout, made])
  cpSync(made, join(root, clone), { recursive: true })
  rmSync(made, { recursive: true })
  const cache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim()
  const fetched = join(cache, '_cacache')
  // What another npm is fetching now comes and goes there.
  const unfinished = join(fetched, 'tmp')
  const filter = (from: string): boolean => from !== unfinished
  const into = join(root, 'root/.npm/_cacache')
  if (existsSync(fetched)) cpSync(fetched, into, { recursive: true, filter })
  const settings = join(homedir(), '.npmrc')
  if (existsSync(settings)) cpSync(settings, join(root, 'root/.npmrc'))
}

/** What npm is told by variables here, and not to ask for what it has. */
export const npmEnvironment = (): Record<string, string | undefined> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(?:NODE_EXTRA_CA_CERTS|https?_proxy)$/i.test(name)
    )
  ),
  npm_config_offline: 'false',
  npm_config_prefer_offline: 'true',
})
