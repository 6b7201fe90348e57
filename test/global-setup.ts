import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The environment variable with the folder of what all files of tests share. */
export const sharedFolder = 'TEST_FOLDER'

/**
 * Once before all files of tests. In CI their random inputs follow from the tree that is tested: a
 * new tree tries new ones, and a run that is repeated on the same tree says the same.
 * TEST_SEED (a 32-bit integer) names others.
 */
export default function setUp(): (() => void) | undefined {
  if (process.env[sharedFolder] !== undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-tests-'))
  // The user of the database walks through it.
  chmodSync(folder, 0o711)
  process.env[sharedFolder] = folder
  if (process.env['CI'] !== undefined && process.env['TEST_SEED'] === undefined) {
    const tree = execFileSync('git', ['rev-parse', 'HEAD^{tree}'], { encoding: 'utf8' })
    process.env['TEST_SEED'] = String(Number.parseInt(tree.slice(0, 8), 16) | 0)
  }
  return () => rmSync(folder, { recursive: true, force: true })
}
