import type { ColumnWriter } from './column-writers.ts'
import type { Flavour } from './flavours.ts'
import type { ExportProtocol, RecordSettings } from '../model/export-targets.ts'
import type { ExtraName, FieldName } from '../model/fields.ts'

/** `bytes` of an element of variable length (RFC 7011 §7). */
export const variableLength = 65_535

/** What a template says of a field. */
export interface Element {
  readonly id: number
  /** Private enterprise number; left out: IANA's own. */
  readonly pen?: number
  /** Octets of its values, or {@link variableLength}. */
  readonly bytes: number
}

/** A field of a record, and where its values come from. */
export interface Item {
  readonly element: Element
  /** How its column is written; texts are written by the encoder. */
  readonly write: ColumnWriter | 'text'
  /** Left out: `constant` is all that is written. */
  readonly column?: FieldName | ExtraName
  readonly constant?: number
}

/** Why a row cannot be told of: what the protocol lacks, or no field of the target's is there. */
export type Uncarried = 'ipv6-in-netflow5' | 'no-fields'

/** What a layout is made for. */
export interface LayoutWish {
  readonly settings: RecordSettings
  readonly flavour: Flavour
  /** Bits of `familyBits`. */
  readonly families: number
  /** The columns that the batch has beside the usual ones. */
  readonly extras: ReadonlySet<ExtraName>
  /** What SysUptime counts from (us since 1970). */
  readonly bootUs: number
}

/** What a message's header tells. */
export interface MessageHead {
  readonly bytes: number
  /** Records of all kinds, templates among them. */
  readonly records: number
  readonly sequence: number
  readonly exportUs: number
  readonly bootUs: number
  readonly domain: number
}

/** How templates are told, where there are any. */
export interface TemplateForm {
  readonly setId: number
  readonly optionsSetId: number
  template(id: number, elements: readonly Element[]): Buffer
  optionsTemplate(id: number, scope: readonly Element[], elements: readonly Element[]): Buffer
}

/** A protocol as the encoder needs it: forms and numbers, no state. */
export interface Protocol {
  readonly name: ExportProtocol
  readonly headerBytes: number
  /** Octets before the records of a set; 0 where there are no sets. */
  readonly setHeaderBytes: number
  /** Sets end at a multiple of so many octets. */
  readonly padTo: number
  readonly maxRecords: number
  readonly templates?: TemplateForm
  layout(wish: LayoutWish): readonly Item[] | Uncarried
  writeHeader(view: DataView, at: number, head: MessageHead): void
  /** What a message adds to the sequence number. */
  sequenceStep(dataRecords: number): number
}
