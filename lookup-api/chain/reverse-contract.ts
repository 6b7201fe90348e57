import { z } from 'zod'
import { holdingKinds, identitySourceKinds } from '../../model/identity.ts'
import type { Holding } from '../../model/identity.ts'
import { formatInstant } from '../../model/time.ts'
import { authoritySchema, listedFlowSchema } from '../contract.ts'
import type { ListedFlow } from '../contract.ts'
import { heldText } from './reverse.ts'
import { recordOfHolding } from './sentences.ts'

/** A holding, as it is shown to who asks what somebody held. */
export const heldSchema = z.object({
  record: z.string().describe('source/number'),
  kind: z.enum(holdingKinds),
  source: z.string(),
  source_kind: z.enum(identitySourceKinds),
  held: z.string().nullable().describe('address or prefix; null: a device without an address'),
  start: z.string(),
  start_known: z.boolean(),
  sure_until: z.string().nullable(),
  end: z.string().nullable(),
  end_known: z.boolean(),
  weak: z.boolean(),
  skew_seconds: z.number(),
  mac: z.string().nullable(),
  duid: z.string().nullable(),
  hostname: z.string().nullable(),
  circuit_id: z.string().nullable(),
  remote_id: z.string().nullable(),
  user: z.string().nullable(),
  session: z.string().nullable(),
  statements: z.array(z.string()),
  by: z.string().describe('the key that it was found by'),
  flows: z.array(listedFlowSchema).optional().describe('connections that began in that time'),
  flows_cut: z.boolean().optional().describe('there are more: ask /v1/flows'),
})

/** The body of `GET /v1/holdings`. */
export const holdingsPageSchema = z.object({
  from: z.string(),
  to: z.string(),
  authority: z.array(authoritySchema).optional().describe('approvals that it took'),
  holdings: z.array(heldSchema),
  cut: z.boolean().describe('more than one question reads: ask for a shorter time'),
  not_searched: z.array(z.string()).describe('keys that holdings cannot be looked up by'),
  next: z.string().nullable(),
  audit_id: z.union([z.string(), z.number()]),
})

export type HeldJson = z.infer<typeof heldSchema>

const instant = (us: number): string | null => (Number.isFinite(us) ? formatInstant(us) : null)

export function heldJson(
  holding: Holding,
  by: string,
  flows: { readonly flows: ListedFlow[]; readonly cut: boolean } | undefined
): HeldJson {
  const { device } = holding
  return {
    record: recordOfHolding(holding),
    kind: holding.kind,
    source: holding.source,
    source_kind: holding.sourceKind,
    held: heldText(holding),
    start: formatInstant(holding.startUs),
    start_known: holding.startKnown,
    sure_until: instant(holding.sureUntilUs),
    end: instant(holding.endUs),
    end_known: holding.endKnown,
    weak: holding.weak,
    skew_seconds: holding.skewUs / 1e6,
    mac: device.mac ?? null,
    duid: device.duid ?? null,
    hostname: device.hostname ?? null,
    circuit_id: device.circuitId ?? null,
    remote_id: device.remoteId ?? null,
    user: holding.user ?? null,
    session: holding.session ?? null,
    statements: [...holding.records],
    by,
    ...(flows === undefined ? {} : { flows: flows.flows, flows_cut: flows.cut }),
  }
}
