import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = '/sys/fs/cgroup'
/** Version 1 has a hierarchy for each controller, version 2 one for all of them. */
const isFirst = existsSync(join(root, 'memory', 'memory.limit_in_bytes'))

/**
 * Lets a process have so much more memory than it has, and no more: the kernel kills it then. What
 * it has already is counted where it was.
 *
 * @returns takes the limit away, once the process is gone
 */
export function limitMemory(pid: number, bytes: number): () => void {
  const folder = join(root, isFirst ? 'memory' : '', `flowledger-faults-${process.pid}`)
  mkdirSync(folder)
  const limit = isFirst ? 'memory.limit_in_bytes' : 'memory.max'
  writeFileSync(join(folder, limit), String(bytes))
  writeFileSync(join(folder, 'cgroup.procs'), String(pid))
  return () => rmdirSync(folder)
}
