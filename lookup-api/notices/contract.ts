import { z } from 'zod'
import { answerSchema } from '../contract.ts'
import { problemSchema } from '../problem.ts'
import { noticeFormats, portRoles } from './types.ts'

/** The body of `POST /v1/notices`, and of `flowledger notice -o json`. */

const time = z.string().describe('RFC 3339, UTC')

const sightingSchema = z.object({
  ip: z.string().nullable(),
  ip_given: z.string().nullable().describe('as it stands, where it is no address'),
  port: z.number().int().nullable(),
  port_role: z.enum(portRoles).nullable().describe('`listening`: a port open at the address'),
  protocol: z.string().nullable().describe('null: not told; TCP and UDP are both searched'),
  at: z
    .union([time, z.array(time)])
    .nullable()
    .describe('an instant; where it is not sure, every instant that it can be'),
  instants: z.array(time).optional().describe('the same list, where it is not sure'),
  at_given: z.string().nullable(),
  zone: z.string().nullable().describe('how the time zone was decided'),
  precision_seconds: z.number().nullable(),
  uncertain: z.boolean().describe('somebody has to choose before anybody is named'),
  missing: z.array(z.enum(['ip', 'port', 'time'])),
  destination_ip: z.string().nullable(),
  destination_port: z.number().int().nullable(),
  reasons: z.array(z.string()),
  source: z.string().describe('the words of the notice that say so'),
})

const intervalSchema = z.object({ from: z.array(time), to: z.array(time) })

const noticeAnswerSchema = z.object({
  sighting: z.number().int().describe('index in `sightings`'),
  of: z.enum(['sighting', 'also-seen']),
  at: time,
  status: z.number().int().describe('as if it had been asked alone'),
  answer: answerSchema.optional(),
  problem: problemSchema.optional(),
})

const outcomeSchema = z.object({
  sighting: z.number().int(),
  asked: z.number().int().describe('look-ups made for it'),
  agreement: z
    .enum(['one', 'same', 'differs', 'not-asked'])
    .describe('`same`: whichever instant is meant; `differs`: the instant decides'),
  why: z.string(),
})

const intersectionSchema = z.object({
  basis: z.number().int().describe('answers that count: coverage complete, every link exact'),
  level: z.enum(['subscriber', 'inside-address']),
  common: z.array(z.string()).describe('in every one of them'),
  excluded: z.array(z.object({ who: z.string(), absent_at: z.array(time) })),
  why: z.string(),
})

export const replySchema = z.object({
  kind: z.enum(['acns-ack', 'acns-status', 'xarf', 'letter']),
  media_type: z.string(),
  body: z.string(),
})

export const noticeSchema = z.object({
  format: z.enum(noticeFormats),
  version: z.string().nullable(),
  id: z.string().nullable().describe("the sender's number of the case"),
  part: z.string().describe('where in the message it stands'),
  sender: z.object({
    address: z.string().nullable(),
    authenticity: z.literal('unverified').describe('no signature is checked'),
  }),
  sent: time.nullable().describe("the mail's own date; never taken for the time of a sighting"),
  sightings: z.array(sightingSchema),
  sightings_left_out: z.number().int(),
  also_seen: z.array(intervalSchema),
  fields: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('everything it holds, as it has it'),
  remarks: z.array(z.string()),
  answers: z.array(noticeAnswerSchema),
  outcomes: z.array(outcomeSchema),
  intersection: intersectionSchema.nullable(),
  replies: z.array(replySchema),
})

/** What a reply needs of a notice that was kept. */
export const claimedSchema = noticeSchema.pick({
  format: true,
  id: true,
  fields: true,
  sightings: true,
})

export const noticesSchema = z.object({
  notices: z.array(noticeSchema),
  skipped: z.array(z.object({ part: z.string(), reason: z.string() })),
  why: z.string().nullable().describe('why there is no notice, where there is none'),
})

export type NoticesBody = z.infer<typeof noticesSchema>
export type NoticeBody = z.infer<typeof noticeSchema>
export type SightingBody = z.infer<typeof sightingSchema>
export type NoticeAnswer = z.infer<typeof noticeAnswerSchema>
export type Outcome = z.infer<typeof outcomeSchema>
export type Intersection = z.infer<typeof intersectionSchema>
export type Reply = z.infer<typeof replySchema>
