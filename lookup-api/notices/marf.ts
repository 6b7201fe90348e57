import { agree, readTimeField } from './times.ts'
import type { Notice, TimeContext } from './types.ts'
import { excerpt, readAddress, readPort } from './values.ts'

/**
 * MARF: the part `message/feedback-report` of a mail (RFC 5965 §3), with `Source-Port` (RFC 6692
 * §3) and the fields of authentication failures (RFC 6591). `Arrival-Date` is when the mail
 * complained about arrived, `Received-Date` an older name of it.
 */

const maxFields = 200

function fieldsOf(text: string): Map<string, string> {
  const unfolded = text.replaceAll(/\r?\n[ \t]+/g, ' ')
  const fields = new Map<string, string>()
  for (const line of unfolded.split(/\r?\n/).slice(0, maxFields)) {
    const match = /^([A-Za-z][\w-]{0,60})[ \t]*:[ \t]*(.*)$/.exec(line)
    const name = match?.[1]?.toLowerCase()
    if (name !== undefined && !fields.has(name)) fields.set(name, (match?.[2] ?? '').trim())
  }
  return fields
}

/** Reads a feedback report; without a date it is incomplete, for the report's own is another. */
export function readMarf(text: string, part: string, context: TimeContext): Notice {
  const fields = fieldsOf(text)
  const address = readAddress(
    (fields.get('source-ip') ?? '').replace(/^\[?(?:IPv6:)?/i, '').replace(/\]$/, '')
  )
  const portText = fields.get('source-port')
  const port = portText === undefined ? {} : readPort(portText)
  const arrived = fields.get('arrival-date') ?? fields.get('received-date')
  const time = arrived === undefined ? undefined : agree(readTimeField(arrived, context))
  const missing = arrived === undefined ? 'There is no Arrival-Date.' : undefined
  const reasons = [address.reason, port.reason, missing, ...(time?.reasons ?? [])]
  const id = fields.get('original-envelope-id') ?? fields.get('message-id')
  const version = fields.get('version')
  return {
    format: 'marf',
    ...(version === undefined ? {} : { version: version.slice(0, 20) }),
    ...(id === undefined ? {} : { id: excerpt(id) }),
    part,
    sightings: [
      {
        ...(address.ip === undefined ? {} : { ip: address.ip }),
        ...(port.port === undefined ? {} : { port: port.port, portRole: 'source' as const }),
        ...(time === undefined ? {} : { time }),
        // A feedback report is about a mail, and mail goes over TCP (RFC 5321).
        protocol: 6,
        uncertain: time !== undefined && time.instants.length > 0 && !time.sure,
        reasons: reasons.filter((reason) => reason !== undefined),
        source: excerpt(text),
      },
    ],
    sightingsLeftOut: 0,
    alsoSeen: [],
    fields: Object.fromEntries(fields),
    remarks: [],
  }
}
