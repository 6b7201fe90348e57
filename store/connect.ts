import { Client } from 'pg'
import { connectionError } from './database-error.ts'

/** How long a connection may take to be made, in milliseconds. */
export const connectMs = 10_000

/** One connection, for who needs a session of its own. */
export async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    application_name: 'flowledger',
  })
  // A connection that breaks while nobody queries reports it here, and again at the next query.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw connectionError(error, url)
  }
}
