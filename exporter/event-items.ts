import { extraFields, fields } from '../model/fields.ts'
import type { ExtraName, Field, FieldName } from '../model/fields.ts'
import { constant8, write8, writeMilliseconds } from './column-writers.ts'
import { isV6In } from './flavours.ts'
import type { Flavour } from './flavours.ts'
import type { Item, LayoutWish } from './protocol.ts'
import { itemsOf } from './record-items.ts'

/**
 * Records of NAT events as RFC 8158 §5.3 lays them out.
 *
 * ```
 * session  observationTimeMilliseconds, source and its translation, protocol, ports and their
 *          translation, destination and its translation, VRF, natEvent
 * block    observationTimeMilliseconds, source and its translation, first and last port, step,
 *          VRF, natEvent
 * ```
 */
const sessionFields: readonly (FieldName | ExtraName)[] = [
  'sourceAddress',
  'postNatSourceAddress',
  'protocolIdentifier',
  'sourceTransportPort',
  'postNaptSourceTransportPort',
  'destinationAddress',
  'postNatDestinationAddress',
  'destinationTransportPort',
  'postNaptDestinationTransportPort',
  'ingressVrfId',
  'userName',
  'natPoolName',
]

const blockFields: readonly (FieldName | ExtraName)[] = [
  'sourceAddress',
  'postNatSourceAddress',
  'portRangeStart',
  'portRangeEnd',
  'portRangeStepSize',
  'ingressVrfId',
  'userName',
  'natPoolName',
]

const table = new Map<string, Field>(
  [...fields, ...extraFields].map((field) => [field.name, field])
)
const always: ReadonlySet<string> = new Set(fields.map(({ name }) => name))

/**
 * IANA's values of natEvent for sessions: NAT44, NAT64, and where there is none of the families the
 * historic ones that name no family.
 */
function sessionEvent(flavour: Flavour, wish: LayoutWish): number {
  const begins = flavour === 'session-create'
  const before = isV6In(flavour, 'sourceAddress', wish.families)
  const after = isV6In(flavour, 'postNatSourceAddress', wish.families)
  if (!before && !after) return begins ? 4 : 5
  if (before && !after) return begins ? 6 : 7
  return begins ? 1 : 2
}

/** The items of a record of a NAT event. */
export function eventItems(wish: LayoutWish): readonly Item[] {
  const { flavour } = wish
  const session = flavour === 'session-create' || flavour === 'session-delete'
  const block = flavour === 'block-begin' || flavour === 'block-end'
  const begins =
    flavour === 'session-create' || flavour === 'event-begin' || flavour === 'block-begin'
  const time: Item = {
    element: { id: 323, bytes: 8 },
    write: writeMilliseconds,
    column: begins ? 'flowStartMicroseconds' : 'flowEndMicroseconds',
  }
  const names = (block ? blockFields : sessionFields).filter(
    (name) => always.has(name) || wish.extras.has(name as ExtraName)
  )
  const event: Item = session
    ? { element: { id: 230, bytes: 1 }, write: constant8, constant: sessionEvent(flavour, wish) }
    : { element: { id: 230, bytes: 1 }, write: write8, column: 'natEvent' }
  const told = names.flatMap((name) => {
    const field = table.get(name)
    return field === undefined ? [] : itemsOf(field, wish)
  })
  return [time, ...told, event]
}
