import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseListen } from './endpoint-text.ts'
import type { ListenAddress } from './endpoint-text.ts'
import { FlowledgerError } from './errors.ts'
import { parseDuration } from './quantity.ts'

const path = z
  .string({ error: 'must be a path' })
  .refine((text) => text.startsWith('/'), { error: 'must be an absolute path' })

function duration(error: string) {
  return z.string({ error }).refine((text) => (parseDuration(text) ?? 0) >= 1e6, { error })
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.')

/** The configuration of the stream of flows. */
export const streamSchema = z
  .strictObject({
    unix: path.optional().describe('Unix socket on which the stream is read.'),
    tcp: z
      .string({ error: 'must be ADDRESS:PORT' })
      .refine((text) => parseListen(text) !== undefined, { error: 'must be ADDRESS:PORT' })
      .optional()
      .describe('Address and port; beyond this host only with tls and token_file.'),
    tls: z
      .strictObject({ cert: path, key: path })
      .optional()
      .describe('PEM files of the certificate and its key, for tcp.'),
    token_file: path
      .optional()
      .describe('File with the token that a reader sends as its first line, for tcp.'),
    established: z
      .boolean({ error: 'must be true or false' })
      .prefault(true)
      .describe('Whether a new reader gets all open flows first without asking.'),
    update_interval: duration('must be a duration of at least 1s, such as 15s')
      .prefault('15s')
      .describe('Time between two messages about the counters of a flow.'),
    dump: z
      .strictObject({
        path,
        interval: duration('must be a duration of at least 1s, such as 60s').prefault('60s'),
      })
      .optional()
      .describe('File into which all open flows are written now and then.'),
  })
  .refine(
    ({ tcp, tls, token_file: token }) =>
      tcp === undefined ||
      isLoopback(parseListen(tcp)?.host ?? '') ||
      (tls !== undefined && token !== undefined),
    { error: 'needs tls and token_file where tcp is not an address of this host alone' }
  )

/** The stream as the program opens it. */
export interface StreamConfig {
  readonly unix?: string
  readonly tcp?: ListenAddress
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly token?: string
  readonly established: boolean
  readonly updateMs: number
  /** Octets that may wait for a reader; left out: 8 MiB. */
  readonly mostWaiting?: number
  readonly dump?: { readonly path: string; readonly everyMs: number }
}

const ms = (text: string): number => (parseDuration(text) ?? 0) / 1000

/**
 * What the file says, read.
 *
 * @throws FlowledgerError `config-invalid` where the token cannot be read
 */
export function streamConfigOf(file: z.output<typeof streamSchema>): StreamConfig {
  const tcp = file.tcp === undefined ? undefined : parseListen(file.tcp)
  return {
    established: file.established,
    updateMs: ms(file.update_interval),
    ...(file.unix === undefined ? {} : { unix: file.unix }),
    ...(tcp === undefined ? {} : { tcp }),
    ...(file.tls === undefined ? {} : { tls: file.tls }),
    ...(file.token_file === undefined ? {} : { token: readToken(file.token_file) }),
    ...(file.dump === undefined
      ? {}
      : { dump: { path: file.dump.path, everyMs: ms(file.dump.interval) } }),
  }
}

function readToken(file: string): string {
  let token: string
  try {
    token = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new FlowledgerError('config-invalid', `The stream's token: ${message}.`)
  }
  if (token.length >= 16) return token
  throw new FlowledgerError('config-invalid', `The token in ${file} is shorter than 16 letters.`)
}
