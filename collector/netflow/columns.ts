import { enterprises } from './elements.ts'
import { ntopPen } from '../../model/fields.ts'
import type { ExtraName, FieldName } from '../../model/fields.ts'

/** Columns of a batch, and times that stand in no column but say when a record's event was. */
export type TargetName = FieldName | ExtraName | ScratchName

/** What is worked on before it becomes a column. */
export type ScratchName =
  | 'eventTime'
  | 'duration'
  | 'initTime'
  | 'samplerId'
  | 'portRangeNumPorts'
  | 'natPoolId'

/** How a field's octets get into its column. */
export type FieldForm =
  | 'number'
  | 'counter'
  | 'address'
  | 'uptime'
  | 'seconds'
  | 'milliseconds'
  | 'ntp'
  | 'delta'
  | 'text'
  | 'application'
  /** Octets of any meaning that stand for an address realm: a number, or made into one. */
  | 'realm'
  /** High octet (type) and low octet (code) of icmpTypeCode. */
  | 'icmp-type'
  | 'icmp-code'

export interface ColumnSource {
  readonly to: TargetName
  readonly form: FieldForm
}

const rev = enterprises.reverse

/**
 * Which elements fill which column, `[enterprise, element]`, the best first: where a template has
 * several, the first counts; of addresses, the first that is not zero. What NetFlow v9 calls by
 * numbers above IANA's is under the enterprise 0.
 */
const table: readonly (readonly [
  to: TargetName,
  form: FieldForm,
  elements: readonly (readonly [pen: number, id: number])[],
])[] = [
  ['sourceAddress', 'address', iana(8, 27)],
  ['destinationAddress', 'address', iana(12, 28)],
  ['postNatSourceAddress', 'address', iana(225, 281, 40001)],
  ['postNatDestinationAddress', 'address', iana(226, 282, 40002)],
  ['sourceTransportPort', 'number', iana(7, 180, 182)],
  ['destinationTransportPort', 'number', iana(11, 181, 183)],
  ['postNaptSourceTransportPort', 'number', iana(227, 40003)],
  ['postNaptDestinationTransportPort', 'number', iana(228, 40004)],
  ['protocolIdentifier', 'number', iana(4)],
  ['icmpTypeCode', 'number', iana(32, 139)],
  ['icmpTypeCode', 'icmp-type', iana(176, 178)],
  ['icmpTypeCode', 'icmp-code', iana(177, 179)],
  [
    'ingressVrfId',
    'number',
    [
      [0, 234],
      [enterprises.nokia, 91],
    ],
  ],
  [
    'egressVrfId',
    'number',
    [
      [0, 235],
      [enterprises.nokia, 92],
    ],
  ],
  // RFC 8158 §5.2: where address plans overlap, the realm, or the NAT's instance, tells them apart.
  ['ingressVrfId', 'realm', iana(464)],
  ['egressVrfId', 'realm', iana(465)],
  ['ingressVrfId', 'number', iana(463)],
  ['octetDeltaCount', 'counter', iana(1, 231, 85, 23)],
  ['packetDeltaCount', 'counter', iana(2, 298, 86, 24)],
  [
    'reverseOctetDeltaCount',
    'counter',
    [
      [rev, 1],
      [rev, 85],
      [0, 232],
    ],
  ],
  [
    'reversePacketDeltaCount',
    'counter',
    [
      [rev, 2],
      [rev, 86],
      [0, 299],
    ],
  ],
  ['flowEndReason', 'number', iana(136)],
  ['tcpControlBits', 'number', iana(6)],
  ['ipClassOfService', 'number', iana(5)],
  ['ingressInterface', 'number', iana(10)],
  ['egressInterface', 'number', iana(14)],
  ['samplingInterval', 'number', iana(34, 50, 305)],
  ['samplerId', 'number', iana(48, 302)],
  ['natEvent', 'number', iana(230, 233, 40005)],
  ['natEventDetail', 'number', iana(466, 467)],
  ['natEventLimit', 'number', iana(471, 472, 473, 474, 475, 476, 477, 478, 479, 480, 481)],
  ['portRangeStart', 'number', iana(361)],
  ['portRangeEnd', 'number', iana(362)],
  ['portRangeStepSize', 'number', iana(363)],
  ['portRangeNumPorts', 'number', iana(364)],
  ['natPoolId', 'number', iana(283)],
  ['natPoolName', 'text', iana(284)],
  [
    'userName',
    'text',
    [
      [0, 371],
      [0, 40000],
      [enterprises.nokia, 93],
      [0, 56702],
    ],
  ],
  ['applicationId', 'application', iana(95)],
  ['applicationName', 'text', iana(96)],
  ['applicationCategoryName', 'text', iana(372)],
  // ntop's, in IPFIX and as NetFlow 9 numbers them: what is spoken, names in TLS and in HTTP.
  [
    'protocolName',
    'text',
    [
      [ntopPen, 119],
      [0, 57591],
    ],
  ],
  [
    'hostName',
    'text',
    [
      [ntopPen, 188],
      [0, 57660],
      [ntopPen, 187],
      [0, 57659],
    ],
  ],
  ['flowStartMicroseconds', 'ntp', iana(154, 156)],
  ['flowStartMicroseconds', 'milliseconds', iana(152)],
  ['flowStartMicroseconds', 'seconds', iana(150)],
  ['flowStartMicroseconds', 'uptime', iana(22)],
  ['flowStartMicroseconds', 'delta', iana(158)],
  ['flowEndMicroseconds', 'ntp', iana(155, 157)],
  ['flowEndMicroseconds', 'milliseconds', iana(153)],
  ['flowEndMicroseconds', 'seconds', iana(151)],
  ['flowEndMicroseconds', 'uptime', iana(21)],
  ['flowEndMicroseconds', 'delta', iana(159)],
  ['eventTime', 'ntp', iana(324, 325)],
  ['eventTime', 'milliseconds', iana(323)],
  ['eventTime', 'seconds', iana(322)],
  ['duration', 'milliseconds', iana(161)],
  ['duration', 'number', iana(162)],
  ['initTime', 'milliseconds', iana(160)],
]

function iana(...ids: readonly number[]): readonly (readonly [number, number])[] {
  return ids.map((id) => [0, id] as const)
}

/** Where an element goes, and how good it is there: 0 is the best. */
export interface RankedSource extends ColumnSource {
  readonly rank: number
}

const sources = new Map<string, RankedSource>()
const ranks = new Map<TargetName, number>()
for (const [to, form, elements] of table) {
  for (const [pen, id] of elements) {
    const rank = ranks.get(to) ?? 0
    ranks.set(to, rank + 1)
    sources.set(`${pen}:${id}`, { to, form, rank })
  }
}

/** The column that an element fills; undefined where the ledger has none for it. */
export function columnOfElement(pen: number, id: number): RankedSource | undefined {
  return sources.get(`${pen}:${id}`)
}
