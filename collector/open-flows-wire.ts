import { z } from 'zod'
import type { OpenFlowsAnswer } from '../model/open-flows.ts'
import { natKinds } from '../model/nat-view.ts'
import type { NatKind } from '../model/nat-view.ts'
import type { SliceQuery } from '../model/slice.ts'

/**
 * How look-ups in another process ask the collector for open flows: over a unix socket in the data
 * directory, one line of JSON each way and connection. 64-bit numbers travel as decimal strings.
 *
 * ```
 * {"queries":[query,…]}  ->  {"answers":[[answer of a source,…],…]}   one list for each query
 *                        ->  {"error":"…"}
 * ```
 */
const word = z.number().int().min(0).max(0xffffffff)
const address = z.tuple([word, word, word, word])
const port = z.number().int().min(0).max(65535)
const endpoint = z.strictObject({ ip: address, port })
const big = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt)

const query = z.strictObject({
  address,
  port: port.optional(),
  protocol: z.number().int().min(0).max(255).optional(),
  fromUs: z.number(),
  toUs: z.number(),
  limit: z.number().int().min(1).max(1_000_000),
})

/** Queries that one line asks at most. */
export const maxWireQueries = 1024

export const queryLine = z.strictObject({
  queries: z.array(query).min(1).max(maxWireQueries),
})

const ports = z.strictObject({
  basis: z.enum(['block', 'deterministic', 'address']),
  start: port,
  end: port,
  step: z.number().int().min(1).max(65_536),
  note: z.string(),
})

const slice = z.strictObject({
  source: z.string(),
  flowId: big,
  open: z.boolean(),
  natKind: z.custom<NatKind>((value) => Object.values<unknown>(natKinds).includes(value)),
  protocol: z.number().int().min(0).max(255),
  zone: z.number(),
  inside: endpoint,
  public: endpoint,
  remote: endpoint,
  connectionStartUs: z.number(),
  startUs: z.number(),
  endUs: z.number(),
  lastPacketUs: z.number(),
  octets: big,
  packets: big,
  reverseOctets: big,
  reversePackets: big,
  conntrackId: z.number(),
  mark: z.number(),
  endReason: z.number(),
  flags: z.number(),
  application: z.string().exactOptional(),
  protocolName: z.string().exactOptional(),
  hostName: z.string().exactOptional(),
  userName: z.string().exactOptional(),
  ports: ports.exactOptional(),
})

const answer = z.strictObject({
  source: z.string(),
  watermarkUs: z.number(),
  closedThroughUs: z.number(),
  cut: z.boolean(),
  flows: z.array(slice),
})

export const answerLine = z.union([
  z.strictObject({ answers: z.array(z.array(answer)) }),
  z.strictObject({ error: z.string() }),
])

/** Octets that a line may have; an answer at its limit of flows stays below. */
export const maxWireBytes = 64 << 20

/** Queries as they stand on the wire: without keys that are left out. */
export function encodeQueries(queries: readonly SliceQuery[]): string {
  return `${JSON.stringify({ queries })}\n`
}

export function encodeAnswers(answers: readonly (readonly OpenFlowsAnswer[])[]): string {
  const replacer = (_key: string, value: unknown): unknown =>
    typeof value === 'bigint' ? value.toString() : value
  return `${JSON.stringify({ answers }, replacer)}\n`
}

/** Builds the query again without undefined keys, as its type wants them. */
export function toQuery(line: z.infer<typeof query>): SliceQuery {
  const { port: portAsked, protocol, ...rest } = line
  return {
    ...rest,
    ...(portAsked === undefined ? {} : { port: portAsked }),
    ...(protocol === undefined ? {} : { protocol }),
  }
}
