import type { AddressWords } from '../../model/address.ts'
import type { DateOrder } from '../../model/notices-settings.ts'
import type { Zone } from '../../model/time-zone.ts'

/** What is read out of a notice, before anybody is asked. Times are microseconds since 1970. */

export const noticeFormats = ['acns', 'xarf', 'marf', 'csv', 'text'] as const

export type NoticeFormat = (typeof noticeFormats)[number]

/** A time as a notice gives it: every instant that it can mean. */
export interface NoticeTime {
  /** As it stands in the notice. */
  readonly given: string
  /** Ascending, none twice; empty where the time cannot be read. */
  readonly instants: readonly number[]
  readonly precisionUs: number
  /** True where there is one instant and no doubt about it. */
  readonly sure: boolean
  /** How the zone was decided, as a clause. */
  readonly zone: string
  /** Doubts and refusals, as sentences. */
  readonly reasons: readonly string[]
}

/** What a sighting must have before anybody can be named by it. */
export type Missing = 'ip' | 'port' | 'time'

/**
 * Which port it is: the one that the address was seen to use (`source`), one that listened there
 * (`listening`), or the notice does not say (`unsure`).
 */
export const portRoles = ['source', 'listening', 'unsure'] as const

export type PortRole = (typeof portRoles)[number]

/** One claim: this address and port, at this time. What is not sure is left out, or said. */
export interface NoticeSighting {
  readonly ip?: AddressWords
  /** As it stands, where it is no address. */
  readonly ipGiven?: string
  readonly port?: number
  readonly portRole?: PortRole
  /** IANA number; left out where the notice names none of the transport layer. */
  readonly protocol?: number
  readonly time?: NoticeTime
  readonly destinationIp?: AddressWords
  readonly destinationPort?: number
  /** True where somebody has to choose: several instants, or unsure which value goes with which. */
  readonly uncertain: boolean
  readonly reasons: readonly string[]
  /** The words of the notice that say so, bounded. */
  readonly source: string
}

/** An interval in which the notice claims the same again. */
export interface SeenInterval {
  readonly from: NoticeTime
  readonly to: NoticeTime
}

/** One notice; a mail can hold several. */
export interface Notice {
  readonly format: NoticeFormat
  readonly version?: string
  /** The sender's own number of the case. */
  readonly id?: string
  /** Where in the message it stands, such as `body` or `attachment 1 (notice.xml)`. */
  readonly part: string
  readonly sightings: readonly NoticeSighting[]
  /** How many more there were. */
  readonly sightingsLeftOut: number
  readonly alsoSeen: readonly SeenInterval[]
  /** Everything that a structured notice holds, names and texts as they stand. */
  readonly fields?: Tree
  readonly remarks: readonly string[]
}

/** Elements as members, repeated ones as lists; text beside attributes is `_`. */
export interface Tree {
  [name: string]: TreeValue
}

export type TreeValue = string | number | boolean | null | Tree | TreeValue[]

/** Something that was not read, and why. */
export interface Skipped {
  readonly part: string
  readonly reason: string
}

/** What times are read by. */
export interface TimeContext {
  readonly nowUs: number
  /** Zone of times that name none, as who asks says: it decides. */
  readonly askedZone?: Zone
  /** The same, as the sender's profile says. */
  readonly profileZone?: Zone
  readonly dateOrder?: DateOrder
  /** Zones that are merely plausible, beside UTC: the site's own, and that of the mail's Date. */
  readonly siteZone?: Zone
  readonly senderZone?: Zone
  /** When the mail says that it was sent: the year of a date that names none. */
  readonly sentUs?: number
}
