import { z } from 'zod'
import { FlowledgerError } from './errors.ts'
import { parseZone } from './time-zone.ts'
import type { Zone } from './time-zone.ts'

/** The section `notices` of the configuration, see config-schema.ts. */

/** Whether a sender's `01/07/2022` is the first of July or the seventh of January. */
export const dateOrders = ['dmy', 'mdy'] as const

export type DateOrder = (typeof dateOrders)[number]

/** What the operator knows of a sender. `from` is an address, or `*@domain`. */
export interface SenderProfile {
  readonly from: string
  readonly zone?: Zone
  readonly dateOrder?: DateOrder
}

/** How notices are read, and who answers them. */
export interface NoticeRules {
  /** The site's own zone: one that a time without a zone may be in. */
  readonly zone?: Zone
  /** Who we are, in replies. */
  readonly provider?: { readonly entity: string; readonly email: string }
  readonly senders: readonly SenderProfile[]
}

/** The zone of a text, or undefined where it is none. */
function zoneOf(text: string): Zone | undefined {
  try {
    return parseZone(text)
  } catch (error) {
    if (error instanceof FlowledgerError) return undefined
    throw error
  }
}

const zone = () => {
  const error = 'must be a time zone such as Europe/Berlin, +02:00 or UTC'
  return z.string({ error }).refine((text) => zoneOf(text) !== undefined, { error })
}

const sender = z.strictObject({
  from: z
    .string({ error: 'must be an address or *@domain' })
    .regex(/^[^\s@]+@[^\s@]+$/, { error: 'must be an address such as a@example.org, or *@domain' }),
  zone: zone().optional(),
  date_order: z.enum(dateOrders, { error: 'must be dmy or mdy' }).optional(),
})

const senderFields = '{from: "*@example.org", zone: America/Los_Angeles, date_order: dmy}'

/** `notices`: what helps to read them. */
export const noticesSchema = z.strictObject({
  zone: zone()
    .optional()
    .describe("The site's own time zone: one that a time without a zone may be in."),
  provider: z
    .strictObject({
      entity: z
        .string({ error: 'must be a name' })
        .min(1)
        .max(200)
        .describe('Our name in replies.'),
      email: z
        .string({ error: 'must be an address' })
        .min(3)
        .max(200)
        .describe('Our address in replies.'),
    })
    .optional()
    .describe('Who we are, in replies: {entity, email}; left out: as the notice has it.'),
  senders: z
    .array(sender, { error: `must be a list such as [${senderFields}]` })
    .prefault([])
    .describe(`What is known of senders: ${senderFields}.`),
})

/** Turns the validated section into what the program uses. */
export function toNoticeRules(section: z.output<typeof noticesSchema>): NoticeRules {
  const { zone: text, provider, senders } = section
  const own = text === undefined ? undefined : zoneOf(text)
  return {
    ...(own === undefined ? {} : { zone: own }),
    ...(provider === undefined ? {} : { provider }),
    senders: senders.map(({ from, zone: theirs, date_order: dateOrder }) => {
      const known = theirs === undefined ? undefined : zoneOf(theirs)
      return {
        from,
        ...(known === undefined ? {} : { zone: known }),
        ...(dateOrder === undefined ? {} : { dateOrder }),
      }
    }),
  }
}
