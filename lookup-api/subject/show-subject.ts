import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import { actorOf } from '../../model/principal.ts'
import type { Principal } from '../../model/principal.ts'
import { formatInstant } from '../../model/time.ts'
import { recordAct } from '../answer.ts'
import { heldJson, heldSchema } from '../chain/reverse-contract.ts'
import type { AnswerDependencies } from '../dependencies.ts'
import { findSubject } from './subject-spans.ts'
import type { SubjectQuestion } from './subject-spans.ts'

const count = z.number().int().min(0)

/** The body of `GET /v1/subject`. */
export const subjectSchema = z.object({
  asked: z.record(z.string(), z.string()),
  holdings: z.array(heldSchema),
  counts: z.object({
    flows: count.describe('in PostgreSQL'),
    sealed_flows: count.describe('in files of the archive'),
    held_copies: count.describe('rows that holds keep copies of, each once'),
    port_blocks: count,
    nat_events: count,
    identity: count.describe('holdings'),
  }),
  mentions: z.object({
    audit: z.array(z.object({ id: z.number(), action: z.string() })).describe('newest first'),
    audit_count: count,
    cases: z.array(z.string()),
    holds: z.array(z.number()),
  }),
  failed: z.array(z.string()).describe('files that could not be read; the counts lack them'),
  audit_id: z.union([z.string(), z.number()]),
})

export type ShownSubject = z.infer<typeof subjectSchema>

/**
 * Everything that is held on somebody over a time. That it was asked is in the audit before it is
 * told.
 *
 * @param watch told how many of the tables and files to look through are done
 * @throws FlowledgerError `usage`, `audit-unwritable`
 */
export async function showSubject(
  question: SubjectQuestion,
  deps: AnswerDependencies,
  principal: Principal,
  watch: (done: number, outOf: number) => void = () => {}
): Promise<ShownSubject> {
  const { subjects } = deps
  if (subjects === undefined) throw new FlowledgerError('usage', 'It cannot be shown here.')
  const { held, spans, names } = await findSubject(question, deps, principal.prefixes)
  let places = 1
  // The audit is behind tables and files.
  const watchCount = (done: number, outOf: number): void => watch(done, (places = outOf + 1))
  const { failed, ...counts } = await subjects.count(spans, watchCount)
  const mentions = await subjects.mentions(names)
  watch(places, places)
  const { kind, value, fromUs, toUs } = question
  const asked = { [kind]: value, from: formatInstant(fromUs), to: formatInstant(toUs) }
  const detail = { given: asked, holdings: held.length, counts, version: deps.version }
  const entry = { actor: actorOf(principal), action: 'subject', detail }
  const { id } = await recordAct(deps.audit, entry)
  return {
    asked,
    holdings: held.map(({ holding, by }) => heldJson(holding, by, undefined)),
    counts: {
      flows: counts.flows,
      sealed_flows: counts.sealed,
      held_copies: counts.held,
      port_blocks: counts.portBlocks,
      nat_events: counts.natEvents,
      identity: held.length,
    },
    mentions: {
      audit: [...mentions.audit],
      audit_count: mentions.auditCount,
      cases: [...mentions.cases],
      holds: [...mentions.holds],
    },
    failed: [...failed],
    audit_id: id,
  }
}
