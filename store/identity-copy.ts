import type pg from 'pg'
import { startCopy } from './copy-stream.ts'
import { factColumns, factNames, weekOf } from './identity-rows.ts'
import { endOf } from './identity-segment.ts'
import type { Segment } from './identity-segment.ts'
import { toTimestamp } from './timestamp.ts'

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
}

/** A value of COPY's text form. */
function copied(text: string | undefined): string {
  if (text === undefined) return '\\N'
  return /[\\\t\n\r]/.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (c) => escapes[c] ?? c) : text
}

/** Minutes that were written lately; the same ones come again and again. */
const minutes = new Map<number, string>()

function copiedTime(us: number | undefined): string {
  if (us === undefined) return '\\N'
  if (us === Infinity) return 'infinity'
  const minute = Math.floor(us / 60e6)
  const rest = (us - minute * 60e6) / 1e6
  if (!Number.isInteger(rest)) return toTimestamp(us)
  let text = minutes.get(minute)
  if (text === undefined) {
    if (minutes.size >= 4096) minutes.clear()
    text = toTimestamp(minute * 60e6).slice(0, 17)
    minutes.set(minute, text)
  }
  return `${text}${rest < 10 ? '0' : ''}${rest}Z`
}

const copyHoldings = `
  copy identity.holding (id, source, key, kind, prefix, start_at, alive_at, until_at, end_at,
    stop_at, bound_at, end_week, start_known, stop_told, weak, first_record, last_record,
    ${factNames}) from stdin`

function copyLine(source: number, id: string, segment: Segment): string {
  const { facts, boundUs } = segment
  const endUs = endOf(segment)
  const columns = [
    id,
    String(source),
    segment.key,
    segment.kind,
    segment.prefix ?? '\\N',
    copiedTime(segment.startUs),
    copiedTime(segment.aliveUs),
    copiedTime(segment.untilUs),
    copiedTime(endUs),
    copiedTime(segment.stopUs),
    copiedTime(boundUs === Infinity ? undefined : boundUs),
    String(weekOf(endUs)),
    segment.startKnown ? 't' : 'f',
    segment.stopTold ? 't' : 'f',
    segment.weak ? 't' : 'f',
    copied(segment.firstRecord),
    copied(segment.lastRecord),
  ]
  for (const [name] of factColumns) columns.push(copied(facts[name]))
  return `${columns.join('\t')}\n`
}

/** What a value of the sequence stands for: itself and the numbers after it. */
const idBlock = 1024

/** Characters that are put together before they are sent. */
const copyChunk = 256 << 10

/** Takes numbers for new rows. */
async function takeIds(client: pg.ClientBase, count: number): Promise<string[]> {
  const { rows } = await client.query<{ first: string }>({
    name: 'holding ids',
    text: `select nextval('identity.holding_id') as first from generate_series(1, $1)`,
    values: [Math.ceil(count / idBlock)],
  })
  return rows.flatMap(({ first }) =>
    Array.from({ length: idBlock }, (_, i) => String(Number(first) + i))
  )
}

/**
 * Writes new rows, and gives each segment the id of its row. PostgreSQL works on the first of them
 * while the next ones are put together.
 */
export async function insertSegments(
  client: pg.ClientBase,
  source: number,
  segments: readonly Segment[]
): Promise<void> {
  if (segments.length === 0) return
  const ids = await takeIds(client, segments.length)
  const copy = startCopy(client as pg.Client, copyHoldings)
  let waiting = ''
  for (const [i, segment] of segments.entries()) {
    segment.id = ids[i] ?? ''
    waiting += copyLine(source, segment.id, segment)
    if (waiting.length < copyChunk) continue
    await copy.write(Buffer.from(waiting))
    waiting = ''
  }
  await copy.write(Buffer.from(waiting))
  await copy.end()
}
