import type { CaseJson, DeadlineJson, EntryJson, HoldJson } from '../lookup-api/cases/present.ts'
import { table } from './output.ts'

/** A case as `case show` prints it. */
export interface WholeCase extends CaseJson {
  readonly deadlines: readonly DeadlineJson[]
  readonly holds: readonly HoldJson[]
  readonly history: readonly EntryJson[]
}

/** Longest text of a cell; `-o json` has all of it. */
const maxCell = 100

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > maxCell ? `${line.slice(0, maxCell - 1)}…` : line
}

/** What a hold is about, in a word. */
export function heldText({ address, port, records }: HoldJson): string {
  if (address === null) return `${records.length} records`
  return port === null ? address : `${address} port ${port}`
}

/** Whether a hold still binds, and until when. */
export function holdState({ released, expires }: HoldJson): string {
  if (released !== null) return `released ${released}`
  return expires === null ? 'until it is released' : `until ${expires}`
}

function section(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ['', table([head, ...rows]).trimEnd()]
}

/** A case for people. */
export function formatCase(whole: WholeCase): string {
  const { reference, title, status, version, opened, opened_by: by } = whole
  return [
    `${reference}: ${title}`,
    `${status}, version ${version}, opened ${opened} by ${by}`,
    ...section(
      ['NO', 'DEADLINE', 'DUE', 'MET'],
      whole.deadlines.map(({ id, name, due, met }) => [String(id), name, due, met ?? '-'])
    ),
    ...section(
      ['NO', 'HOLD', 'STATE', 'REASON'],
      whole.holds.map((hold) => [
        String(hold.id),
        heldText(hold),
        holdState(hold),
        short(hold.reason),
      ])
    ),
    ...section(
      ['ENTRY', 'TIME', 'WHO', 'WHAT', 'DETAIL'],
      whole.history.map(({ id, at, actor, kind, detail }) => [
        String(id),
        at,
        actor,
        kind,
        short(JSON.stringify(detail)),
      ])
    ),
    '',
  ].join('\n')
}
