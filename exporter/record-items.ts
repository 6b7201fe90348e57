import { extraFields, fields, reversePen } from '../model/fields.ts'
import type { ExtraName, Field, FieldName } from '../model/fields.ts'
import {
  constant32,
  constant8,
  write16,
  write32,
  write64,
  write8,
  writeMilliseconds,
  writeNtp,
  writeSpace32,
  writeUptime,
  writeV4,
  writeV6,
} from './column-writers.ts'
import type { ColumnWriter } from './column-writers.ts'
import { columnOf, isV6In } from './flavours.ts'
import type { familyBits } from './flavours.ts'
import { variableLength } from './protocol.ts'
import type { Element, Item, LayoutWish } from './protocol.ts'

/**
 * The elements that records of NetFlow 9 and IPFIX are made of, derived from the field table: its
 * kinds give sizes, its ids the types.
 */

type Name = FieldName | ExtraName

/** Rows of the table that say how, not what, or that stand in records of their own. */
const notInFlows: ReadonlySet<string> = new Set([
  'natEvent',
  'portRangeStart',
  'portRangeEnd',
  'portRangeStepSize',
  'biflowDirection',
])

/**
 * What is left out where nobody asks for it. In NetFlow 9 the element 148 belongs to events of
 * firewalls (Cisco ASA), and who sees it takes a flow for one (nfdump).
 */
const onWish: Readonly<Record<'ipfix' | 'netflow9', ReadonlySet<string>>> = {
  ipfix: new Set(),
  netflow9: new Set(['flowId']),
}

/** What option records tell once needs no place in every record (RFC 6759 §5). */
const toldByOptions: ReadonlySet<string> = new Set(['applicationName', 'applicationCategoryName'])

/**
 * IANA's elements for both directions in one record without RFC 5103: what NetFlow 9 has for it,
 * initiatorOctets, initiatorPackets, responderOctets and responderPackets.
 */
const initiatorIds: Readonly<Partial<Record<Name, number>>> = {
  octetDeltaCount: 231,
  packetDeltaCount: 298,
  reverseOctetDeltaCount: 232,
  reversePacketDeltaCount: 299,
}

const numbers = {
  u8: [write8, 1],
  u16: [write16, 2],
  u32: [write32, 4],
  u64: [write64, 8],
} as const satisfies Record<string, readonly [ColumnWriter, number]>

const times = {
  milliseconds: { ids: [152, 153], bytes: 8, write: writeMilliseconds },
  microseconds: { ids: [154, 155], bytes: 8, write: writeNtp },
  uptime: { ids: [22, 21], bytes: 4, write: writeUptime },
} as const

/** The element of a field in the protocol; undefined where the protocol has none for it. */
function elementOf(field: Field, id: number, bytes: number, wish: LayoutWish): Element | undefined {
  const { protocol, directions } = wish.settings
  if (protocol === 'ipfix')
    return field.pen === undefined ? { id, bytes } : { id, pen: field.pen, bytes }
  const both = directions === 'biflow' ? initiatorIds[field.name as Name] : undefined
  if (both !== undefined) return { id: both, bytes }
  if (field.v9 !== undefined) return { id: field.v9, bytes }
  return field.pen === undefined ? { id, bytes } : undefined
}

function addressItem(field: Field, ids: readonly [number, number], wish: LayoutWish): Item {
  const name = field.name as keyof typeof familyBits
  const v6 = isV6In(wish.flavour, name, wish.families)
  return {
    element: { id: v6 ? ids[1] : ids[0], bytes: v6 ? 16 : 4 },
    write: v6 ? writeV6 : writeV4,
    column: columnOf(wish.flavour, name),
  }
}

function timeItem(name: Name, wish: LayoutWish): Item[] {
  const end = name === 'flowEndMicroseconds'
  if (!end && name !== 'flowStartMicroseconds') return []
  const { ids, bytes, write } = times[wish.settings.times]
  const element = { id: end ? ids[1] : ids[0], bytes }
  return [{ element, write, column: name, constant: wish.bootUs }]
}

