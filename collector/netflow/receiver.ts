import type { EndpointText } from '../../model/endpoint-text.ts'
import type { NetflowConfig } from '../../model/netflow-settings.ts'
import { UdpSocket } from '../../netlink/udp-socket.ts'
import { ClockWatch } from '../conntrack/clock-watch.ts'
import { immediate, Rest } from '../conntrack/rest.ts'
import type { NetflowCollector } from './collector.ts'
import type { Arrival } from './arrival.ts'
import { StreamListeners } from './streams.ts'

/** A batch that was not full is handed over after this long (ms). */
const flushMs = 50
/** How long datagrams gather while many come (ms). */
const busyNapMs = 8
/** More reads than a full receive buffer can hold datagrams for. */
const fullQueueReads = 10_000

/** Reads every socket of the collector: paced, so that datagrams are read many at a time. */
export class NetflowReceiver {
  readonly streams: StreamListeners
  octets = 0
  kernelDrops = 0
  private readonly collector: NetflowCollector
  private readonly sockets: UdpSocket[]
  private readonly seenDrops: number[]
  private readonly rest: Rest
  private checkedUs = Date.now() * 1000
  private flushedMs = -Infinity
  private readonly clock = new ClockWatch()
  private stopping = false
  private readonly arrival: { -readonly [K in keyof Arrival]: Arrival[K] } = {
    w0: 0,
    w1: 0,
    w2: 0,
    w3: 0,
    port: 0,
    atUs: 0,
    transport: 'udp',
  }

  /**
   * Opens the UDP sockets; datagrams gather in the kernel from here on.
   *
   * @throws FlowledgerError `port-in-use`, `permission-missing`
   */
  constructor(collector: NetflowCollector, { listen, receiveBufferBytes }: NetflowConfig) {
    this.collector = collector
    this.sockets = listen.map((at: EndpointText) => {
      const data = collector.rows.memory.takeReceiveBuffer()
      return new UdpSocket(at, receiveBufferBytes, data)
    })
    this.seenDrops = this.sockets.map(() => 0)
    this.rest = new Rest(this.grantedBuffer, busyNapMs)
    const { decoder } = collector
    this.streams = new StreamListeners({
      message: (view, from, to, arrival) => {
        this.octets += to - from
        decoder.take(view, from, to, arrival)
      },
      opened: (w0, w1, w2, w3) => collector.connected(w0, w1, w2, w3),
    })
  }

  /** The least that the kernel granted to one of the sockets, in octets. */
  get grantedBuffer(): number {
    return Math.min(...this.sockets.map((socket) => socket.grantedBuffer), 2 ** 31)
  }

  get addresses(): readonly string[] {
    const udp = this.sockets.map(({ address }) => `udp ${address}`)
    return [...udp, ...this.streams.addresses.map((address) => `tcp ${address}`)]
  }

  /** Opens what is no datagram socket. */
  async open(config: NetflowConfig): Promise<void> {
    await this.streams.listen(config)
  }

  /** Reads until {@link stop}, and then what is still there. */
  async run(): Promise<void> {
    while (!this.stopping) {
      let most = 0
      let isFull = false
      for (const socket of this.sockets) {
        const count = this.read(socket)
        most = Math.max(most, count)
        isFull ||= socket.isFull
      }
      if (isFull) {
        await immediate()
        continue
      }
      this.flushWhenDue()
      await this.rest.nap(most)
    }
    this.drain()
    this.collector.rows.flush()
    await this.streams.close()
    for (const socket of this.sockets) socket.close()
  }

  stop(): void {
    this.stopping = true
    this.rest.wake()
  }

  /** Reads everything that waits now. */
  drain(): void {
    for (const socket of this.sockets) {
      for (let reads = 0; reads < fullQueueReads; reads++) {
        this.read(socket)
        if (!socket.isFull) break
      }
    }
  }

  /** What the kernel dropped since the last look is a gap of everybody. */
  checkDrops(nowUs: number): void {
    let dropped = 0
    for (const [index, socket] of this.sockets.entries()) {
      const { drops } = socket
      dropped += (drops - (this.seenDrops[index] ?? 0)) >>> 0
      this.seenDrops[index] = drops
    }
    if (dropped > 0) {
      this.kernelDrops += dropped
      const { checkedUs } = this
      // The clock may have been set back in between.
      this.collector.dropped(Math.min(checkedUs, nowUs), Math.max(checkedUs, nowUs), dropped)
    }
    this.checkedUs = nowUs
  }

  /** Takes what waits at a socket, at most one batch; gives how many datagrams. */
  private read(socket: UdpSocket): number {
    const messages = socket.receive()
    if (messages > 0 && this.clock.step() !== undefined) this.collector.clockSet()
    const { arrival } = this
    const { decoder } = this.collector
    arrival.atUs = Date.now() * 1000
    let datagrams = 0
    for (let slot = 0; slot < messages; slot++) {
      socket.at(slot)
      const { view, from, to, each } = socket
      arrival.w0 = socket.w0
      arrival.w1 = socket.w1
      arrival.w2 = socket.w2
      arrival.w3 = socket.w3
      arrival.port = socket.port
      this.octets += to - from
      // An empty datagram is one, too.
      let at = from
      do {
        decoder.take(view, at, Math.min(to, at + each), arrival)
        datagrams++
        at += each
      } while (at < to)
    }
    return datagrams
  }

  private flushWhenDue(): void {
    const now = performance.now()
    if (now - this.flushedMs < flushMs) return
    this.flushedMs = now
    this.collector.rows.flush()
  }
}
