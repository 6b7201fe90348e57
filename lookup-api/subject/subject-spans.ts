import { parsePrefix, prefixHolds } from '../../model/address.ts'
import type { Prefix } from '../../model/address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { findHeld } from '../chain/reverse.ts'
import type { Held, ReverseQuery, SubjectKind } from '../chain/reverse.ts'
import type { AnswerDependencies, SubjectSpan } from '../dependencies.ts'
import { prefixText } from '../chain/sentences.ts'

/** Who it is about, and over what time. */
export interface SubjectQuestion {
  readonly kind: SubjectKind
  readonly value: string
  readonly fromUs: number
  readonly toUs: number
}

/** What is known of somebody, and by what names. */
export interface FoundSubject {
  readonly held: readonly Held[]
  readonly spans: readonly SubjectSpan[]
  /** Names and addresses, as the audit and cases may have them. */
  readonly names: readonly string[]
}

/** Holdings of one subject that are read at most. */
const mostHoldings = 10_000

/**
 * Finds which inside addresses were somebody's, and when. A question by address takes it for all of
 * the time that is asked for.
 *
 * @param scope prefixes that the asker may ask for; left out: all
 * @throws FlowledgerError `usage` where there is more than one question reads, `not-allowed`, and
 *   those of {@link findHeld}
 */
export async function findSubject(
  { kind, value, fromUs, toUs }: SubjectQuestion,
  deps: AnswerDependencies,
  scope?: readonly Prefix[]
): Promise<FoundSubject> {
  const page = { offset: 0, limit: mostHoldings }
  const scoped = scope === undefined ? {} : { scope }
  const query: ReverseQuery = { kind, value, fromUs, toUs, ...page, ...scoped }
  const { held, cut, hasMore } = await findHeld(query, deps)
  if (cut || hasMore) {
    throw new FlowledgerError('usage', 'More is held than one question reads.', {
      fix: 'Ask for a shorter time, and then for the rest.',
    })
  }
  const asked = kind === 'address' ? parsePrefix(value) : undefined
  requireInScope(asked, scope)
  const spans: SubjectSpan[] = asked === undefined ? [] : [{ prefix: asked, fromUs, toUs }]
  const names = new Set([value])
  for (const { holding } of held) {
    const { prefix, user, device, startUs, endUs } = holding
    if (user !== undefined) names.add(user)
    if (device.mac !== undefined) names.add(device.mac)
    if (prefix === undefined) continue
    names.add(prefixText(prefix))
    if (asked !== undefined) continue
    const span = { prefix, fromUs: Math.max(fromUs, startUs), toUs: Math.min(toUs, endUs) }
    if (span.fromUs < span.toUs) spans.push(span)
  }
  return { held, spans, names: [...names] }
}

function requireInScope(asked: Prefix | undefined, scope: readonly Prefix[] | undefined): void {
  if (asked === undefined || scope === undefined) return
  if (scope.some((one) => one.length <= asked.length && prefixHolds(one, ...asked.words))) return
  throw new FlowledgerError('not-allowed', 'This token may not ask for that address.', {
    fix: '"flowledger token list" shows the prefixes that it was made for.',
  })
}
