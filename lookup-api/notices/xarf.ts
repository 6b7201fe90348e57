import { parseProtocol } from '../../model/protocol.ts'
import { maxSightings } from './limits.ts'
import { agree, readTimeField } from './times.ts'
import type {
  Notice,
  NoticeSighting,
  NoticeTime,
  SeenInterval,
  TimeContext,
  Tree,
  TreeValue,
} from './types.ts'
import { excerpt, readAddress, readPort, readProtocol } from './values.ts'

/**
 * X-ARF: version 4 and 1 to 3 as JSON, version 0 as lines of YAML in a mail. `timestamp` is when it
 * happened (core schema of version 4); `first_seen` and `last_seen` are the span around it.
 */

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A member whatever the case and the underscores of its name. */
function member(object: Json, name: string): unknown {
  const wanted = name.replaceAll('_', '').toLowerCase()
  const key = Object.keys(object).find((k) => k.replaceAll(/[_-]/g, '').toLowerCase() === wanted)
  return key === undefined ? undefined : object[key]
}

function textOf(object: Json, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = member(object, name)
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
    if (typeof value === 'number') return String(value)
  }
  return undefined
}

const objectOf = (object: Json, name: string): Json => {
  const value = member(object, name)
  return isObject(value) ? value : {}
}

function timeOf(text: string | undefined, context: TimeContext): NoticeTime | undefined {
  return text === undefined ? undefined : agree(readTimeField(text, context))
}

/** What every version says, under the names that it has there. */
interface Report {
  readonly source: string
  readonly sourcePort: string | undefined
  readonly at: string | undefined
  readonly protocol: string | undefined
  readonly destinationIp: string | undefined
  readonly destinationPort: string | undefined
  readonly firstSeen: string | undefined
  readonly lastSeen: string | undefined
}

