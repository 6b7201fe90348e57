/** What long-running parts report to: a sentence for people, and facts for machines. */
export interface Log {
  info(sentence: string, facts?: Readonly<Record<string, unknown>>): void
  warn(sentence: string, facts?: Readonly<Record<string, unknown>>): void
  error(sentence: string, facts?: Readonly<Record<string, unknown>>): void
}

/** A log that keeps nothing, for parts used in a command that has nobody to tell. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }
