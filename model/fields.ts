/**
 * The field table: each thing that flowledger knows of a flow, once. The type of a batch, the
 * spool's columns, COPY, templates and the reference pages are derived from it.
 *
 * Names and ids are those of IANA's "IPFIX Information Elements"; where IANA has an element for
 * each address family, the name here is the one without the family. `reverse…` elements are those
 * of RFC 5103 (enterprise 29305). Elements that IANA lacks have no `ie`.
 */

/** How a column is held: see {@link Columns} for the array of each. */
export type FieldKind = 'address' | 'u8' | 'u16' | 'u32' | 'u64' | 'time' | 'text'

/** A thing known of a flow: its name, its shape, and what it is called on the wire. */
export interface Field {
  readonly name: string
  readonly kind: FieldKind
  /** IANA element id; for addresses the ids of the IPv4 and the IPv6 element. */
  readonly ie?: number | readonly [v4: number, v6: number]
  /** Private enterprise number of the element, where it is not IANA's own. */
  readonly pen?: number
  /** Type in NetFlow 9, which knows no enterprises, where it is not the element's id. */
  readonly v9?: number
  /** Octets of a text in NetFlow 9, which has no variable lengths: longer ones are cut. */
  readonly octets?: number
  readonly unit?: 'octets' | 'packets' | 'us'
  readonly text: string
}

/** Enterprise number under which RFC 5103 puts the counters of the reverse direction. */
export const reversePen = 29305

/** Netfilter's enterprise, whose elements ulogd2 exports: 4 is the mark, 6 the entry's id. */
export const netfilterPen = 21373

/**
 * ntop's enterprise. nProbe, ntopng, Wireshark and pmacct know its elements; in NetFlow 9 they have
 * the type 57472 + id.
 */
export const ntopPen = 35632

/** The table. Its order is that of the spool's columns. */
export const fields = [
  {
    name: 'sourceAddress',
    kind: 'address',
    ie: [8, 27],
    text: 'Who opened the connection (conntrack: source of the original direction).',
  },
  {
    name: 'destinationAddress',
    kind: 'address',
    ie: [12, 28],
    text: 'Whom it was addressed to (conntrack: destination of the original direction).',
  },
  {
    name: 'postNatSourceAddress',
    kind: 'address',
    ie: [225, 281],
    text: 'The source after translation (conntrack: destination of the reply direction).',
  },
  {
    name: 'postNatDestinationAddress',
    kind: 'address',
    ie: [226, 282],
    text: 'The destination after translation (conntrack: source of the reply direction).',
  },
  { name: 'sourceTransportPort', kind: 'u16', ie: 7, text: 'Port; for ICMP the identifier.' },
  { name: 'destinationTransportPort', kind: 'u16', ie: 11, text: 'Port; 0 for ICMP.' },
  {
    name: 'postNaptSourceTransportPort',
    kind: 'u16',
    ie: 227,
    text: 'The source port after translation; for ICMP the identifier after it.',
  },
  {
    name: 'postNaptDestinationTransportPort',
    kind: 'u16',
    ie: 228,
    text: 'The destination port after translation.',
  },
  { name: 'protocolIdentifier', kind: 'u8', ie: 4, text: 'IANA protocol number.' },
  {
    name: 'icmpTypeCode',
    kind: 'u16',
    ie: [32, 139],
    text: 'ICMP type * 256 + code of the first packet; 0 where the protocol is not ICMP.',
  },
  { name: 'ingressVrfId', kind: 'u32', ie: 234, text: 'conntrack zone (original direction).' },
  {
    name: 'flowId',
    kind: 'u64',
    ie: 148,
    text: 'Serial number of the connection within its source; all slices of it share it.',
  },
  {
    name: 'conntrackId',
    kind: 'u32',
    ie: 6,
    pen: netfilterPen,
    text: 'Id that the kernel gives the entry (CTA_ID).',
  },
  {
    name: 'conntrackMark',
    kind: 'u32',
    ie: 4,
    pen: netfilterPen,
    text: 'Mark of the entry (CTA_MARK).',
  },
  {
    name: 'connectionStart',
    kind: 'time',
    unit: 'us',
    text: 'When the connection began, also in its later slices.',
  },
  {
    name: 'flowStartMicroseconds',
    kind: 'time',
    unit: 'us',
    ie: 154,
    text: 'Start of this slice.',
  },
  {
    name: 'flowEndMicroseconds',
    kind: 'time',
    unit: 'us',
    ie: 155,
    text: 'End of this slice; in the last one, when the mapping was released.',
  },
  {
    name: 'lastPacket',
    kind: 'time',
    unit: 'us',
    text: 'Estimate of the last packet: the end less the timeout of the state it ended in.',
  },
  { name: 'octetDeltaCount', kind: 'u64', ie: 1, unit: 'octets', text: 'Octets of this slice.' },
  { name: 'packetDeltaCount', kind: 'u64', ie: 2, unit: 'packets', text: 'Packets of this slice.' },
  {
    name: 'reverseOctetDeltaCount',
    kind: 'u64',
    ie: 1,
    pen: reversePen,
    unit: 'octets',
    text: 'Octets of the reply direction.',
  },
  {
    name: 'reversePacketDeltaCount',
    kind: 'u64',
    ie: 2,
    pen: reversePen,
    unit: 'packets',
    text: 'Packets of the reply direction.',
  },
  { name: 'flowEndReason', kind: 'u8', ie: 136, text: 'See flowEndReasons.' },
  { name: 'sliceFlags', kind: 'u16', text: 'Bits of sliceFlags: what is sure about this slice.' },
] as const satisfies readonly Field[]

