import type { PreparedSet } from './message.ts'
import { variableLength } from './protocol.ts'
import type { Element, Protocol, TemplateForm } from './protocol.ts'

/** A value of an option record. */
export type OptionValue = number | bigint | string

/** Records of options of one kind with their template. */
export interface OptionTable {
  readonly templateId: number
  readonly scope: readonly Element[]
  readonly elements: readonly Element[]
  /** Values of scope and elements, in their order. */
  readonly rows: readonly (readonly OptionValue[])[]
}

function encodeText(text: string, bytes: number): Buffer {
  const octets = Buffer.from(text, 'utf8')
  if (bytes !== variableLength) {
    const fixed = Buffer.alloc(bytes)
    octets.copy(fixed, 0, 0, bytes)
    return fixed
  }
  const cut = octets.subarray(0, 1024)
  if (cut.length < 255) return Buffer.concat([Buffer.from([cut.length]), cut])
  return Buffer.concat([Buffer.from([255, cut.length >> 8, cut.length & 255]), cut])
}

function encodeValue({ bytes }: Element, value: OptionValue): Buffer {
  if (typeof value === 'string') return encodeText(value, bytes)
  const octets = Buffer.alloc(8)
  octets.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)))
  return octets.subarray(8 - bytes)
}

/** Set header, records, padding; `records` of a template set are no data records. */
function setOf(id: number, parts: readonly Buffer[], padTo: number, isData: boolean): PreparedSet {
  const length = 4 + parts.reduce((sum, part) => sum + part.length, 0)
  const bytes = Buffer.alloc(Math.ceil(length / padTo) * padTo)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt16BE(bytes.length, 2)
  let at = 4
  for (const part of parts) at += part.copy(bytes, at)
  return { bytes, records: parts.length, dataRecords: isData ? parts.length : 0 }
}

/** Puts parts into as many sets as they need so that none is longer than `most`. */
function setsOf(
  id: number,
  parts: readonly Buffer[],
  most: number,
  padTo: number,
  isData: boolean
): PreparedSet[] {
  const sets: PreparedSet[] = []
  let gathered: Buffer[] = []
  let size = 4 + padTo
  for (const part of parts) {
    if (size + part.length > most && gathered.length > 0) {
      sets.push(setOf(id, gathered, padTo, isData))
      gathered = []
      size = 4 + padTo
    }
    gathered.push(part)
    size += part.length
  }
  if (gathered.length > 0) sets.push(setOf(id, gathered, padTo, isData))
  // A part that is longer than a message cannot be sent at all.
  return sets.filter((set) => set.bytes.length <= most)
}

/** Template sets of these templates, none longer than `most`. */
export function templateSets(
  protocol: Protocol,
  templates: readonly { readonly id: number; readonly elements: readonly Element[] }[],
  most: number
): PreparedSet[] {
  const form = protocol.templates
  if (form === undefined) return []
  const parts = templates.map(({ id, elements }) => form.template(id, elements))
  return setsOf(form.setId, parts, most, protocol.padTo, false)
}

/** The records of a table, without their template. */
export function optionRecordSets(
  protocol: Protocol,
  table: OptionTable,
  most: number
): PreparedSet[] {
  const elements = [...table.scope, ...table.elements]
  const parts = table.rows.map((row) =>
    Buffer.concat(elements.map((element, index) => encodeValue(element, row[index] ?? 0)))
  )
  return setsOf(table.templateId, parts, most, protocol.padTo, true)
}

/**
 * The templates of tables, one set each: several in one set are allowed (RFC 7011 §3.3.2), but
 * pmacct then drops what follows, and others read the first alone.
 */
export function optionTemplateSets(
  protocol: Protocol,
  form: TemplateForm,
  tables: readonly OptionTable[],
  most: number
): PreparedSet[] {
  return tables.flatMap(({ templateId, scope, elements }) => {
    const part = form.optionsTemplate(templateId, scope, elements)
    return setsOf(form.optionsSetId, [part], most, protocol.padTo, false)
  })
}
