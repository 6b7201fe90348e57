import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import type { Principal } from '../../model/principal.ts'
import type { Answer } from '../contract.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { fileNotice } from '../cases/notices.ts'
import { answerMessage, presentMessage } from '../notices/answering.ts'
import { noticesSchema } from '../notices/contract.ts'
import { maxNoticeBytes } from '../notices/limits.ts'
import { readMessage } from '../notices/read.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters, text } from '../parameters.ts'
import { ProblemError } from '../problem.ts'
import { inField } from '../query.ts'
import type { LookupInput } from '../query.ts'
import { SharedReads } from '../shared-reads.ts'
import { parseZone } from '../../model/time-zone.ts'
import { contextOf } from './cases.ts'
import { countedAnswer } from './lookup.ts'

const parameters = z.object({
  zone: text('zone of times that name none: Europe/Berlin or +02:00'),
  case: text('new: a case is opened for it; else your reference, and the case of that name'),
  purpose: text('why you ask, for the audit'),
  look_up: z
    .enum(['true', 'false'])
    .default('true')
    .describe('false: say what was read of it, and ask nothing'),
})

const mediaTypes = [
  'message/rfc822',
  'application/xml',
  'text/xml',
  'application/json',
  'text/csv',
  'text/html',
  'text/plain',
  'application/zip',
  'application/gzip',
  'application/octet-stream',
] as const

const tooLarge = (): never => {
  throw new ProblemError(413, 'too-large', `A notice has at most ${maxNoticeBytes} bytes.`)
}

function mediaType(header: string | undefined): string {
  const type = header?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === '' || mediaTypes.some((known) => known === type)) return type
  const message = `Send the notice as one of ${mediaTypes.join(', ')}.`
  throw new ProblemError(415, 'unsupported-media-type', message)
}

/** One look-up of many; they share round trips. */
async function askSharing(
  input: LookupInput,
  context: RouteContext,
  shared: SharedReads<RouteContext['deps']>,
  principal: Principal
): Promise<Answer> {
  const reads = shared.row()
  try {
    return await countedAnswer(input, { ...context, deps: reads.deps }, principal)
  } finally {
    reads.done()
  }
}

/** `POST /v1/notices`: a mail, a document or text; every sighting in it is looked up. */
export function noticesRoute(context: RouteContext): Hono<ApiEnv> {
  const { deps } = context
  const shared = new SharedReads(deps)
  const description = describeV1({
    summary: 'A notice, what it claims, and who that was',
    description:
      'A mail, ACNS, X-ARF, MARF, CSV or pasted text. Every instant that a sighting can mean is ' +
      'a look-up with an entry in the audit; what is missing or in doubt is said, with a text to ' +
      'send back.',
    parameters,
    response: noticesSchema,
    problems: [413, 415, 429],
    body: mediaTypes,
  })
  return new Hono<ApiEnv>().post(
    '/notices',
    describeRoute(description),
    requireRight('notices'),
    requireRight('lookup'),
    bodyLimit({ maxSize: maxNoticeBytes, onError: tooLarge }),
    async (c) => {
      const given = readParameters(c.req.queries(), parameters)
      const type = mediaType(c.req.header('Content-Type'))
      const { zone } = given
      const askedZone = zone === undefined ? undefined : inField('zone', () => parseZone(zone))
      const bytes = new Uint8Array(await c.req.arrayBuffer())
      const rules = deps.notices ?? { senders: [] }
      const nowUs = deps.nowUs()
      const settings = { nowUs, rules, ...(askedZone === undefined ? {} : { askedZone }) }
      const reading = await (deps.readNotice ?? readMessage)(bytes, settings, type)
      const principal = c.get('principal')
      const parts = { rules, nowUs, ...(deps.networks && { networks: deps.networks }) }
      let { case: reference } = given
      if (reference !== undefined && deps.desk !== undefined) {
        const read = presentMessage(reading, parts)
        const file = await fileNotice(contextOf(c, context, deps.desk), reference, bytes, read)
        if (file !== undefined) {
          reference = file.reference
          c.header('Location', `/v1/cases/${file.id}`)
        }
      }
      if (given.look_up === 'false') return c.json(presentMessage(reading, parts))
      const body = await answerMessage(reading, {
        ask: (input) => askSharing(input, context, shared, principal),
        ...parts,
        ...(reference === undefined ? {} : { case: reference }),
        ...(given.purpose === undefined ? {} : { purpose: given.purpose }),
      })
      return c.json(body)
    }
  )
}
