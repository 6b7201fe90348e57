/**
 * What reports are made of: sums that are written while flows are, so that no report reads a flow.
 * The numbers stand in the database and never change their meaning.
 */

/** By what traffic is summed; `item` of a row is then… */
export const rollupDimensions = {
  /** … empty. */
  total: 0,
  /** … the name of the application, its category, and what is spoken (`tls`); or `unknown`. */
  application: 1,
  category: 2,
  protocol: 3,
  /** … the IP protocol's number (IANA). */
  transport: 4,
  /** … the index of the gateway's interface (SNMP ifIndex); 0 where the gateway did not tell. */
  ingress: 5,
  egress: 6,
  /** … the address of an inside host. */
  inside: 7,
  /** … the name of the NAT event (RFC 8158); its `slices` are how often it came. */
  natEvent: 8,
} as const

/** By what traffic is summed. */
export type RollupDimension = keyof typeof rollupDimensions

/** The item that stands for all those that had no row of their own. */
export const otherItem = 'other'

/** The item of flows whose source did not say. */
export const unknownItem = 'unknown'

/** How wide the intervals are that sums are kept of, the finest first. */
export const rollupWidths = ['minute', 'five_minutes', 'hour', 'day'] as const

/** How wide an interval is. */
export type RollupWidth = (typeof rollupWidths)[number]

/** Microseconds of each width. */
export const widthUs: Readonly<Record<RollupWidth, number>> = {
  minute: 60e6,
  five_minutes: 300e6,
  hour: 3_600e6,
  day: 86_400e6,
}

/** What is measured now and then instead of summed: a gauge's name in the database. */
export const rollupGauges = {
  /** Entries of the kernel's connection tracking table; its ceiling is nf_conntrack_max. */
  conntrackEntries: 'conntrack-entries',
  /** Octets of the database. */
  databaseOctets: 'database-octets',
  /** Octets of all spools in the data directory. */
  spoolOctets: 'spool-octets',
  /** Octets free on the data directory's file system; its ceiling is the size of that. */
  freeOctets: 'free-octets',
} as const

/** Name of a measurement. */
export type RollupGauge = (typeof rollupGauges)[keyof typeof rollupGauges]

/** Ports of a public address that a NAT gives out: all but the well-known ones. */
export const portsOfAddress = 65_536 - 1024
