import type { NoticeRules } from '../../model/notices-settings.ts'
import { formatInstant } from '../../model/time.ts'
import { isForeign } from '../own-networks.ts'
import type { OwnNetworks } from '../dependencies.ts'
import { acknowledgement, noticeStatus } from './acns-replies.ts'
import type { Complaint } from './acns-replies.ts'
import type { NoticeAnswer, Reply } from './contract.ts'
import { missingOf } from './present.ts'
import { instantTexts } from './times.ts'
import type { Notice, NoticeSighting } from './types.ts'
import { formatWords } from '../../model/address.ts'

/**
 * What to send back. Nothing of our side stands in a reply: no inside address, no customer, not
 * even whether anybody was found.
 */

const wanted = {
  ip: 'the full public IP address',
  port: 'the source port (one address is shared by many: without it nobody can be identified)',
  time: 'the date and the time of day to the second, with the time zone (best in UTC)',
} as const

function shown({ ip, ipGiven, port, time }: NoticeSighting): string {
  const address = ip === undefined ? (ipGiven ?? 'no address') : formatWords(ip)
  const endpoint = port === undefined ? address : `${address} port ${port}`
  return time === undefined ? endpoint : `${endpoint} at ${time.given}`
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
  sighting: NoticeSighting,
  answers: readonly NoticeAnswer[],
  networks: OwnNetworks | undefined
): Complaint {
  const foreign = sighting.ip !== undefined && isForeign(networks, sighting.ip)
  const what = shown(sighting)
  if (foreign) {
    return { what, asks: ['This address is not ours; please send it to its operator.'], foreign }
  }
  if (isTooOld(answers)) {
    const ask = 'Our records do not go back to that time; we cannot identify anybody.'
    return { what, asks: [ask], foreign }
  }
  const asks = missingOf(sighting).map((part) => `Please send ${wanted[part]}.`)
  const { time } = sighting
  if (time !== undefined && time.instants.length > 0 && !time.sure) {
    const readings = instantTexts(time).join(', or ')
    asks.push(`The time can be read as ${readings}. Please tell the time in UTC.`)
  } else if (sighting.uncertain) {
    asks.push('Please state address, port and time of each event together, one event a line.')
  }
  return { what, asks, foreign }
}

function letter(notice: Notice, complaints: readonly Complaint[], rules: NoticeRules): Reply {
  const reference = notice.id === undefined ? 'your notice' : `your notice ${notice.id}`
  const open = complaints.filter(({ asks }) => asks.length > 0)
  const lines =
    open.length === 0
      ? ['It holds all that we need and is being processed.']
      : [
          'We cannot process it as it is:',
          '',
          ...open.flatMap(({ what, asks }) => [`* ${what}`, ...asks.map((ask) => `  ${ask}`)]),
        ]
  const sender =
    rules.provider === undefined ? [] : ['', rules.provider.entity, rules.provider.email]
  const body = ['Dear Sir or Madam,', '', `we received ${reference}.`, ...lines, ...sender, '']
  return { kind: 'letter', media_type: 'text/plain', body: body.join('\n') }
}

/** X-ARF has no form for replies: the report's number, what became of it, and what is missing. */
function xarfReply(notice: Notice, complaints: readonly Complaint[], nowUs: number): Reply {
  const asks = complaints.flatMap((complaint) => complaint.asks)
  const body = {
    in_reply_to: notice.id ?? null,
    timestamp: formatInstant(nowUs),
    status: asks.length === 0 ? 'accepted' : 'incomplete',
    missing: [...new Set(notice.sightings.flatMap(missingOf))],
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

/** The replies that a notice can be answered with: in its own format where that has one. */
export function repliesTo(
  notice: Notice,
  answers: readonly NoticeAnswer[],
  { rules, networks, nowUs }: ReplyContext
): Reply[] {
  const complaints = notice.sightings.map((sighting, i) =>
    complaintOf(
      sighting,
      answers.filter((one) => one.sighting === i && one.of === 'sighting'),
      networks
    )
  )
  const replies = [letter(notice, complaints, rules)]
  if (notice.format === 'acns') {
    replies.push(acknowledgement(notice, complaints, rules, nowUs))
    replies.push(...noticeStatus(notice, complaints, rules, nowUs))
  }
  if (notice.format === 'xarf') replies.push(xarfReply(notice, complaints, nowUs))
  return replies
}
