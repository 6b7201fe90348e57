import { exitCodes } from '../../model/errors.ts'
import type { NoticeBody, NoticesBody, SightingBody } from './contract.ts'

/** Notices as a command prints them. */

function atText({ at, missing }: SightingBody): string {
  if (missing.includes('time') || at === null) return 'no time'
  return Array.isArray(at) ? `one of ${at.join(', ')}` : at
}

function whereText({ ip, ip_given: given, port }: SightingBody): string {
  const address = ip ?? given ?? 'no address'
  if (port === null) return `${address}, no port`
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function sightingLines(sighting: SightingBody, index: number, notice: NoticeBody): string[] {
  const towards = sighting.destination_ip === null ? '' : ` towards ${sighting.destination_ip}`
  const doubt = sighting.uncertain ? ' (uncertain)' : ''
  const protocol = sighting.protocol === null ? '' : ` ${sighting.protocol}`
  const answers = notice.answers.filter((one) => one.sighting === index && one.of === 'sighting')
  const outcome = notice.outcomes.find((one) => one.sighting === index)
  return [
    `  ${whereText(sighting)}${protocol}${towards} at ${atText(sighting)}${doubt}`,
    ...sighting.reasons.map((reason) => `    ${reason}`),
    ...answers.flatMap(({ at, answer, problem }) => {
      if (answer === undefined) return [`    ${at}: ${problem?.detail ?? 'not answered'}`]
      const hosts = answer.candidates.map(({ inside }) => inside.ip).join(', ')
      const who = hosts === '' ? '' : `: ${hosts}`
      return [`    ${at}: ${answer.verdict}${who} (audit entry ${answer.audit_id})`]
    }),
    ...(outcome === undefined || outcome.agreement === 'one' ? [] : [`    ${outcome.why}`]),
  ]
}

function noticeLines(notice: NoticeBody): string[] {
  const { format, version, id, part, sender, intersection } = notice
  const number = id === null ? '' : ` ${id}`
  const from = sender.address === null ? '' : `, from ${sender.address} (unverified)`
  const left = notice.sightings_left_out
  return [
    `Notice${number}: ${format}${version === null ? '' : ` ${version}`} in ${part}${from}`,
    ...notice.remarks.map((remark) => `  ${remark}`),
    ...notice.sightings.flatMap((sighting, i) => sightingLines(sighting, i, notice)),
    ...(notice.sightings.length === 0 ? ['  It names nobody.'] : []),
    ...(left === 0 ? [] : [`  and ${left} more sightings`]),
    ...(intersection === null
      ? []
      : [`  In common: ${intersection.common.join(', ') || 'nobody'}. ${intersection.why}`]),
    '',
  ]
}

/** The notices for people. */
export function formatNotices({ notices, skipped, why }: NoticesBody): string {
  const lines = [
    ...notices.flatMap(noticeLines),
    ...(why === null ? [] : [why]),
    ...skipped.map(({ part, reason }) => `Not read: ${part}: ${reason}`),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/**
 * The exit code: an answer with anybody in it is one; else that nobody had it, where every answer
 * says so; else that it cannot be known.
 */
export function exitCodeOfNotices({ notices }: NoticesBody): number {
  const answers = notices.flatMap((notice) => notice.answers.flatMap(({ answer }) => answer ?? []))
  if (answers.some(({ candidates }) => candidates.length > 0)) return exitCodes.ok
  const nobody = answers.length > 0 && answers.every(({ verdict }) => verdict === 'no-match')
  return nobody ? exitCodes.noMatch : exitCodes.noData
}

/** As {@link exitCodeOfNotices} where nothing was asked: whether anything was read. */
export const exitCodeOfReading = ({ notices }: NoticesBody): number =>
  notices.some(({ sightings }) => sightings.length > 0) ? exitCodes.ok : exitCodes.noData
