import { formatWords, isV4 } from '../../model/address.ts'
import type { NoticeRules } from '../../model/notices-settings.ts'
import { formatInstant } from '../../model/time.ts'
import type { Answer } from '../contract.ts'
import type { OwnNetworks } from '../dependencies.ts'
import { problemOf } from '../problem.ts'
import type { LookupInput } from '../query.ts'
import type { NoticeAnswer, NoticeBody, NoticesBody, Outcome } from './contract.ts'
import { intersect } from './intersect.ts'
import { noticeJson } from './present.ts'
import type { MessageReading } from './read.ts'
import { repliesTo } from './replies.ts'
import type { Notice, NoticeSighting } from './types.ts'

/**
 * From sightings to answers: each instant that a sighting can mean is a look-up of its own, with an
 * entry in the audit of its own. A sighting that lacks its address, port or time is not asked.
 */

/** What notices are answered by. */
export interface NoticeDependencies {
  /** Answers one look-up, and audits it. */
  readonly ask: (input: LookupInput) => Promise<Answer>
  readonly rules: NoticeRules
  readonly networks?: OwnNetworks
  readonly nowUs: number
  /** References for the audit. */
  readonly case?: string
  readonly purpose?: string
  /** Hears how many look-ups are done, of how many. */
  readonly watch?: (done: number, outOf: number) => void
}

/** Look-ups that one message may cause, and those of them that run at a time: some share reads. */
const maxLookups = 1000
const lookupsAtOnce = 64

/** Intervals of a notice of which both ends are asked. */
const maxIntervals = 8

interface Planned {
  readonly sighting: number
  readonly of: NoticeAnswer['of']
  readonly at: string
  readonly input: LookupInput
}

/**
 * Why a sighting is not asked. An IPv6 address is its holder's own; an IPv4 address without a port
 * is everybody's behind it.
 */
function notAsked({ ip, port, time }: NoticeSighting): string | undefined {
  if (ip === undefined) return 'There is no address to ask for.'
  if (time === undefined || time.instants.length === 0) return 'There is no time to ask for.'
  if (port === undefined && isV4(ip[0], ip[1], ip[2])) {
    return 'The port is missing: the address alone is shared by many. Ask the sender for it.'
  }
  return undefined
}

function inputOf(
  { ip, port, protocol, time, destinationIp, destinationPort }: NoticeSighting,
  at: string,
  notes: LookupInput
): LookupInput {
  const seconds = Math.max(1, Math.ceil((time?.precisionUs ?? 1e6) / 1e6))
  const fields: [keyof LookupInput, string | undefined][] = [
    ['ip', ip && formatWords(ip)],
    ['port', port?.toString()],
    ['protocol', protocol?.toString()],
    ['at', at],
    ['tolerance', `${seconds}s`],
    ['destination_ip', destinationIp && formatWords(destinationIp)],
    ['destination_port', destinationPort?.toString()],
  ]
  const given = fields.filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(given), ...notes }
}

function plan(notice: Notice, notes: LookupInput): Planned[] {
  const planned = notice.sightings.flatMap((sighting, i) => {
    if (notAsked(sighting) !== undefined) return []
    return (sighting.time?.instants ?? []).map((us): Planned => {
      const at = formatInstant(us)
      return { sighting: i, of: 'sighting', at, input: inputOf(sighting, at, notes) }
    })
  })
  // Whose the intervals are can be said where there is one source.
  const [only, ...more] = notice.sightings
  if (only === undefined || more.length > 0 || notAsked(only) !== undefined || only.uncertain) {
    return planned
  }
  const ends = notice.alsoSeen
    .slice(0, maxIntervals)
    .flatMap(({ from, to }) => [from, to])
    .flatMap((time) => (time.sure ? time.instants : []))
  const asked = new Set(planned.map(({ at }) => at))
  for (const at of new Set(ends.map(formatInstant))) {
    if (asked.has(at)) continue
    // Where it was seen again it need not have been towards the same destination.
    const { destinationIp: _, destinationPort: __, ...again } = only
    planned.push({ sighting: 0, of: 'also-seen', at, input: inputOf(again, at, notes) })
  }
  return planned
}

type Result = Pick<NoticeAnswer, 'status' | 'answer' | 'problem'>

/** Lets few look-ups of a message run at a time, whichever of its notices they are of. */
function few(ask: NoticeDependencies['ask']): NoticeDependencies['ask'] {
  const waiting: (() => void)[] = []
  let free = lookupsAtOnce
  return async (input) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await ask(input)
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}

