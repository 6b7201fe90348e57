import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventSockets } from '../../bench/process.ts'
import type { Topology } from '../../cli/demo/topology.ts'

/** What `conntrack -E` printed of one event, read by other code than flowledger's own. */
export interface LoggedEvent {
  readonly kind: 'NEW' | 'DESTROY'
  /** Microseconds since 1970 at which conntrack read it. */
  readonly atUs: number
  readonly protocol: string
  readonly original: LoggedTuple
  readonly reply: LoggedTuple
  readonly id: number
}

export interface LoggedTuple {
  readonly src: string
  readonly dst: string
  /** For ICMP the identifier. */
  readonly sport: number
  readonly dport: number
}

const linePattern = /^\[(\d+)\.(\d{6})\]\s+\[(NEW|DESTROY)\]\s+(\w+)/

function tuples(line: string): [LoggedTuple, LoggedTuple] {
  const all = (pattern: RegExp): string[] =>
    [...line.matchAll(pattern)].map(([, value]) => value ?? '')
  const [src, dst] = [all(/ src=(\S+)/g), all(/ dst=(\S+)/g)]
  // The last id= of a line is the entry's own; ICMP has one more in each direction.
  const icmp = / type=\d+/.test(line)
  const sport = icmp ? all(/ code=\d+ id=(\d+)/g) : all(/ sport=(\d+)/g)
  const dport = icmp ? ['0', '0'] : all(/ dport=(\d+)/g)
  const at = (i: number): LoggedTuple => ({
    src: src[i] ?? '',
    dst: dst[i] ?? '',
    sport: Number(sport[i]),
    dport: Number(dport[i]),
  })
  return [at(0), at(1)]
}

function parseLine(line: string): LoggedEvent | undefined {
  const [, seconds, micros, kind, protocol = ''] = linePattern.exec(line) ?? []
  if (kind !== 'NEW' && kind !== 'DESTROY') return undefined
  const [original, reply] = tuples(line)
  const atUs = Number(seconds) * 1e6 + Number(micros)
  const id = Number(/ id=(\d+)$/.exec(line)?.[1])
  return { kind, atUs, protocol, original, reply, id }
}

/** The peer: what the kernel told everybody, as conntrack-tools understood it. */
export interface ConntrackLog {
  readonly events: readonly LoggedEvent[]
  stop(): Promise<void>
}

/** Starts `conntrack -E` in the gateway and resolves when it is subscribed. */
export async function startConntrackLog(topology: Topology): Promise<ConntrackLog> {
  // Its receive buffer holds some hundred events (-b does not reach the socket that gets them), so
  // it must not wait for the processor.
  const conntrack = ['conntrack', '-E', '-e', 'NEW,DESTROY', '-o', 'timestamp,id']
  const argv = ['nice', '-n', '-19', ...conntrack]
  const others = new Set(eventSockets(topology.gateway).map((socket) => socket.port))
  const child = topology.spawn(topology.gateway, argv, {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const events: LoggedEvent[] = []
  if (child.stdout === null) throw new Error('conntrack has no output.')
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const event = parseLine(line)
    if (event !== undefined) events.push(event)
  })
  while (eventSockets(topology.gateway).every(({ port }) => others.has(port))) {
    if (child.exitCode !== null) throw new Error(`conntrack -E ended with ${child.exitCode}.`)
    await sleep(20)
  }
  return {
    events,
    async stop() {
      const closed = once(lines, 'close')
      child.kill('SIGTERM')
      await closed
    },
  }
}
