import { formatWords } from '../../model/address.ts'
import { formatProtocol } from '../../model/protocol.ts'
import type { NoticeBody, NoticesBody, SightingBody } from './contract.ts'
import type { MessageReading } from './read.ts'
import { instantTexts } from './times.ts'
import type { Missing, Notice, NoticeSighting, SeenInterval } from './types.ts'

/** What was read, as JSON; nothing is looked up here. */

/** What a sighting lacks. */
export function missingOf({ ip, port, time }: NoticeSighting): Missing[] {
  const missing: Missing[] = []
  if (ip === undefined) missing.push('ip')
  if (port === undefined) missing.push('port')
  if (time === undefined || time.instants.length === 0) missing.push('time')
  return missing
}

/** An instant where it is sure, every one that it can be where not. */
function atOf({ time, uncertain }: NoticeSighting): Pick<SightingBody, 'at' | 'instants'> {
  if (time === undefined || time.instants.length === 0) return { at: null }
  const instants = instantTexts(time)
  const [only] = instants
  if (time.sure && !uncertain && only !== undefined) return { at: only }
  return { at: instants, instants }
}

export function sightingJson(sighting: NoticeSighting): SightingBody {
  const { ip, ipGiven, port, portRole, protocol, time, destinationIp, destinationPort } = sighting
  return {
    ip: ip === undefined ? null : formatWords(ip),
    ip_given: ip === undefined ? (ipGiven ?? null) : null,
    port: port ?? null,
    port_role: portRole ?? null,
    protocol: protocol === undefined ? null : formatProtocol(protocol),
    ...atOf(sighting),
    at_given: time?.given ?? null,
    zone: time === undefined || time.instants.length === 0 ? null : time.zone,
    precision_seconds: time === undefined ? null : time.precisionUs / 1e6,
    uncertain: sighting.uncertain,
    missing: missingOf(sighting),
    destination_ip: destinationIp === undefined ? null : formatWords(destinationIp),
    destination_port: destinationPort ?? null,
    reasons: [...new Set(sighting.reasons)],
    source: sighting.source,
  }
}

const intervalJson = ({ from, to }: SeenInterval): NoticeBody['also_seen'][number] => ({
  from: instantTexts(from),
  to: instantTexts(to),
})

export function noticeJson(notice: Notice, reading: MessageReading): NoticeBody {
  return {
    format: notice.format,
    version: notice.version ?? null,
    id: notice.id ?? null,
    part: notice.part,
    sender: { address: reading.from ?? null, authenticity: 'unverified' },
    sent: reading.sent ?? null,
    sightings: notice.sightings.map(sightingJson),
    sightings_left_out: notice.sightingsLeftOut,
    also_seen: notice.alsoSeen.map(intervalJson),
    fields: notice.fields ?? null,
    remarks: [...notice.remarks],
    answers: [],
    outcomes: [],
    intersection: null,
    replies: [],
  }
}

/** Everything that was read of a message, unanswered. */
export function messageJson(reading: MessageReading): NoticesBody {
  return {
    notices: reading.notices.map((notice) => noticeJson(notice, reading)),
    skipped: [...reading.skipped],
    why: reading.why ?? null,
  }
}
