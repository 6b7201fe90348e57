import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Named network namespaces that are ours and go away with us. A name tells who made it, by process
 * id and that process's start time, so that what a killed run left behind is found and removed
 * without touching a live one:
 *
 * ```
 * fl-PID-STARTTIME-NUMBER-ROLE      fl-4711-128834-0-gateway
 * ```
 */
const namePattern = /^fl-(\d{1,10})-(\d{1,20})-\d{1,10}-[a-z0-9]{1,20}$/

/** Bytes that a tool may print; a ruleset of this size is none of ours. */
const maxBuffer = 64 << 20

/** What a program says on standard error, without its trailing white space. */
function complaint(error: unknown): string {
  const { stderr, message } = error as { stderr?: Buffer | string; message: string }
  const text = String(stderr ?? '').trim()
  return text === '' ? message : text
}

/**
 * Runs a program of iproute2, nftables or procps and gives what it printed.
 *
 * @throws Error that names the command line and carries what the program complained of
 */
export function runTool(program: string, args: readonly string[], input = ''): string {
  try {
    return execFileSync(program, args, { input, encoding: 'utf8', stdio: 'pipe', maxBuffer })
  } catch (error) {
    throw new Error(`${[program, ...args].join(' ')}: ${complaint(error)}`, { cause: error })
  }
}

/** Start time of a process in clock ticks since boot (proc(5), stat field 22), or undefined. */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field, the name, may hold spaces and parentheses: count from its end.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

let made = 0

/** A prefix for namespaces of this process that no other process and no other call gives. */
export function namespacePrefix(): string {
  return `fl-${process.pid}-${processStart(process.pid) ?? '0'}-${made++}`
}

/** Makes a namespace with its loopback up. */
export function addNamespace(name: string): void {
  runTool('ip', ['netns', 'add', name])
  runTool('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
}

/** Names of all namespaces under /run/netns. */
export function listNamespaces(): string[] {
  const lines = runTool('ip', ['netns', 'list']).split('\n')
  return lines.map((line) => line.split(' ')[0] ?? '').filter((name) => name !== '')
}

/** Ids of the processes that live in a namespace. */
export function processesIn(name: string): number[] {
  return runTool('ip', ['netns', 'pids', name]).split('\n').filter(Boolean).map(Number)
}

/** Kills what lives in a namespace, then deletes it; a namespace outlives its name otherwise. */
export function removeNamespace(name: string): void {
  for (const pid of processesIn(name)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in between.
    }
  }
  runTool('ip', ['netns', 'del', name])
}

/**
 * Removes namespaces whose maker is no longer alive.
 *
 * @returns their names
 */
export function sweepStale(): string[] {
  const removed: string[] = []
  for (const name of listNamespaces()) {
    const [, pid, start] = namePattern.exec(name) ?? []
    if (pid === undefined || processStart(Number(pid)) === start) continue
    try {
      removeNamespace(name)
      removed.push(name)
    } catch (error) {
      // Another one who sweeps was faster; anything else is a fault.
      if (listNamespaces().includes(name)) throw error
    }
  }
  return removed
}

/**
 * Tries what the lab needs: to make a namespace, and in it an interface and a rule that translates.
 *
 * @returns why it cannot be done here, or undefined where it can
 */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only'
  if (process.getuid?.() !== 0) return 'making network namespaces needs root'
  const name = `${namespacePrefix()}-probe`
  try {
    addNamespace(name)
  } catch (error) {
    return (error as Error).message
  }
  try {
    runTool('ip', ['-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'])
    const rules =
      'add table ip t\nadd chain ip t c { type nat hook postrouting priority srcnat; }\n'
    runTool('ip', ['netns', 'exec', name, 'nft', '-f', '-'], rules)
    runTool('ip', ['netns', 'exec', name, 'sysctl', '-n', 'net.netfilter.nf_conntrack_max'])
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    removeNamespace(name)
  }
}
