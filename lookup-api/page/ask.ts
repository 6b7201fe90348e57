import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Principal } from '../../model/principal.ts'
import { provenEnv } from '../authentication.ts'
import type { Problem } from '../problem.ts'

/**
 * The page is a client of the API, in the same process: what it shows went through the same route,
 * the same rights, the same limits and the same audit as what a program is told.
 */

/** Answers a request as the API does. */
export type AskApi = (path: string, init: RequestInit, env: object) => Response | Promise<Response>

/** Fields of a query; what is empty is left out. */
export type Query = Readonly<Record<string, string | undefined>>

/** What the API said instead of an answer. */
export class ApiProblem extends Error {
  readonly problem: Problem
  readonly status: ContentfulStatusCode
  readonly retryAfter: string | undefined

  constructor(problem: Problem, retryAfter?: string) {
    super(problem.detail)
    this.name = 'ApiProblem'
    this.problem = problem
    this.status = problem.status as ContentfulStatusCode
    this.retryAfter = retryAfter
  }
}

/** `?a=1&b=2` of the fields that are given, in their order; empty where none is. */
export function queryText(query: Query): string {
  const given = Object.entries(query).filter(
    (field): field is [string, string] => field[1] !== undefined && field[1].trim() !== ''
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

/** The API, asked in the name of who is logged in. */
export class ApiClient {
  readonly #ask: AskApi
  readonly #env: object

  constructor(ask: AskApi, principal: Principal) {
    this.#ask = ask
    this.#env = provenEnv(principal)
  }

  /**
   * An answer as it came.
   *
   * @throws ApiProblem where it is none
   */
  async response(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.#ask(path, init, this.#env)
    if (response.ok) return response
    const problem = (await response.json()) as Problem
    throw new ApiProblem(problem, response.headers.get('Retry-After') ?? undefined)
  }

  /** @throws ApiProblem */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await (await this.response(path + queryText(query))).json()) as T
  }

  /** @throws ApiProblem */
  async send<T>(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {}
  ): Promise<T> {
    const response = await this.response(path, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await response.json()) as T
  }
}
