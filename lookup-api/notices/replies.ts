import type { NoticeRules } from '../../model/notices-settings.ts'
import { formatInstant } from '../../model/time.ts'
import { isForeign } from '../own-networks.ts'
import type { OwnNetworks } from '../dependencies.ts'
import { acknowledgement, noticeStatus } from './acns-replies.ts'
import type { Claimed, Complaint, Standing } from './acns-replies.ts'
import type { NoticeAnswer, Reply, SightingBody } from './contract.ts'
import { parseAddress } from '../../model/address.ts'

/**
 * What to send back. Nothing of our side stands in a reply: no inside address, no customer, not
 * even whether anybody was found.
 */

const wanted = {
  ip: 'the full public IP address',
  port: 'the source port (one address is shared by many: without it nobody can be identified)',
  time: 'the date and the time of day to the second, with the time zone (best in UTC)',
} as const

function shown({ ip, ip_given: given, port, at_given: time }: SightingBody): string {
  const address = ip ?? given ?? 'no address'
  const endpoint = port === null ? address : `${address} port ${port}`
  return time === null ? endpoint : `${endpoint} at ${time}`
}

/** True where our records do not go back that far, and did at no time since. */
const isTooOld = (answers: readonly NoticeAnswer[]): boolean =>
  answers.length > 0 &&
  answers.every(
    ({ answer }) =>
      answer?.verdict === 'no-data' &&
      answer.coverage.gaps.length > 0 &&
      answer.coverage.gaps.every(({ reason }) => reason === 'before-watching')
  )

function complaintOf(
  sighting: SightingBody,
  answers: readonly NoticeAnswer[],
  networks: OwnNetworks | undefined
): Complaint {
  const ip = sighting.ip === null ? undefined : parseAddress(sighting.ip)
  const foreign = ip !== undefined && isForeign(networks, ip)
  const what = shown(sighting)
  if (foreign) {
    return { what, asks: ['This address is not ours; please send it to its operator.'], foreign }
  }
  if (isTooOld(answers)) {
    const ask = 'Our records do not go back to that time; we cannot identify anybody.'
    return { what, asks: [ask], foreign }
  }
  const asks = sighting.missing.map((part) => `Please send ${wanted[part]}.`)
  const { instants, uncertain } = sighting
  if (instants !== undefined && instants.length > 1) {
    const readings = instants.join(', or ')
    asks.push(`The time can be read as ${readings}. Please tell the time in UTC.`)
  } else if (uncertain || instants !== undefined) {
    asks.push(
      'Please state address, port and time (in UTC) of each event together, one event a line.'
    )
  }
  return { what, asks, foreign }
}

function letter(
  notice: Claimed,
  complaints: readonly Complaint[],
  rules: NoticeRules,
  { closed }: Standing
): Reply {
  const reference = notice.id === null ? 'your notice' : `your notice ${notice.id}`
  const open = complaints.filter(({ asks }) => asks.length > 0)
  const good = closed
    ? 'Our work on it has ended; the case is closed.'
    : 'It holds all that we need and is being processed.'
  const bad = closed ? 'We could not process it as it was:' : 'We cannot process it as it is:'
  const lines =
    open.length === 0
      ? [good]
      : [
          bad,
          '',
          ...open.flatMap(({ what, asks }) => [`* ${what}`, ...asks.map((ask) => `  ${ask}`)]),
        ]
  const sender =
    rules.provider === undefined ? [] : ['', rules.provider.entity, rules.provider.email]
  const body = ['Dear Sir or Madam,', '', `we received ${reference}.`, ...lines, ...sender, '']
  return { kind: 'letter', media_type: 'text/plain', body: body.join('\n') }
}

/** X-ARF has no form for replies: the report's number, what became of it, and what is missing. */
function xarfReply(
  notice: Claimed,
  complaints: readonly Complaint[],
  nowUs: number,
  { closed }: Standing
): Reply {
  const asks = complaints.flatMap((complaint) => complaint.asks)
  const body = {
    in_reply_to: notice.id,
    timestamp: formatInstant(nowUs),
    status: closed ? 'closed' : asks.length === 0 ? 'accepted' : 'incomplete',
    missing: [...new Set(notice.sightings.flatMap(({ missing }) => missing))],
    messages: asks,
  }
  return {
    kind: 'xarf',
    media_type: 'application/json',
    body: `${JSON.stringify(body, null, 2)}\n`,
  }
}

/** What replies are made of, beside the notice. */
export interface ReplyContext {
  readonly rules: NoticeRules
  readonly networks?: OwnNetworks
  readonly nowUs: number
}

/**
 * The replies that a notice can be answered with: in its own format where that has one.
 *
 * @param standing left out: the work on it begins now
 */
export function repliesTo(
  notice: Claimed,
  answers: readonly NoticeAnswer[],
  { rules, networks, nowUs }: ReplyContext,
  standing: Standing = { firstUs: nowUs, changedUs: nowUs, closed: false }
): Reply[] {
  const complaints = notice.sightings.map((sighting, i) =>
    complaintOf(
      sighting,
      answers.filter((one) => one.sighting === i && one.of === 'sighting'),
      networks
    )
  )
  const replies = [letter(notice, complaints, rules, standing)]
  if (notice.format === 'acns') {
    replies.push(acknowledgement(notice, complaints, rules, nowUs, standing))
    replies.push(...noticeStatus(notice, complaints, rules, nowUs, standing))
  }
  if (notice.format === 'xarf') replies.push(xarfReply(notice, complaints, nowUs, standing))
  return replies
}