function textItem(field: Field, id: number, wish: LayoutWish): Item[] {
  const bytes = wish.settings.protocol === 'ipfix' ? variableLength : (field.octets ?? 32)
  const element = elementOf(field, id, bytes, wish)
  return element === undefined
    ? []
    : [{ element, write: 'text', column: columnOf(wish.flavour, field.name as Name) }]
}

/** One of n packets (RFC 5477 §8.2): an interval of one, and what is passed over after it. */
const samplingItems: readonly Item[] = [
  { element: { id: 305, bytes: 4 }, write: constant32, constant: 1 },
  { element: { id: 306, bytes: 4 }, write: writeSpace32, column: 'samplingInterval' },
]

/** The items of a field in a record; none where the protocol has no element for it. */
export function itemsOf(field: Field, wish: LayoutWish): readonly Item[] {
  const { kind, ie } = field
  const name = field.name as Name
  const { protocol } = wish.settings
  if (kind === 'time') return timeItem(name, wish)
  if (ie === undefined) return []
  if (kind === 'address') return typeof ie === 'number' ? [] : [addressItem(field, ie, wish)]
  const v6 = isV6In(wish.flavour, 'sourceAddress', wish.families)
  const id = typeof ie === 'number' ? ie : v6 ? ie[1] : ie[0]
  if (kind === 'text') return textItem(field, id, wish)
  if (name === 'samplingInterval' && protocol === 'ipfix') return samplingItems
  // RFC 3954 §8: the flags of TCP are one octet.
  const small = name === 'tcpControlBits' && protocol === 'netflow9'
  const [write, bytes] = small ? numbers.u8 : numbers[kind]
  const element = elementOf(field, id, bytes, wish)
  if (element === undefined) return []
  return [{ element, write, column: columnOf(wish.flavour, name) }]
}

/** Fields that the records of a flow have: those wanted that the batch can have. */
function flowFields({ settings, extras }: LayoutWish): Field[] {
  const known = extraFields.filter(({ name }) => extras.has(name))
  const all: Field[] = [...fields, ...known]
  const wanted = settings.fields === undefined ? undefined : new Set(settings.fields)
  const byOptions = extras.has('applicationId') && settings.options.includes('applications')
  return all.filter((field) => {
    if (notInFlows.has(field.name)) return false
    if (settings.unknown?.includes(field.name) === true) return false
    if (field.pen === reversePen && settings.directions !== 'biflow') return false
    if (wanted !== undefined) return wanted.has(field.name)
    if (settings.protocol !== 'netflow5' && onWish[settings.protocol].has(field.name)) return false
    return !(byOptions && toldByOptions.has(field.name))
  })
}

/** The items of a flow record. */
export function flowItems(wish: LayoutWish): readonly Item[] {
  const items = flowFields(wish).flatMap((field) => itemsOf(field, wish))
  const { protocol, directions } = wish.settings
  if (protocol !== 'ipfix' || directions !== 'biflow' || items.length === 0) return items
  // RFC 5103 §6.3: the source is who opened the connection, unless a column knows better.
  const element = { id: 239, bytes: 1 }
  const opener: Item = wish.extras.has('biflowDirection')
    ? { element, write: write8, column: 'biflowDirection' }
    : { element, write: constant8, constant: 1 }
  return [...items, opener]
}

/** Fields of the table that a target's protocol has no element for, so that it can be said once. */
export function uncarriedFields(wish: Omit<LayoutWish, 'flavour' | 'families'>): string[] {
  const whole: LayoutWish = { ...wish, flavour: 'forward', families: 0 }
  return flowFields(whole)
    .filter(({ name, ie }) => ie !== undefined || wish.settings.fields?.includes(name) === true)
    .filter((field) => itemsOf(field, whole).length === 0)
    .map(({ name }) => name)
}
