import { FlowledgerError } from '../model/errors.ts'
import { placeOf } from './database-url.ts'

/** Errors of the socket, and what they mean to a person. */
const socketReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOENT: 'there is no such socket',
  EACCES: 'the socket may not be opened',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be resolved now',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
}

/** SQLSTATEs of a refused log-in (PostgreSQL, appendix A). */
const refusals = {
  invalidPassword: '28P01',
  invalidAuthorization: '28000',
  unknownDatabase: '3D000',
  noPrivilege: '42501',
  tooManyConnections: '53300',
  startingUp: '57P03',
} as const

/** Classes and codes of SQLSTATE after which the connection is gone. */
const lostCodes = new Set(['57P01', '57P02', '57P03', '08000', '08003', '08006'])

/** A code of node:net or a SQLSTATE; empty where the error has none. */
export function codeOf(error: unknown): string {
  // A name with several addresses fails with one error for each of them.
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function refusal(code: string, url: string): { message: string; fix: string } | undefined {
  const { place, user, database } = placeOf(url)
  if (code === refusals.invalidPassword || code === refusals.invalidAuthorization) {
    return {
      message: `PostgreSQL at ${place} refused the log-in of "${user}".`,
      fix: 'Correct user and password in the database URL.',
    }
  }
  if (code === refusals.unknownDatabase) {
    return {
      message: `PostgreSQL at ${place} has no database "${database}".`,
      fix: `Run \`createdb ${database}\` there, or correct the database URL.`,
    }
  }
  if (code === refusals.noPrivilege) {
    return {
      message: `"${user}" may not connect to the database "${database}" at ${place}.`,
      fix: 'Run `flowledger migrate` with the owner, which grants what the log-ins need.',
    }
  }
  if (code === refusals.tooManyConnections) {
    return {
      message: `PostgreSQL at ${place} has no connection left.`,
      fix: 'Raise max_connections there, or end what holds them.',
    }
  }
  if (code === refusals.startingUp) {
    return { message: `PostgreSQL at ${place} is starting up or shutting down.`, fix: 'Try again.' }
  }
  return undefined
}

/** Why a connection could not be made, in one sentence that holds no password. */
export function connectionError(error: unknown, url: string): FlowledgerError {
  if (error instanceof FlowledgerError) return error
  const code = codeOf(error)
  const refused = refusal(code, url)
  const { place } = placeOf(url)
  const reason = socketReasons[code] ?? messageOf(error).replace(/\.$/, '')
  return new FlowledgerError(
    'database-unreachable',
    refused?.message ?? `PostgreSQL at ${place} cannot be reached: ${reason}.`,
    { fix: refused?.fix ?? 'Start it, or correct the database URL.', cause: error }
  )
}

/** True where the connection went away under a query. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  if (lostCodes.has(code) || socketReasons[code] !== undefined) return true
  return /Connection terminated|connection error|not queryable/i.test(messageOf(error))
}

/**
 * Why a query failed.
 *
 * @param what what was to be done, to stand after "could not", for example `write flows`
 */
export function queryError(error: unknown, what: string): FlowledgerError {
  if (error instanceof FlowledgerError) return error
  const lost = isConnectionLost(error)
  const reason = lost ? 'the connection was lost' : messageOf(error).replace(/\.$/, '')
  return new FlowledgerError('database-failed', `The database could not ${what}: ${reason}.`, {
    fix: lost
      ? 'It is tried again; see that PostgreSQL runs.'
      : 'Run `flowledger doctor`; the log of PostgreSQL says more.',
    cause: error,
    details: { sqlState: codeOf(error) },
  })
}
