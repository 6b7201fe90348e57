import { z } from 'zod'
import { gapReasons, sourceKinds } from '../model/coverage.ts'
import { approvalActs } from '../model/rights.ts'
import { holdingKinds } from '../model/identity.ts'
import { identityStates } from './chain/chain.ts'
import { linkClasses, linkSteps } from './chain/link.ts'
import { doubtReasons } from './coverage-judgement.ts'
import { verdicts } from './verdict.ts'

/**
 * The body of an answer: snake_case, times in RFC 3339 UTC. Of this table come the type, the
 * OpenAPI document and the checks of the tests; what the words promise stands in
 * docs/explanation/answers.md.
 */

const time = z.string().describe('RFC 3339, UTC')
const endpoint = z.object({ ip: z.string(), port: z.number().int() })
/** Beyond 2^53 - 1 a JSON number would be rounded by most readers. */
const counter = z.union([z.number().int(), z.string().regex(/^\d+$/)])

const portsSchema = z
  .object({
    basis: z.enum(['block', 'deterministic', 'address']),
    start: z.number().int(),
    end: z.number().int(),
    step: z.number().int(),
    note: z.string().describe('the map that was used, of computed ports'),
  })
  .describe('the record is of many ports and of no connection: public.port is the one asked for')

const flowSchema = z.object({
  inside: endpoint,
  public: endpoint,
  remote: endpoint.describe(':: and 0: nobody logged it'),
  protocol: z.string().describe('any: the record is of every one'),
  start: time,
  start_known: z.boolean().describe('false: it was there before its source began to watch'),
  end: time.nullable().describe('when the mapping was released; null while it is open'),
  end_known: z.boolean().describe('false: nobody saw the end; it is when it was found missing'),
  open: z.boolean(),
  continues: z.boolean().describe('it went on past the last slice that the time asked for touches'),
  last_packet: time.describe('estimate of the last packet'),
  bytes: counter.describe('both directions, of the known slices'),
  packets: counter,
  application: z.string().nullable().describe('identifier of the service; null: not known'),
  protocol_name: z.string().nullable().describe('what is spoken: tls, quic, dns'),
  hostname: z.string().nullable().describe('name of the server as the client asked for it'),
  exporter: z.string().describe('the source that saw it'),
  nat: z.enum(['none', 'source', 'destination']),
  ports: portsSchema.optional(),
})

const linkSchema = z.object({
  step: z.enum(linkSteps),
  class: z.enum(linkClasses),
  source: z.string().describe('exporter, identity source or directory; empty: found in none'),
  record: z.string().describe('source/flow id@start of the slice, or source/number'),
  statements: z.array(z.string()).optional().describe('where the source itself has it'),
  skew_seconds: z.number().optional().describe('how far the clock of the source may be off'),
  counts: z.boolean().describe('false: shown, but the answer does not rest on it'),
  why: z.string(),
})

const deviceSchema = z.object({
  mac: z.string().nullable(),
  mac_randomised: z.boolean().nullable().describe('the device made the MAC up'),
  duid: z.string().nullable(),
  client_id: z.string().nullable(),
  circuit_id: z.string().nullable(),
  remote_id: z.string().nullable(),
  hostname: z.string().nullable(),
})

const sessionSchema = z.object({
  id: z.string().nullable(),
  kind: z.enum(holdingKinds),
  nas: z.string().nullable(),
  station: z.string().nullable().describe('access point or port'),
  start: time,
  start_known: z.boolean(),
  sure_until: time.nullable(),
  end: time.nullable(),
  end_known: z.boolean(),
})

const subscriberSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  contact: z.string().nullable(),
  attributes: z.record(z.string(), z.string()),
  directory: z.string(),
  version: z.number().int(),
  by: z.string().describe('the key that led to it, such as circuit-id'),
})

const holderSchema = z.object({
  device: deviceSchema.nullable(),
  user: z.string().nullable(),
  session: sessionSchema.nullable(),
  subscriber: subscriberSchema.nullable(),
  shared: z.boolean().describe('several people or devices use the account'),
  class: z.enum(linkClasses),
})

