import { z } from 'zod'
import type { FromApi } from './wire.ts'

/** What the API's process says is cut to so many characters in the log. */
const maxLogText = 2000

const id = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const told = z.object({
  code: z.string().optional(),
  message: z.string(),
  fix: z.string().optional(),
})

const message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), address: z.string().max(300) }),
  z.object({ kind: z.literal('failed'), error: told }),
  z.object({
    kind: z.literal('log'),
    level: z.enum(['info', 'warn', 'error']),
    text: z.string().transform((text) => text.slice(0, maxLogText)),
  }),
  z.object({ kind: z.literal('ask'), id, what: z.string().max(100), with: z.unknown() }),
])

/**
 * Reads a message of the API's process.
 *
 * @throws Error where it is none
 */
export function readFromApi(payload: Uint8Array): FromApi {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(payload)
  return message.parse(JSON.parse(text))
}
