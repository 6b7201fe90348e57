import { templatedLayout } from './templated.ts'
import type { Element, MessageHead, Protocol } from '../protocol.ts'

/*
 * RFC 7011 §3.1, message header:
 *
 *   0 version 10 (16) | 2 length (16) | 4 export time (32) | 8 sequence (32) | 12 domain (32)
 *
 * §3.4.1, template record: template id (16) | field count (16) | fields; §3.4.2, options template:
 * template id | field count | scope field count | fields, those of the scope first.
 *
 * §3.2, field: E (1) element id (15) | length (16) | enterprise number (32) where E is set
 *
 * The sequence number counts data records, those of options too, before this message (§3.1).
 */
const enterpriseBit = 0x8000

function fieldBytes(elements: readonly Element[]): Buffer {
  return Buffer.concat(
    elements.map(({ id, pen, bytes }) => {
      const field = Buffer.alloc(pen === undefined ? 4 : 8)
      field.writeUInt16BE(pen === undefined ? id : id | enterpriseBit, 0)
      field.writeUInt16BE(bytes, 2)
      if (pen !== undefined) field.writeUInt32BE(pen, 4)
      return field
    })
  )
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index)
  return bytes
}

export const ipfix: Protocol = {
  name: 'ipfix',
  headerBytes: 16,
  setHeaderBytes: 4,
  padTo: 1,
  maxRecords: 65_535,
  templates: {
    setId: 2,
    optionsSetId: 3,
    template: (id, elements) => Buffer.concat([words(id, elements.length), fieldBytes(elements)]),
    optionsTemplate: (id, scope, elements) =>
      Buffer.concat([
        words(id, scope.length + elements.length, scope.length),
        fieldBytes([...scope, ...elements]),
      ]),
  },
  layout: templatedLayout,
  writeHeader(view, at, head: MessageHead) {
    view.setUint16(at, 10)
    view.setUint16(at + 2, head.bytes)
    view.setUint32(at + 4, Math.floor(head.exportUs / 1e6))
    view.setUint32(at + 8, head.sequence)
    view.setUint32(at + 12, head.domain)
  },
  sequenceStep: (dataRecords) => dataRecords,
}
