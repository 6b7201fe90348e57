import { templatedLayout } from './templated.ts'
import type { Element, MessageHead, Protocol } from '../protocol.ts'

/*
 * RFC 3954 §5.1, packet header:
 *
 *   0 version 9 (16) | 2 records (16) | 4 SysUptime, ms (32) | 8 UNIX seconds (32)
 *   12 sequence (32) | 16 source id (32)
 *
 * §5.2, template: template id (16) | field count (16) | fields of type (16), length (16)
 * §6.1, options template: template id | octets of the scope fields | octets of the option fields |
 *   scope fields | option fields
 *
 * The sequence number counts packets. FlowSets end at a multiple of four octets. Times in records
 * are in SysUptime, and the header knows whole seconds only: it tells the next full second and the
 * SysUptime of that, so that collectors find times exact to the millisecond, and no record ends
 * after its packet.
 */
function fieldBytes(elements: readonly Element[]): Buffer {
  const bytes = Buffer.alloc(4 * elements.length)
  for (const [index, { id, bytes: length }] of elements.entries()) {
    bytes.writeUInt16BE(id, 4 * index)
    bytes.writeUInt16BE(length, 4 * index + 2)
  }
  return bytes
}

export const netflow9: Protocol = {
  name: 'netflow9',
  headerBytes: 20,
  setHeaderBytes: 4,
  padTo: 4,
  maxRecords: 65_535,
  templates: {
    setId: 0,
    optionsSetId: 1,
    template(id, elements) {
      const head = Buffer.alloc(4)
      head.writeUInt16BE(id, 0)
      head.writeUInt16BE(elements.length, 2)
      return Buffer.concat([head, fieldBytes(elements)])
    },
    optionsTemplate(id, scope, elements) {
      const head = Buffer.alloc(6)
      head.writeUInt16BE(id, 0)
      head.writeUInt16BE(4 * scope.length, 2)
      head.writeUInt16BE(4 * elements.length, 4)
      return Buffer.concat([head, fieldBytes([...scope, ...elements])])
    },
  },
  layout: templatedLayout,
  writeHeader(view, at, head: MessageHead) {
    const seconds = Math.ceil(head.exportUs / 1e6)
    view.setUint16(at, 9)
    view.setUint16(at + 2, head.records)
    view.setUint32(at + 4, Math.floor((seconds * 1e6 - head.bootUs) / 1000))
    view.setUint32(at + 8, seconds)
    view.setUint32(at + 12, head.sequence)
    view.setUint32(at + 16, head.domain)
  },
  sequenceStep: () => 1,
}
