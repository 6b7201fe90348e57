import { octetsOfAddress } from '../../model/address.ts'
import type { Prefix } from '../../model/address.ts'
import type { SealedRows } from '../archive/sealed-columns.ts'
import { toTimestamp } from '../timestamp.ts'

/** A time in which an inside address or prefix was somebody's; microseconds since 1970. */
export interface SubjectSpan {
  readonly prefix: Prefix
  readonly fromUs: number
  /** Not included. */
  readonly toUs: number
}

/** The first and the last address of a prefix, of 4 or of 16 octets. */
function boundsOf({ words, length }: Prefix): readonly [first: Buffer, last: Buffer] {
  const last = words.map((word, index) => {
    const kept = Math.min(32, Math.max(0, length - 32 * index))
    return kept === 32 ? word : (word | (0xffffffff >>> kept)) >>> 0
  }) as [number, number, number, number]
  return [Buffer.from(octetsOfAddress(words)), Buffer.from(octetsOfAddress(last))]
}

const literal = (octets: Buffer): string => `'\\x${octets.toString('hex')}'::bytea`

/** SQL that is true of a row `t` of an inside address that was somebody's when it began. */
export const spansSql = (spans: readonly SubjectSpan[]): string =>
  spans.length === 0
    ? 'false'
    : spans
        .map(({ prefix, fromUs, toUs }) => {
          const [first, last] = boundsOf(prefix)
          return `(t.start_at >= '${toTimestamp(fromUs)}' and t.start_at < '${toTimestamp(toUs)}'
            and length(t.inside_ip) = ${first.length}
            and t.inside_ip between ${literal(first)} and ${literal(last)})`
        })
        .join(' or ')

/** The same, of DuckDB and a sealed file. */
export const sealedSpansSql = (spans: readonly SubjectSpan[]): string =>
  spans
    .map(({ prefix, fromUs, toUs }) => {
      const [first, last] = boundsOf(prefix)
      const hex = (octets: Buffer): string => `'${octets.toString('hex')}'`
      const isInside =
        first.length === 4
          ? `inside_ip between ${first.readUInt32BE(0)} and ${last.readUInt32BE(0)}`
          : `lower(hex(inside_ip6)) between ${hex(first)} and ${hex(last)}`
      return `(epoch_us(start_at) >= ${Math.ceil(fromUs)}
        and epoch_us(start_at) < ${Math.ceil(toUs)} and ${isInside})`
    })
    .join(' or ')

const highUnit = 0x100000000

/** The same, of rows read of a sealed file. */
export function spansMatcher(
  spans: readonly SubjectSpan[]
): (rows: SealedRows, row: number) => boolean {
  const tests = spans.map(({ prefix, fromUs, toUs }) => {
    const [first, last] = boundsOf(prefix)
    return { first, last, fromUs, toUs, isV4: first.length === 4 }
  })
  return ({ wide, nulls, words, octets }, row) => {
    const startUs =
      (wide.start_at[2 * row + 1] ?? 0) * highUnit + ((wide.start_at[2 * row] ?? 0) >>> 0)
    const isV4 = nulls.inside_ip[row] !== 1
    return tests.some((test) => {
      if (test.isV4 !== isV4 || startUs < test.fromUs || startUs >= test.toUs) return false
      if (isV4) {
        const word = words.inside_ip[row] ?? 0
        return word >= test.first.readUInt32BE(0) && word <= test.last.readUInt32BE(0)
      }
      const inside = octets.inside_ip6[row]
      return (
        inside?.length === test.first.length &&
        Buffer.compare(test.first, inside) <= 0 &&
        Buffer.compare(test.last, inside) >= 0
      )
    })
  }
}

/** True where rows that start in [fromUs, toUs] may be of a span. */
export const mayBeOf = (
  spans: readonly SubjectSpan[],
  fromUs: number,
  toUs: number
): readonly SubjectSpan[] => spans.filter((span) => span.fromUs <= toUs && span.toUs > fromUs)
