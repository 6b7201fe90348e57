import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { foldPerson } from '../../model/principal.ts'
import { formatInstant } from '../../model/time.ts'
import type { PersonInfo } from '../../store/people.ts'
import { recordAct } from '../answer.ts'
import type { Accounts, RouteContext } from '../api-dependencies.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters } from '../parameters.ts'

const personSchema = z.object({
  person: z.string().describe('as persons are compared'),
  name: z.string(),
  roles: z.array(z.string()),
  issuer: z.string(),
  subject: z.string(),
  first_login: z.string(),
  last_login: z.string(),
  sessions: z.number().int(),
})

/** A person as the API and the command line show them. */
export function personJson(person: PersonInfo): z.infer<typeof personSchema> {
  return {
    person: person.person,
    name: person.name,
    roles: [...person.roles],
    issuer: person.issuer,
    subject: person.subject,
    first_login: formatInstant(person.firstLoginUs),
    last_login: formatInstant(person.lastLoginUs),
    sessions: person.sessions,
  }
}

const endedSchema = z.object({ person: z.string(), ended: z.number().int() })

/** `/v1/people`: who logged in, and putting an end to their sessions. */
export function peopleRoute({ deps }: RouteContext, { people }: Accounts): Hono<ApiEnv> {
  const list = describeV1({
    summary: 'Everybody who ever logged in',
    response: z.object({ people: z.array(personSchema) }),
  })
  const end = describeV1({ summary: 'End every session of a person', response: endedSchema })
  return new Hono<ApiEnv>()
    .get('/people', describeRoute(list), requireRight('manage'), async (c) => {
      readParameters(c.req.queries(), z.object({}))
      return c.json({ people: (await people.list()).map(personJson) })
    })
    .delete('/people/:person/sessions', describeRoute(end), requireRight('manage'), async (c) => {
      const person = foldPerson(c.req.param('person').slice(0, 200))
      const entry = { actor: c.get('actor'), action: 'sessions-end', detail: { person } }
      await recordAct(deps.audit, entry)
      return c.json({ person, ended: await people.endSessions(person) })
    })
}
