import { extraFields, fields, reversePen } from '../model/fields.ts'
import type { Field } from '../model/fields.ts'
import type { ExportProtocol, OptionKind } from '../model/export-targets.ts'
import type { OptionTable } from './option-sets.ts'
import { variableLength } from './protocol.ts'
import type { Element } from './protocol.ts'

/** An interface of the host that flows are told of. */
export interface InterfaceName {
  readonly index: number
  readonly name: string
  readonly description: string
}

/** An application as its names are told once (RFC 6759). */
export interface ApplicationName {
  readonly id: number
  readonly name: string
  readonly category: string
}

/** What the exporter did so far, as it tells it itself. */
export interface ExporterStatistics {
  readonly messages: number
  readonly bytes: number
  readonly records: number
  readonly notSentRecords: number
  readonly notSentMessages: number
  readonly notSentBytes: number
}

/** Ids of the templates of options, below those of records. */
const templateIds: Readonly<Record<OptionKind | 'categories', number>> = {
  applications: 256,
  statistics: 257,
  interfaces: 258,
  sampling: 259,
  types: 260,
  categories: 261,
}

/** The first id of templates of records. */
export const firstTemplateId = 300

/** RFC 3954 §6.1: types of scope fields are numbers of their own. */
const v9System: Element = { id: 1, bytes: 4 }
const v9Interface: Element = { id: 2, bytes: 4 }

const text = (protocol: ExportProtocol, id: number, bytes: number): Element => ({
  id,
  bytes: protocol === 'ipfix' ? variableLength : bytes,
})

/**
 * applicationId (95) with name (96), description (94) and category (372): RFC 6759 §5. In NetFlow 9
 * the category has a table of its own: nfdump reads no other field beside those that Cisco sends.
 */
export function applicationTables(
  protocol: ExportProtocol,
  applications: readonly ApplicationName[]
): OptionTable[] {
  const names = [text(protocol, 96, 32), text(protocol, 94, 64)]
  const category = text(protocol, 372, 32)
  const id: Element = { id: 95, bytes: 4 }
  const templateId = templateIds.applications
  if (protocol === 'ipfix') {
    const rows = applications.map((one) => [one.id, one.name, one.name, one.category])
    return [{ templateId, scope: [id], elements: [...names, category], rows }]
  }
  const scope = [v9System]
  return [
    {
      templateId,
      scope,
      elements: [id, ...names],
      rows: applications.map((one) => [0, one.id, one.name, one.name]),
    },
    {
      templateId: templateIds.categories,
      scope,
      elements: [id, category],
      rows: applications.map((one) => [0, one.id, one.category]),
    },
  ]
}

/**
 * What the exporting process sent and could not send (RFC 7011 §4.3): messages 41, flow records 42,
 * octets 40; not sent: flow records 165, messages 166, octets 167.
 */
export function statisticsTable(
  protocol: ExportProtocol,
  process: number,
  statistics: ExporterStatistics
): OptionTable {
  const elements = [41, 42, 40, 165, 166, 167].map((id) => ({ id, bytes: 8 }))
  const { messages, records, bytes, notSentRecords, notSentMessages, notSentBytes } = statistics
  const values = [messages, records, bytes, notSentRecords, notSentMessages, notSentBytes]
  const scope: Element = protocol === 'ipfix' ? { id: 144, bytes: 4 } : v9System
  const templateId = templateIds.statistics
  return { templateId, scope: [scope], elements, rows: [[process, ...values]] }
}

/** interfaceName (82) and interfaceDescription (83) of ingressInterface (10). */
export function interfaceTable(
  protocol: ExportProtocol,
  interfaces: readonly InterfaceName[]
): OptionTable {
  const scope: Element = protocol === 'ipfix' ? { id: 10, bytes: 4 } : v9Interface
  const elements = [text(protocol, 82, 16), text(protocol, 83, 32)]
  const rows = interfaces.map(({ index, name, description }) => [index, name, description])
  return { templateId: templateIds.interfaces, scope: [scope], elements, rows }
}

/**
 * That nothing is sampled. IPFIX: systematic count-based (304: 1), one packet (305) and none passed
 * over (306), by selector 0 (RFC 5477 §8.2); NetFlow 9: one of one (34), deterministic (35: 1).
 */
export function samplingTable(protocol: ExportProtocol): OptionTable {
  const templateId = templateIds.sampling
  if (protocol === 'ipfix') {
    const elements = [
      { id: 304, bytes: 2 },
      { id: 305, bytes: 4 },
      { id: 306, bytes: 4 },
    ]
    return { templateId, scope: [{ id: 302, bytes: 8 }], elements, rows: [[0, 1, 1, 0]] }
  }
  const elements = [
    { id: 34, bytes: 4 },
    { id: 35, bytes: 1 },
  ]
  return { templateId, scope: [v9System], elements, rows: [[0, 1, 1]] }
}

/** IANA's "IPFIX Information Element Data Types" of the kinds that enterprise elements have. */
const dataTypes = { u8: 1, u16: 2, u32: 3, u64: 4, text: 13, time: 16, address: 18 } as const
/** IANA's "IPFIX Information Element Semantics": text has none, our numbers identify. */
const semanticsOf = ({ kind }: Field): number => (kind === 'text' ? 0 : 4)

/**
 * RFC 5610: type (339), semantics (344), units (345: none) and name (341) of the enterprise
 * elements of these fields, by element (303) and enterprise (346). RFC 5103's need no telling.
 */
export function typeTable(names: ReadonlySet<string>): OptionTable {
  const all: readonly Field[] = [...fields, ...extraFields]
  const told = all.filter(
    ({ name, pen, ie }) =>
      pen !== undefined && pen !== reversePen && typeof ie === 'number' && names.has(name)
  )
  return {
    templateId: templateIds.types,
    scope: [
      { id: 346, bytes: 4 },
      { id: 303, bytes: 2 },
    ],
    elements: [
      { id: 339, bytes: 1 },
      { id: 344, bytes: 1 },
      { id: 345, bytes: 2 },
      { id: 341, bytes: variableLength },
    ],
    rows: told.map((field) => [
      field.pen ?? 0,
      Number(field.ie),
      dataTypes[field.kind],
      semanticsOf(field),
      0,
      field.name,
    ]),
  }
}
