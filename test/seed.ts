import { execFileSync } from 'node:child_process'
import fc from 'fast-check'

/**
 * In CI the random inputs follow from the tree that is tested: a new tree tries new ones, and a run
 * that is repeated on the same tree says the same. FLOWLEDGER_SEED (a 32-bit integer) names others.
 */
function seed(): number | undefined {
  const named = process.env['FLOWLEDGER_SEED']
  if (named !== undefined) return Number(named) | 0
  if (process.env['CI'] === undefined) return undefined
  const tree = execFileSync('git', ['rev-parse', 'HEAD^{tree}'], { encoding: 'utf8' })
  return Number.parseInt(tree.slice(0, 8), 16) | 0
}

const found = seed()
if (found !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: found })
