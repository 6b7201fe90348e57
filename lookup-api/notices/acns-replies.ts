import type { NoticeRules } from '../../model/notices-settings.ts'
import { formatInstant } from '../../model/time.ts'
import type { NoticeBody, Reply } from './contract.ts'

/**
 * The two documents of the ACNS 1.2 schema that go back to a sender: `NoticeAck`, that the notice
 * came, and `NoticeStatus`, what becomes of it. The names of elements are the schema's own.
 */

/** What is wrong with a sighting, from the sender's side. */
export interface Complaint {
  readonly what: string
  readonly asks: readonly string[]
  readonly foreign: boolean
}

/** What a reply needs of a notice. */
export type Claimed = Pick<NoticeBody, 'format' | 'id' | 'fields' | 'sightings'>

/** How the work on a notice stands. Times are microseconds since 1970. */
export interface Standing {
  readonly firstUs: number
  readonly changedUs: number
  /** True where nothing more is done. */
  readonly closed: boolean
}

type Tree = Readonly<Record<string, unknown>>

const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

const element = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`

const branch = (tree: Tree | null, name: string): Tree => {
  const value = tree?.[name]
  const isTree = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isTree ? (value as Tree) : {}
}

/** The schema's type `Contact`: Entity and Email are needed, the rest is copied where it stands. */
function contact(name: string, tree: Tree): string {
  const fields = ['Entity', 'Contact', 'Address', 'Phone', 'Email', 'ContactURL'].flatMap(
    (field) => {
      const value = tree[field]
      const text = typeof value === 'string' ? value.trim() : ''
      const needed = field === 'Entity' || field === 'Email'
      return text === '' && !needed ? [] : [element(field, text)]
    }
  )
  return `<${name}>${fields.join('')}</${name}>`
}

/** Who replies: as configured, else as the notice addresses us. */
function providerOf(notice: Claimed, { provider }: NoticeRules): Tree {
  if (provider === undefined) return branch(notice.fields, 'Service_Provider')
  return { Entity: provider.entity, Email: provider.email }
}

/** True where at least one sighting can be worked on as it is. */
const isUsable = (complaints: readonly Complaint[]): boolean =>
  complaints.some(({ asks }) => asks.length === 0)

/** What is asked of the sender; undefined where nothing is. */
function notesOf(complaints: readonly Complaint[]): string | undefined {
  const notes = complaints.flatMap(({ what, asks }) => asks.map((ask) => `${what}: ${ask}`))
  return notes.length === 0 ? undefined : notes.join('\n')
}

/** A `RejectReason` of the schema. */
function reasonOf(complaints: readonly Complaint[]): 'IP_OUT_OF_RANGE' | 'OTHER' {
  const foreign = complaints.length > 0 && complaints.every((one) => one.foreign)
  return foreign ? 'IP_OUT_OF_RANGE' : 'OTHER'
}

/**
 * `NoticeAck` of the ACNS 1.2 schema: attributes Accepted, RejectReason, TimeStamp; elements Case,
 * Complianant (so spelt there), Service_Provider and Notes, in any order.
 */
export function acknowledgement(
  notice: Claimed,
  complaints: readonly Complaint[],
  rules: NoticeRules,
  nowUs: number,
  { closed }: Standing
): Reply {
  const accepted = isUsable(complaints)
  const reason = reasonOf(complaints)
  const attributes = [
    'xmlns="http://www.acns.net/ACNS"',
    `Accepted="${accepted}"`,
    ...(accepted ? [] : [`RejectReason="${reason}"`]),
    `TimeStamp="${formatInstant(nowUs)}"`,
  ]
  const body = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<NoticeAck ${attributes.join(' ')}>`,
    `<Case>${element('ID', notice.id ?? '')}</Case>`,
    contact('Complianant', branch(notice.fields, 'Complainant')),
    contact('Service_Provider', providerOf(notice, rules)),
    element(
      'Notes',
      notesOf(complaints) ?? (closed ? 'Received; the case is closed.' : 'Received.')
    ),
    '</NoticeAck>',
    '',
  ]
  return { kind: 'acns-ack', media_type: 'application/xml', body: body.join('\n') }
}

/**
 * `NoticeStatus` of the ACNS 1.2 schema, one `CaseStatus` for the notice's case: elements
 * Disposition (Type, Reason, FirstProcessedDate, LastModifiedDate), Source (Complainant,
 * Service_Provider) and Notes, in this order. The case is `OPEN` where we can work on the notice,
 * and `CLOSED` once nothing more is done about it: what came of it is for people to tell, and
 * whether anybody was found is not told. Without a number of the case there is nothing that a
 * status could be of.
 */
export function noticeStatus(
  notice: Claimed,
  complaints: readonly Complaint[],
  rules: NoticeRules,
  nowUs: number,
  { firstUs, changedUs, closed }: Standing
): Reply[] {
  if (notice.id === null) return []
  const now = formatInstant(nowUs)
  const notes = notesOf(complaints)
  const usable = isUsable(complaints)
  const disposition = [
    element('Type', usable ? (closed ? 'CLOSED' : 'OPEN') : 'REJECTED'),
    ...(usable ? [] : [element('Reason', reasonOf(complaints))]),
    element('FirstProcessedDate', formatInstant(firstUs)),
    element('LastModifiedDate', formatInstant(changedUs)),
  ]
  const source = [
    contact('Complainant', branch(notice.fields, 'Complainant')),
    contact('Service_Provider', providerOf(notice, rules)),
  ]
  const body = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<NoticeStatus xmlns="http://www.acns.net/ACNS">',
    `<CaseStatus CaseID="${escapeXml(notice.id)}" TimeStamp="${now}">`,
    `<Disposition>${disposition.join('')}</Disposition>`,
    `<Source>${source.join('')}</Source>`,
    ...(notes === undefined ? [] : [element('Notes', notes)]),
    '</CaseStatus>',
    '</NoticeStatus>',
    '',
  ]
  return [{ kind: 'acns-status', media_type: 'application/xml', body: body.join('\n') }]
}
