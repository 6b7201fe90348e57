import { Registry } from 'prom-client'
import { expect } from 'vitest'
import { makeApp } from '../../lookup-api/app.ts'
import type { ApiDependencies } from '../../lookup-api/api-dependencies.ts'
import type { TokenHolder } from '../../model/principal.ts'
import { problemSchema } from '../../lookup-api/problem.ts'
import { makeWorld } from './world.ts'
import type { World } from './world.ts'

/** A token of each role. */
export const bearers: Readonly<Record<string, TokenHolder>> = {
  fl_admin: { name: 'root', role: 'administrator' },
  fl_lookup: { name: 'desk', role: 'api-client' },
  fl_auditor: { name: 'audit', role: 'auditor' },
}

/** The app over a world, without a socket. */
export interface Api {
  readonly world: World
  readonly errors: unknown[]
  get(path: string, token?: string): Promise<Response>
  send(path: string, init: RequestInit): Promise<Response>
}

export function makeApi(world = makeWorld(), parts: Partial<ApiDependencies> = {}): Api {
  const errors: unknown[] = []
  const app = makeApp({
    ...world.dependencies,
    tokens: { check: async (token) => bearers[token] },
    registry: new Registry(),
    readiness: [],
    onError: (error) => errors.push(error),
    ...parts,
  })
  const send = async (path: string, init: RequestInit): Promise<Response> => app.request(path, init)
  return {
    world,
    errors,
    send,
    get: (path, token = 'fl_admin') =>
      send(path, { headers: token === '' ? {} : { Authorization: `Bearer ${token}` } }),
  }
}

/** A question that can be read. */
export const lookup = '/v1/lookup?ip=192.0.2.1&port=2000&protocol=tcp&at=2026-03-01T12:00:00Z'

/** The body of an error, which is nothing but a problem. */
export async function problem(response: Response): Promise<ReturnType<typeof problemSchema.parse>> {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  const body = problemSchema.strict().parse(await response.json())
  expect(body.status).toBe(response.status)
  return body
}
