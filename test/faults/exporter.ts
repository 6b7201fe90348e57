import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { flowFields, ipfix, set, template, u } from '../collector/netflow/messages.ts'
import type { FieldSpec } from '../collector/netflow/messages.ts'

/** A connection that was told of: its number stands in its inside address. */
export interface Known {
  readonly number: number
  readonly port: number
  /** In the middle of it: microseconds since 1970. */
  readonly atUs: number
}

const fields: readonly FieldSpec[] = [...flowFields, [225, 4], [227, 2]]
const perDatagram = 5
const tickMs = 10

/** What becomes of datagrams on their way: gives those that arrive, in their order. */
export type Way = (datagram: Buffer, random: () => number) => readonly Buffer[]

export const straight: Way = (datagram) => [datagram]

/** Loses, repeats and delays some, as a bad path does (what `tc netem` would do to them). */
export function badPath(): Way {
  const late: Buffer[] = []
  return (datagram, random) => {
    const dice = random()
    if (dice < 0.1) return []
    if (dice < 0.2) return [datagram, datagram]
    if (dice < 0.4) {
      late.push(datagram)
      return []
    }
    return dice < 0.7 ? [datagram, ...late.splice(0)] : [datagram]
  }
}

/** An exporter of IPFIX that tells of translated connections at a rate, and keeps what it told. */
export class KnownExporter {
  readonly told: Known[] = []
  way: Way = straight
  private readonly socket = createSocket('udp4')
  private readonly port: number
  private readonly host: string
  private sequence = 0
  private seed = 1
  private running: Promise<void> | undefined
  private stopped = false

  constructor(port: number, host: string) {
    this.port = port
    this.host = host
    // A collector that is gone makes the kernel answer; what is sent is lost, and that is all.
    this.socket.on('error', () => {})
  }

  /** Goes on telling, so many datagrams a second, until {@link pause}. */
  start(datagramsPerSecond: number): void {
    this.stopped = false
    this.running = this.run(datagramsPerSecond)
  }

  async pause(): Promise<void> {
    this.stopped = true
    await this.running
  }

  close(): void {
    this.socket.close()
  }

  /** Tells of so many datagrams at once. */
  async burst(datagrams: number): Promise<void> {
    for (let sent = 0; sent < datagrams; sent++) {
      this.send(sent % 500 === 0)
      if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  private async run(rate: number): Promise<void> {
    const begun = performance.now()
    for (let sent = 0; !this.stopped;) {
      const due = ((performance.now() - begun) * rate) / 1000
      for (; sent < due; sent++) this.send(sent % 50 === 0)
      await sleep(tickMs)
    }
  }

  private readonly random = (): number => {
    this.seed = (Math.imul(this.seed, 1_103_515_245) + 12_345) >>> 0
    return (this.seed >>> 8) / 2 ** 24
  }

  private send(withTemplate: boolean): void {
    const nowMs = Date.now()
    const records = Array.from({ length: perDatagram }, () => this.record(nowMs))
    const head = { seconds: Math.floor(nowMs / 1000), sequence: this.sequence, domain: 7 }
    const definition = withTemplate ? [set(2, template(256, fields))] : []
    this.sequence += perDatagram
    for (const one of this.way(ipfix(head, ...definition, set(256, ...records)), this.random)) {
      this.socket.send(one, this.port, this.host, () => {})
    }
  }

  private record(nowMs: number): Buffer {
    const number = this.told.length
    const port = 1024 + (number % 60_000)
    this.told.push({ number, port, atUs: (nowMs - 200) * 1000 })
    return Buffer.concat([
      u(0x0a000000 + number, 4),
      u(0xcb007109, 4),
      u(40_000, 2),
      u(443, 2),
      u(6, 1),
      u(600n, 8),
      u(5, 4),
      u(nowMs - 300, 8),
      u(nowMs - 100, 8),
      u(0xc0000201, 4),
      u(port, 2),
    ])
  }
}