/** Runs the look-ups; the same question is asked once. */
async function askAll(
  planned: readonly Planned[],
  ask: NoticeDependencies['ask']
): Promise<NoticeAnswer[]> {
  const under = new Map<string, Promise<Result>>()
  const one = async (input: LookupInput): Promise<Result> => {
    try {
      return { status: 200, answer: await ask(input) }
    } catch (error) {
      const problem = problemOf(error)
      // Without the audit nothing is answered, not even that.
      if (problem.code === 'audit-unwritable') throw error
      return { status: problem.status, problem }
    }
  }
  return Promise.all(
    planned.map(async ({ sighting, of, at, input }) => {
      const key = JSON.stringify(input)
      const asked = under.get(key) ?? one(input)
      under.set(key, asked)
      return { sighting, of, at, ...(await asked) }
    })
  )
}

/** Who an answer names, as a key that two answers can be compared by. */
function namesOf({ answer }: NoticeAnswer): string {
  if (answer === undefined) return 'problem'
  const hosts = answer.candidates.map(({ inside, zone, exporter }) =>
    JSON.stringify([inside.ip, zone, exporter])
  )
  return JSON.stringify([hosts.length === 0 ? answer.verdict : '', ...hosts.sort()])
}

function outcomeOf(
  sighting: NoticeSighting,
  index: number,
  answers: readonly NoticeAnswer[],
  cut: boolean
): Outcome {
  const own = answers.filter((one) => one.sighting === index && one.of === 'sighting')
  const base = { sighting: index, asked: own.length }
  const why = notAsked(sighting)
  if (why !== undefined) return { ...base, agreement: 'not-asked', why }
  if (own.length === 0 && cut) {
    const reason = `One message causes at most ${maxLookups} look-ups.`
    return { ...base, agreement: 'not-asked', why: reason }
  }
  if (own.length === 1) return { ...base, agreement: 'one', why: 'One instant was asked.' }
  const groups = new Map<string, string[]>()
  for (const one of own) groups.set(namesOf(one), [...(groups.get(namesOf(one)) ?? []), one.at])
  if (groups.size === 1) {
    return { ...base, agreement: 'same', why: 'Every instant that it can be has the same answer.' }
  }
  const lists = [...groups.values()].map((instants) => instants.join(', ')).join('; ')
  return { ...base, agreement: 'differs', why: `The instant decides the answer: ${lists}.` }
}

async function answerNotice(
  notice: Notice,
  planned: readonly Planned[],
  cut: boolean,
  body: NoticeBody,
  deps: NoticeDependencies
): Promise<NoticeBody> {
  const answers = await askAll(planned, deps.ask)
  const certain = answers.flatMap(({ answer, sighting }) =>
    answer !== undefined && notice.sightings[sighting]?.uncertain === false ? [answer] : []
  )
  const sources = new Set(notice.sightings.map(({ ip, port }) => JSON.stringify([ip, port])))
  // Sightings of several sources are of several people.
  const common = sources.size === 1 ? intersect(certain) : undefined
  return {
    ...body,
    answers,
    outcomes: notice.sightings.map((sighting, i) => outcomeOf(sighting, i, answers, cut)),
    intersection: common ?? null,
    replies: repliesTo(body, answers, deps),
  }
}

/** What goes into the audit with each look-up. */
function notesOf(notice: Notice, { case: reference, purpose }: NoticeDependencies): LookupInput {
  const id = notice.id === undefined ? '' : ` ${notice.id}`
  const reason = purpose ?? `notice (${notice.format})${id}`
  const clean = reason.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, 200)
  return reference === undefined ? { purpose: clean } : { case: reference, purpose: clean }
}

/**
 * Answers what was read of a message.
 *
 * @throws FlowledgerError `audit-unwritable`: nothing may be said
 */
export async function answerMessage(
  reading: MessageReading,
  deps: NoticeDependencies
): Promise<NoticesBody> {
  let left = maxLookups
  let done = 0
  const ask: NoticeDependencies['ask'] = (input) =>
    deps.ask(input).finally(() => deps.watch?.(++done, maxLookups - left))
  const asking = { ...deps, ask: few(ask) }
  const notices = reading.notices.map((notice) => {
    const whole = plan(notice, notesOf(notice, deps))
    const planned = whole.slice(0, left)
    left -= planned.length
    const cut = planned.length < whole.length
    return answerNotice(notice, planned, cut, noticeJson(notice, reading), asking)
  })
  const { skipped, why = null } = reading
  return { notices: await Promise.all(notices), skipped: [...skipped], why }
}

/** As {@link answerMessage} without asking: what was read, and what to send back. */
export function presentMessage(
  reading: MessageReading,
  deps: Omit<NoticeDependencies, 'ask'>
): NoticesBody {
  const notices = reading.notices.map((notice) => {
    const body = noticeJson(notice, reading)
    return { ...body, replies: repliesTo(body, [], deps) }
  })
  return { notices, skipped: [...reading.skipped], why: reading.why ?? null }
}
