import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Its state and its parent, as `/proc` has them; undefined where it is gone. */
function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

/** A process and its children, itself first. */
export function familyOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return [pid, ...all.map(Number).filter((one) => statOf(one)?.parent === pid)]
}

/** False where it is gone, or dead and not waited for. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.state
  return state !== undefined && state !== 'Z'
}

/** The first process of the server that has its files in a folder. */
export function postmasterOf(serverDir: string): number {
  return Number(readFileSync(join(serverDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
}
