import type { CaseJson } from '../../cases/present.ts'
import type { ApiClient } from '../ask.ts'

/** The case of a reference; undefined where there is none. */
export async function caseNamed(api: ApiClient, reference: string): Promise<CaseJson | undefined> {
  if (reference === '') return undefined
  const page = await api.get<{ cases: CaseJson[] }>('/v1/cases', { reference })
  return page.cases[0]
}
