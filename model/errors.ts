/**
 * Every error that flowledger raises on purpose carries one of these codes, so that a program can
 * tell them apart and the reference page can list them.
 */
export const errorCodes = [
  'usage',
  'address-invalid',
  'time-invalid',
  'time-zone-missing',
  'time-ambiguous',
  'config-invalid',
  'permission-missing',
  'conntrack-missing',
  'port-in-use',
  'data-dir-in-use',
  'database-unreachable',
  'database-newer',
  'database-older',
  'database-failed',
  'audit-unwritable',
  'seal-failed',
  'archive-damaged',
  'spool-corrupt',
  'spool-full',
  'token-invalid',
  'not-allowed',
  'approval-needed',
  'log-in-failed',
  'provider-unreachable',
  'not-running',
  'key-unusable',
  'case-unknown',
  'case-conflict',
  'hold-unknown',
  'directory-invalid',
  'directory-shrunk',
  'directory-unreachable',
  'target-unreachable',
  'capture-unreadable',
  'rules-invalid',
  'stream-unusable',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** Exit codes of the command line, one meaning each (design: the contract of the commands). */
export const exitCodes = {
  ok: 0,
  noMatch: 1,
  usage: 2,
  config: 3,
  database: 4,
  noData: 5,
  /** A defect of ours (EX_SOFTWARE of sysexits.h): never 1, which would read as `no-match`. */
  internal: 70,
} as const

const exitByCode: Partial<Record<ErrorCode, number>> = {
  usage: exitCodes.usage,
  'address-invalid': exitCodes.usage,
  'time-invalid': exitCodes.usage,
  'time-zone-missing': exitCodes.usage,
  'time-ambiguous': exitCodes.usage,
  'token-invalid': exitCodes.usage,
  'not-allowed': exitCodes.usage,
  'approval-needed': exitCodes.usage,
  'case-unknown': exitCodes.usage,
  'case-conflict': exitCodes.usage,
  'capture-unreadable': exitCodes.usage,
  'hold-unknown': exitCodes.usage,
  'database-unreachable': exitCodes.database,
  'database-newer': exitCodes.database,
  'database-older': exitCodes.database,
  'database-failed': exitCodes.database,
  'audit-unwritable': exitCodes.database,
  'seal-failed': exitCodes.database,
  'archive-damaged': exitCodes.noData,
}

/**
 * An error that a person can act on: one sentence of what is wrong, one of how to mend it.
 *
 * @param fix what to do about it, as a full sentence; left out where the message already says it
 */
export class FlowledgerError extends Error {
  readonly code: ErrorCode
  readonly fix: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { fix?: string; cause?: unknown; details?: Record<string, unknown> } = {}
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'FlowledgerError'
    this.code = code
    this.fix = options.fix
    this.details = options.details ?? {}
  }

  /** The exit code that the command line ends with. */
  get exitCode(): number {
    return exitByCode[this.code] ?? exitCodes.config
  }

  /** Message and fix in one line, as the command line prints it. */
  get sentence(): string {
    return this.fix === undefined ? this.message : `${this.message} ${this.fix}`
  }
}