/** Members beside `state` and `reasons` are there where it was looked up and somebody was found. */
const identitySchema = holderSchema.partial().extend({
  state: z.enum(identityStates),
  reasons: z.array(z.string()),
  candidates: z
    .array(holderSchema.extend({ links: z.array(linkSchema) }))
    .optional()
    .describe('everybody it may be, where that is more than one'),
})

const candidateSchema = flowSchema.extend({
  rank: z.number().int(),
  zone: z.number().int(),
  class: z.enum(linkClasses).describe('the weakest of the links that count'),
  identity: identitySchema,
  links: z.array(linkSchema),
  reasons: z.array(z.string()),
  flows: z
    .number()
    .int()
    .describe('connections of this host that meet the window; 0: known by identity alone'),
  also: z.array(flowSchema).describe('further ones of them, best first'),
})

const querySchema = z.object({
  ip: z.string(),
  port: z.number().int().nullable(),
  protocol: z.string().nullable(),
  at: time,
  at_given: z.string(),
  zone: z.string().describe('how the time zone was decided'),
  precision_seconds: z.number(),
  tolerance_seconds: z.number(),
  from: time,
  to: time,
  asked_at: time,
  destination_ip: z.string().nullable(),
  destination_port: z.number().int().nullable(),
  case: z.string().nullable(),
  purpose: z.string().nullable(),
})

const gapSchema = z.object({
  source: z.string(),
  from: time,
  to: time,
  reason: z.enum([...gapReasons, ...doubtReasons]),
  lost: z.number().int().nullable(),
})

const coverageSchema = z.object({
  state: z.enum(['complete', 'partial', 'none']),
  watermark: time.nullable(),
  gaps: z.array(gapSchema),
})

export const authoritySchema = z.object({
  act: z.enum(approvalActs),
  approval: z.string().describe('its number'),
  approved_by: z.string().nullable().describe('the second person; null for an override'),
  emergency: z.boolean().describe('true: nobody else approved it'),
})

export const answerSchema = z.object({
  query: querySchema,
  verdict: z.enum(verdicts),
  strength: z.enum(linkClasses).describe('the weakest link of the whole answer'),
  reasons: z.array(z.string()),
  candidates: z.array(candidateSchema),
  candidate_count: z.number().int().describe('hosts in all; the list is bounded'),
  near_misses: z.array(candidateSchema).describe('hosts that the question rules out, and why'),
  coverage: coverageSchema,
  authority: z
    .array(authoritySchema)
    .optional()
    .describe('approvals and emergency overrides under which it was given'),
  audit_id: z.union([z.string(), z.number()]),
})

export const listedFlowSchema = flowSchema.extend({
  zone: z.number().int(),
  record: z.string(),
  slice_start: time,
  slice_end: time,
  assumed: z.boolean().describe('nobody saw the connection in this slice'),
})

/** A page of `/v1/flows`. */
export const flowPageSchema = z.object({
  authority: z.array(authoritySchema).optional(),
  flows: z.array(listedFlowSchema),
  next: z.string().nullable(),
})

/** The body of `/v1/coverage`. */
export const coveragePageSchema = coverageSchema.extend({
  from: time,
  to: time,
  sources: z.array(
    z.object({
      source: z.string(),
      kind: z.enum(sourceKinds),
      watched_from: time.nullable(),
      watermark: time.nullable(),
      closed_through: time.nullable(),
      skew_seconds: z.number(),
    })
  ),
})

/** A page of `/v1/audit`. */
export const auditPageSchema = z.object({
  entries: z.array(
    z.object({
      id: z.union([z.string(), z.number()]),
      at: time,
      actor: z.string(),
      action: z.string(),
      detail: z.record(z.string(), z.unknown()),
      hash: z.string(),
    })
  ),
  next: z.string().nullable(),
})

export type Answer = z.infer<typeof answerSchema>
export type AnswerCandidate = z.infer<typeof candidateSchema>
export type AnswerFlow = z.infer<typeof flowSchema>
export type AnswerLink = z.infer<typeof linkSchema>
export type AnswerIdentity = z.infer<typeof identitySchema>
export type AnswerHolder = z.infer<typeof holderSchema>
export type AnswerQuery = z.infer<typeof querySchema>
export type AnswerCoverage = z.infer<typeof coverageSchema>
export type ListedFlow = z.infer<typeof listedFlowSchema>
export type CoveragePage = z.infer<typeof coveragePageSchema>