function sightingOf(report: Report, context: TimeContext): NoticeSighting {
  const address = readAddress(report.source)
  const port = report.sourcePort === undefined ? {} : readPort(report.sourcePort)
  const time = timeOf(report.at, context)
  const destination = report.destinationIp === undefined ? {} : readAddress(report.destinationIp)
  const toPort = report.destinationPort === undefined ? {} : readPort(report.destinationPort)
  const named = /[a-z]/i.test(report.source) && !report.source.includes(':')
  const isName = address.ip === undefined && (named || /^\w+:\/\//.test(report.source))
  const reason = isName
    ? `The source is "${excerpt(report.source).slice(0, 60)}", a name and no address.`
    : address.reason
  const protocol =
    parseProtocol(report.protocol ?? '') === undefined
      ? undefined
      : readProtocol(report.protocol ?? '')
  const reasons = [reason, port.reason, ...(time?.reasons ?? [])]
  const from = port.port ?? address.port
  return {
    ...(address.ip === undefined
      ? { ipGiven: excerpt(report.source).slice(0, 60) }
      : { ip: address.ip }),
    ...(from === undefined ? {} : { port: from, portRole: 'source' as const }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(time === undefined ? {} : { time }),
    ...(destination.ip === undefined ? {} : { destinationIp: destination.ip }),
    ...(toPort.port === undefined ? {} : { destinationPort: toPort.port }),
    uncertain: time !== undefined && time.instants.length > 0 && !time.sure,
    reasons: reasons.filter((one) => one !== undefined),
    source: excerpt(
      `source: ${report.source} | port: ${report.sourcePort ?? ''} | time: ${report.at ?? ''}`
    ),
  }
}

/** From first to last; `at` stands in for the end that is not given. */
function span(report: Report, context: TimeContext): SeenInterval[] {
  const at = timeOf(report.at, context)
  const from = timeOf(report.firstSeen, context)
  const to = timeOf(report.lastSeen, context) ?? at
  const usable = (from?.instants.length ?? 0) > 0 && (to?.instants.length ?? 0) > 0
  return usable && from !== undefined && to !== undefined ? [{ from, to }] : []
}

function reportOf4(json: Json): Report {
  return {
    source: textOf(json, 'source_identifier') ?? '',
    sourcePort: textOf(json, 'source_port'),
    at: textOf(json, 'timestamp'),
    protocol: textOf(json, 'protocol'),
    destinationIp: textOf(json, 'destination_ip'),
    destinationPort: textOf(json, 'destination_port'),
    firstSeen: textOf(json, 'first_seen'),
    lastSeen: textOf(json, 'last_seen'),
  }
}

/** Versions 1 to 3: one report under `Report`, its source an object or a text. */
function reportOf3(json: Json): Report {
  const report = isObject(member(json, 'Report')) ? objectOf(json, 'Report') : json
  const source = objectOf(report, 'Source')
  const more = objectOf(report, 'AdditionalInfo')
  const plain = textOf(report, 'Source', 'SourceIp')
  return {
    source: textOf(source, 'IP', 'Value', 'URL', 'Domain') ?? plain ?? '',
    sourcePort:
      textOf(source, 'Port') ?? textOf(report, 'SourcePort') ?? textOf(more, 'SourcePort'),
    at: textOf(report, 'Date', 'Timestamp'),
    protocol: textOf(more, 'Protocol') ?? textOf(report, 'Protocol'),
    destinationIp: textOf(more, 'DestinationIP') ?? textOf(report, 'DestinationIp'),
    destinationPort: textOf(more, 'DestinationPort') ?? textOf(report, 'DestinationPort'),
    firstSeen: textOf(more, 'FirstSeen') ?? textOf(report, 'FirstSeen'),
    lastSeen: textOf(more, 'LastSeen') ?? textOf(report, 'LastSeen'),
  }
}

/** Evidence is payload: what it holds is not said of the report, and it can be large. */
function fieldsOf(value: unknown, depth = 0): TreeValue {
  if (typeof value === 'string') return value.slice(0, 2000)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  if (depth > 8) return null
  if (Array.isArray(value)) return value.slice(0, 100).map((one) => fieldsOf(one, depth + 1))
  if (!isObject(value)) return null
  const entries = Object.entries(value).slice(0, 200)
  return Object.fromEntries(entries.map(([key, one]) => [key, fieldsOf(one, depth + 1)]))
}

/** One X-ARF report, or undefined where the object is none. */
function readReport(json: Json, part: string, context: TimeContext): Notice | undefined {
  const four = typeof json['xarf_version'] === 'string'
  const three =
    (typeof json['Version'] === 'string' || typeof json['Version'] === 'number') &&
    isObject(json['Report'])
  if (!four && !three) return undefined
  const report = four ? reportOf4(json) : reportOf3(json)
  const inner = objectOf(json, 'Report')
  const id = textOf(json, 'report_id', 'ReportID') ?? textOf(inner, 'ReportID', 'ID')
  const version = String(four ? json['xarf_version'] : json['Version']).slice(0, 20)
  return {
    format: 'xarf',
    version,
    ...(id === undefined ? {} : { id: excerpt(id) }),
    part,
    sightings: [sightingOf(report, context)],
    sightingsLeftOut: 0,
    alsoSeen: span(report, context),
    fields: fieldsOf(json) as Tree,
    remarks: [],
  }
}

/** Reads the reports of a JSON text: one, or a list of them. Undefined where it holds none. */
export function readXarf(text: string, part: string, context: TimeContext): Notice[] | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const list = Array.isArray(json) ? json.slice(0, maxSightings) : [json]
  const notices = list.flatMap((one) =>
    isObject(one) ? (readReport(one, part, context) ?? []) : []
  )
  return notices.length === 0 ? undefined : notices
}

const yamlLine = /^([A-Z][A-Za-z-]{1,40}):[ \t]+(?![ \t])(?:"([^"]*)"[ \t]*|'([^']*)'[ \t]*|(.*))$/

/**
 * Version 0: lines of YAML in a part of a mail. Its `Port` is that of the service attacked.
 *
 * @returns the notice and the lines it stands on
 */
export function readXarfMail(
  text: string,
  part: string,
  context: TimeContext
): { notice: Notice; from: number; to: number } | undefined {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => /^Reported-From:\s/.test(line))
  if (start < 0) return undefined
  const members: Record<string, string> = {}
  let end = start
  while (end < lines.length && end < start + 60) {
    const match = yamlLine.exec(lines[end] ?? '')
    if (match === null) break
    const [, key = '', double, single, bare] = match
    members[key] ??= double ?? single ?? bare?.trimEnd() ?? ''
    end++
  }
  if (!['Source', 'Date'].every((key) => key in members)) return undefined
  if (!['Report-Type', 'Report-ID', 'Schema-URL'].some((key) => key in members)) return undefined
  const report: Report = {
    source: members['Source'] ?? '',
    sourcePort: members['Source-Port'],
    at: members['Date'],
    protocol: members['Protocol'],
    destinationIp: members['Destination'],
    destinationPort: members['Port'] ?? members['Destination-Port'],
    firstSeen: undefined,
    lastSeen: undefined,
  }
  const id = members['Report-ID']
  const notice: Notice = {
    format: 'xarf',
    version: (members['Version'] ?? '0').slice(0, 20),
    ...(id === undefined ? {} : { id: excerpt(id) }),
    part,
    sightings: [sightingOf(report, context)],
    sightingsLeftOut: 0,
    alsoSeen: [],
    fields: members,
    remarks: [],
  }
  return { notice, from: start, to: end }
}
