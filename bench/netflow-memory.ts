import { NetflowCollector } from '../collector/netflow/collector.ts'
import { benchFields, makeDatagram } from './netflow-datagrams.ts'

/**
 * Memory of 10 000 exporters with 20 templates each, of one make and each of a make of its own.
 *
 * node --expose-gc --import tsx bench/netflow-memory.ts
 */
const exporters = 10_000
const templates = 20

function collector(): NetflowCollector {
  return new NetflowCollector([], {
    flows() {},
    events() {},
    sourceIndex: () => 1,
    watchedFrom() {},
    gap() {},
    progress() {},
    restarted() {},
    doubted() {},
  })
}

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / (1 << 20)
}

function fill(isShared: boolean): number {
  const before = heap()
  const made = collector()
  const plain = makeDatagram(9, 0, true)
  for (let exporter = 0; exporter < exporters; exporter++) {
    for (let template = 0; template < templates; template++) {
      const datagram = Buffer.from(plain)
      datagram.writeUInt16BE(256 + template, 24)
      datagram.writeUInt16BE(1000 + template, 28)
      // A make of its own: the second field is of another number for each exporter.
      if (!isShared) datagram.writeUInt16BE(10_000 + exporter, 32)
      const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length)
      const who = {
        w0: 0,
        w1: 0,
        w2: 0xffff,
        w3: exporter,
        port: 9,
        atUs: 1,
        transport: 'udp',
      } as const
      made.decoder.take(view, 0, datagram.length, who)
    }
  }
  const used = heap() - before
  if (made.decoder.templatesTogether !== exporters * templates) throw new Error('not all taken')
  return used
}

console.log(`${exporters} exporters, ${templates} templates of ${benchFields.length} fields each`)
console.log(`of one make: ${fill(true).toFixed(0)} MiB`)
console.log(`each of its own: ${fill(false).toFixed(0)} MiB`)
