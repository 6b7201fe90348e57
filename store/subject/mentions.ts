import type { Database } from '../database.ts'

/** Where somebody is named beside the records. */
export interface Mentions {
  /** Entries of the audit, newest first, at most {@link maxListed}. */
  readonly audit: readonly { readonly id: number; readonly action: string }[]
  readonly auditCount: number
  /** References of cases. */
  readonly cases: readonly string[]
  readonly holds: readonly number[]
}

/** Entries that are listed one by one. */
const maxListed = 1000

/** Texts as they stand in JSON, quotes and all; an address may have a port behind it. */
const needles = (names: readonly string[]): string[] =>
  names.flatMap((name) => [JSON.stringify(name), `"${name}:`])

/**
 * Looks where names and addresses of somebody stand in the audit, in cases and in holds. It reads
 * every entry: the audit has no index of what it tells.
 *
 * @param database a pool of the log-in `audit`
 */
export async function findMentions(
  database: Database,
  names: readonly string[]
): Promise<Mentions> {
  const values = [needles(names)]
  const found = 'exists (select from unnest($1::text[]) needle where strpos(b.body, needle) > 0)'
  const audit = await database.query<{ id: string; action: string }>('search the audit', {
    text: `select id, action from audit.entry, lateral (select detail as body) b
           where ${found} order by id desc`,
    values,
  })
  const cases = await database.query<{ reference: string }>('search the cases', {
    text: `select distinct c.reference from cases.case_file c
           join cases.entry e on e.case_id = c.id,
             lateral (select e.detail || coalesce(e.document, '') as body) b
           where ${found} order by 1`,
    values,
  })
  const holds = await database.query<{ id: string }>('search the holds', {
    text: `select id from cases.hold, lateral (select document as body) b
           where ${found} order by id`,
    values,
  })
  return {
    audit: audit.slice(0, maxListed).map(({ id, action }) => ({ id: Number(id), action })),
    auditCount: audit.length,
    cases: cases.map(({ reference }) => reference),
    holds: holds.map(({ id }) => Number(id)),
  }
}
