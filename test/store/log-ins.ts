import type { Client } from 'pg'
import { afterEach } from 'vitest'
import { connect } from '../../store/connect.ts'

/** Log-ins of a test, which end with it. To be called once in a file. */
export function useLogIns(): (url: string) => Promise<Client> {
  const open: Client[] = []
  afterEach(async () => {
    for (const client of open.splice(0)) await client.end()
  })
  return async (url) => {
    const client = await connect(url)
    open.push(client)
    return client
  }
}
