/**
 * Whom the program logs in as, one log-in for each store, so that a hole in one part of the program
 * does not open the others: flows, identity and directory meet only in an audited answer.
 */
export const loginNames = [
  /** Owns the schemas and migrates them. */
  'owner',
  /** Writes flows, gaps and progress; reads only its own progress. */
  'collector',
  /** Reads the ledger. */
  'lookup',
  /** Who held an inside address. */
  'identity',
  /** Subscribers. */
  'directory',
  /** Appends to the audit and reads it; keeps the access tokens. */
  'audit',
] as const

export type Login = (typeof loginNames)[number]

/** The role of PostgreSQL behind a log-in. */
export function roleOf(login: Login): string {
  return `flowledger_${login}`
}
