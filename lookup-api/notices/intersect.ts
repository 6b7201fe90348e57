import type { Answer, AnswerCandidate } from '../contract.ts'
import type { Intersection } from './contract.ts'

/**
 * Several sightings of one case narrow down who it was, with care: only answers that rest on
 * complete coverage count, so that a gap never clears anybody, and only whole chains of exact links
 * to a subscriber can exclude. An inside address passes from one to another; that it was somebody
 * else's at another time clears nobody.
 */

type Level = Intersection['level']

const isExact = ({ links }: AnswerCandidate): boolean =>
  links.filter((link) => link.counts).every((link) => link.class === 'exact')

/** The subscriber that a candidate was followed to, where every link of the way is exact. */
function subscriberOf(candidate: AnswerCandidate): string | undefined {
  const { identity } = candidate
  const { subscriber } = identity
  if (identity.state !== 'resolved' || !isExact(candidate)) return undefined
  return subscriber === undefined || subscriber === null
    ? undefined
    : `${subscriber.directory}/${subscriber.id}`
}

const insideOf = ({ inside, zone }: AnswerCandidate): string =>
  zone === 0 ? inside.ip : `${inside.ip} zone ${zone}`

/** An answer that proves who was there and who was not. */
const proves = ({ verdict, coverage, candidates, candidate_count: count }: Answer): boolean =>
  coverage.state === 'complete' &&
  candidates.length > 0 &&
  candidates.length === count &&
  ['unique', 'unique-after-destination', 'multiple'].includes(verdict)

/** The names of an answer at a level; undefined where one of its candidates has none. */
function namesOf({ candidates }: Answer, level: Level): Set<string> | undefined {
  const names = candidates.map(level === 'subscriber' ? subscriberOf : insideOf)
  return names.includes(undefined) ? undefined : new Set(names as string[])
}

const sentences: Readonly<Record<Level, string>> = {
  subscriber:
    'Every link of these answers is exact and their coverage complete: who is absent from one ' +
    'was not who was seen then.',
  'inside-address':
    'Inside addresses pass from one to another: those in common are more likely the same, and ' +
    'nobody is excluded.',
}

/**
 * What the answers to the sightings of one source have in common.
 *
 * @returns undefined where fewer than two of them count
 */
export function intersect(answers: readonly Answer[]): Intersection | undefined {
  const counting = answers.filter(proves)
  if (counting.length < 2) return undefined
  const bySubscriber = counting.map((answer) => namesOf(answer, 'subscriber'))
  const level = bySubscriber.every((names) => names !== undefined) ? 'subscriber' : 'inside-address'
  const sets = counting.map((answer) => namesOf(answer, level) ?? new Set<string>())
  const everybody = [...new Set(sets.flatMap((names) => [...names]))].sort()
  const absentAt = (who: string): string[] =>
    counting.filter((_, i) => sets[i]?.has(who) !== true).map(({ query }) => query.at)
  const common = everybody.filter((who) => absentAt(who).length === 0)
  const absent = everybody.filter((who) => !common.includes(who))
  return {
    basis: counting.length,
    level,
    common,
    excluded:
      level === 'subscriber' ? absent.map((who) => ({ who, absent_at: absentAt(who) })) : [],
    why: sentences[level],
  }
}
