/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { Zone } from '../../../model/time-zone.ts'
import type { Problem } from '../../problem.ts'
import { utcText, zonedText } from '../times.ts'

/** Small things that every page is put together from. */

/** An instant: in UTC, and beside that in the chosen zone. */
export function Time({ at, zone }: { at: string; zone?: Zone | undefined }) {
  const zoned = zonedText(at, zone)
  return (
    <time datetime={at} class="time">
      <span class="utc">{utcText(at)} UTC</span>
      {zoned === undefined ? null : <span class="zoned">{zoned}</span>}
    </time>
  )
}

/** What is not there, so that a cell is not simply empty. */
export const None = ({ children = 'none' }: { children?: Child }) => (
  <span class="none">{children}</span>
)

/** `192.0.2.1:443`, `[2001:db8::1]:443`; without a port the address alone. */
export function endpointText({ ip, port }: { ip: string; port: number | null }): string {
  if (port === null) return ip
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

export const Endpoint = ({ of }: { of: { ip: string; port: number | null } }) => (
  <code>{endpointText(of)}</code>
)

/** A word that says how surely, or in what state; its shape tells as much as its colour. */
export const Chip = ({ tone = 'plain', children }: { tone?: Tone; children?: Child }) => (
  <span class={`chip ${tone}`}>{children}</span>
)

export type Tone = 'sure' | 'unsure' | 'bad' | 'plain'

/** Names and values, one below the other; a value that is undefined or null is left out. */
export function Facts({ rows }: { rows: readonly (readonly [string, Child])[] }) {
  const known = rows.filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (known.length === 0) return null
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** What to do next where there is nothing to show. */
export const Empty = ({ title, children }: { title: string; children?: Child }) => (
  <div class="empty">
    <p>
      <strong>{title}</strong>
    </p>
    {children}
  </div>
)

interface Column {
  readonly title: Child
  /** Numbers stand to the right. */
  readonly isNumber?: boolean
}

interface TableProperties {
  readonly caption: string
  /** The caption is for those who hear the page: a heading says the same. */
  readonly isCaptionHidden?: boolean
  /** A class of its own, for its style. */
  readonly kind?: string
  readonly columns: readonly (string | Column)[]
  readonly rows: readonly (readonly Child[])[]
}

/** A table whose first cell of each row names the row. It can be scrolled where it is too wide. */
export function Table(properties: TableProperties) {
  const { caption, isCaptionHidden = true, kind, columns, rows } = properties
  const all = columns.map((one) => (typeof one === 'string' ? { title: one } : one))
  const classOf = (i: number): string | undefined => (all[i]?.isNumber ? 'number' : undefined)
  return (
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table class={kind}>
        <caption class={isCaptionHidden ? 'hidden' : undefined}>{caption}</caption>
        <thead>
          <tr>
            {all.map(({ title }, i) => (
              <th scope="col" class={classOf(i)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell, i) =>
                i === 0 ? (
                  <th scope="row" class={classOf(i)}>
                    {cell}
                  </th>
                ) : (
                  <td class={classOf(i)}>{cell}</td>
                )
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** What was wrong with what somebody sent, each thing linked to the field that it is about. */
export function ProblemSummary({ problem, idOf }: ProblemProperties) {
  const { title, detail, errors = [], instants = [] } = problem
  return (
    <div class="problem" role="alert" tabindex={-1} id="problem">
      <h2>{title}</h2>
      {errors.length === 0 ? (
        <p>{detail}</p>
      ) : (
        <ul>
          {errors.map((part) => {
            const name = part.pointer.replace(/^#\//, '')
            const id = idOf?.(name)
            return <li>{id === undefined ? part.detail : <a href={`#${id}`}>{part.detail}</a>}</li>
          })}
        </ul>
      )}
      {errors.length > 0 && !errors.some((part) => part.detail === detail) ? <p>{detail}</p> : null}
      {instants.length === 0 ? null : (
        <p>
          It can be{' '}
          {instants.map((one, i) => (
            <>
              {i === 0 ? '' : ' or '}
              <code>{one}</code>
            </>
          ))}
          .
        </p>
      )}
    </div>
  )
}

interface ProblemProperties {
  readonly problem: Problem
  /** Identifier of the input that a field of the question is in. */
  readonly idOf?: (field: string) => string | undefined
}

/** A count with thin gaps between thousands, which is read the same in every country. */
export const countText = (count: number | string): string =>
  String(count).replaceAll(/\B(?=(\d{3})+(?!\d))/g, '\u202f')

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** Octets as people say them: `1.2 MB`, by powers of 1000. */
export function bytesText(octets: number | string): string {
  let size = Number(octets)
  let unit = 0
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${unit === 0 ? size : size.toPrecision(3)} ${units[unit]}`
}