export type FieldName = (typeof fields)[number]['name']

/**
 * What only some sources can tell. A batch has columns of these where its maker asked for them, so
 * that who cannot fill them pays nothing for them.
 */
export const extraFields = [
  {
    name: 'sourceIndex',
    kind: 'u16',
    text: 'Which source saw it, where one spool holds those of several: its number in that spool.',
  },
  {
    name: 'natEvent',
    kind: 'u8',
    ie: 230,
    text: 'What happened, in the numbers of RFC 8158 whatever the exporter uses; 0: a flow record.',
  },
  {
    name: 'natEventDetail',
    kind: 'u32',
    ie: 466,
    text: 'Which quota was met, or which threshold (natThresholdEvent, 467) was passed.',
  },
  { name: 'natEventLimit', kind: 'u32', text: 'The configured limit that it was (471 to 481).' },
  { name: 'portRangeStart', kind: 'u16', ie: 361, text: 'First port of a block.' },
  { name: 'portRangeEnd', kind: 'u16', ie: 362, text: 'Last port of a block.' },
  { name: 'portRangeStepSize', kind: 'u16', ie: 363, text: 'Distance of ports in a block.' },
  { name: 'tcpControlBits', kind: 'u16', ie: 6, text: 'TCP flags seen, all together.' },
  { name: 'ipClassOfService', kind: 'u8', ie: 5, text: 'Type of service, or traffic class.' },
  { name: 'ingressInterface', kind: 'u32', ie: 10, text: 'Index of the interface it came in by.' },
  { name: 'egressInterface', kind: 'u32', ie: 14, text: 'Index of the interface it left by.' },
  { name: 'egressVrfId', kind: 'u32', ie: 235, text: 'VRF of the translated side.' },
  {
    name: 'samplingInterval',
    kind: 'u32',
    ie: 34,
    text:
      'One of so many packets was counted; 0 or 1: all were. Counters are as exported. IANA has ' +
      'deprecated the element for 305 and 306, which IPFIX is exported with.',
  },
  {
    name: 'biflowDirection',
    kind: 'u8',
    ie: 239,
    text: 'Who opened it (RFC 5103): 1 the source; 0: not known, and the source is one of the two.',
  },
  {
    name: 'applicationId',
    kind: 'u32',
    ie: 95,
    text: 'RFC 6759: classification engine in the high octet, selector in the lower three.',
  },
  {
    name: 'applicationName',
    kind: 'text',
    ie: 96,
    octets: 32,
    text: 'Name of the application.',
  },
  {
    name: 'applicationCategoryName',
    kind: 'text',
    ie: 372,
    octets: 32,
    text: 'Category of the application.',
  },
  {
    name: 'protocolName',
    kind: 'text',
    ie: 119,
    pen: ntopPen,
    v9: 57591,
    octets: 16,
    text: "What is spoken: `tls`, `quic`, `dns` (ntop's L7_PROTO_NAME).",
  },
  {
    name: 'hostName',
    kind: 'text',
    ie: 188,
    pen: ntopPen,
    v9: 57660,
    octets: 64,
    text: "Name of the server as the client asked for it (ntop's TLS_SERVER_NAME).",
  },
  {
    name: 'ja4',
    kind: 'text',
    ie: 576,
    pen: ntopPen,
    v9: 58048,
    octets: 36,
    text: "JA4 fingerprint of the client (ntop's JA4C_HASH).",
  },
  {
    name: 'userName',
    kind: 'text',
    ie: 371,
    octets: 64,
    text: 'Subscriber as the gateway calls him.',
  },
  {
    name: 'natPoolName',
    kind: 'text',
    ie: 284,
    octets: 32,
    text: 'Pool that the public address is from.',
  },
] as const satisfies readonly Field[]

export type ExtraName = (typeof extraFields)[number]['name']

/** IANA's values of flowEndReason (element 136). */
export const flowEndReasons = {
  idleTimeout: 1,
  activeTimeout: 2,
  endOfFlow: 3,
  forcedEnd: 4,
} as const

/**
 * What is sure about a slice. A slice whose whole interval is only assumed has `inferred`; where a
 * connection is partly known, the sure part and the assumed part are slices of their own.
 */
export const sliceFlags = {
  /** More slices of the same connection follow. */
  continues: 1,
  /** Nobody saw the connection in this interval; it lies between two sightings. */
  inferred: 2,
  /** The connection was there already when its source began to watch; its start is not known. */
  startUnknown: 4,
  /** Times are those of arrival, not the kernel's own: the interval is the longest it can be. */
  observedTimes: 8,
} as const

/** The counters of a row. */
export const counterNames = [
  'octetDeltaCount',
  'packetDeltaCount',
  'reverseOctetDeltaCount',
  'reversePacketDeltaCount',
] as const satisfies readonly FieldName[]
