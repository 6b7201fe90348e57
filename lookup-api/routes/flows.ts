import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { requireAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { parseInstant } from '../../model/time.ts'
import { recordAct } from '../answer.ts'
import { authorityMember } from '../authority-text.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { flowPageSchema } from '../contract.ts'
import { describeV1 } from '../openapi.ts'
import { nextLink } from '../page-link.ts'
import { cursor, limit, readParameters, text } from '../parameters.ts'
import { sliceJson } from '../present.ts'
import { inField } from '../query.ts'
import { admitList } from '../question-gate.ts'

const parameters = z.object({
  from: text('earliest start; left out: an hour ago'),
  to: text('latest start; left out: now'),
  tz: text('zone of times that name none'),
  inside: text('address of an inside host'),
  public: text('public address'),
  order: z
    .enum(['oldest', 'newest'])
    .default('oldest')
    .describe('which hours come first, and which rows in them: oldest, newest'),
  search: z
    .enum(['whole', 'short'])
    .default('whole')
    .describe(
      'short: a page ends after some 26 MB of the ledger, however little was found in them'
    ),
  approval: text('number of the approval, where a second person is needed'),
  limit,
  cursor,
})

/**
 * A page of a short search ends once it has read so many blocks of the ledger, and `next` goes on,
 * so that an address that is hardly ever there keeps nobody waiting. Windows grow as far as that:
 * 256, 1024 and 2048 blocks are 26 MB.
 */
const maxBlocks = 2048

/** `GET /v1/flows`: the ledger's rows by time, a page at a time. */
export function flowsRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'Rows of the ledger by time',
    parameters,
    response: flowPageSchema,
    problems: [429],
  })
  return new Hono<ApiEnv>().get(
    '/flows',
    describeRoute(description),
    requireRight('flows'),
    async (c) => {
      const given = readParameters(c.req.queries(), parameters)
      const zone = { tz: given.tz, nowUs: deps.nowUs() }
      const time = (field: 'from' | 'to', otherwise: string): number =>
        inField(field, () => parseInstant(given[field] ?? otherwise, zone).atUs)
      const address = (field: 'inside' | 'public'): AddressWords | undefined =>
        given[field] === undefined
          ? undefined
          : inField(field, () => requireAddress(given[field] ?? ''))
      const filter = {
        fromUs: time('from', '-1h'),
        toUs: time('to', 'now'),
        inside: address('inside'),
        public: address('public'),
      }
      const authority = await admitList(filter, given.approval, c.get('principal'), deps.access)
      const page = await deps.ledger.listFlows({
        ...filter,
        order: given.order,
        limit: given.limit,
        maxBlocks: given.search === 'short' ? maxBlocks : undefined,
        cursor: given.cursor,
      })
      const { items } = page
      const detail = { given, rows: items.length, authority, version: deps.version }
      await recordAct(deps.audit, { actor: c.get('actor'), action: 'flows', detail })
      nextLink(c, page.next)
      const flows = items.map(sliceJson)
      return c.json({ ...authorityMember(authority), flows, next: page.next ?? null })
    }
  )
}
