import type pg from 'pg'
import { from } from 'pg-copy-streams'

/** A COPY into a table under way. */
export interface CopyIn {
  /**
   * Sends bytes; when it is done they are out of our hands, and their buffer may be used again.
   * That holds for chunks larger than a socket's high-water mark (16 KiB), and for the last one
   * once {@link end} is done.
   */
  write(bytes: Buffer): Promise<void>
  /** Ends the COPY; gives the number of rows that PostgreSQL took. */
  end(): Promise<number>
}

/**
 * Starts a COPY. The stream of pg-copy-streams does not end a pending write when the connection
 * breaks, so every step here is also ended by the stream's error.
 */
export function startCopy(client: pg.Client, statement: string): CopyIn {
  const stream = client.query(from(statement))
  const failed = new Promise<never>((_, reject) => {
    stream.on('error', reject)
  })
  // Until a step waits for it, a failure has no listener of its own.
  failed.catch(() => {})
  const step = (start: (done: (error?: Error | null) => void) => void): Promise<void> => {
    const done = new Promise<void>((resolve, reject) => {
      start((error) => (error ? reject(error) : resolve()))
    })
    return Promise.race([done, failed])
  }
  return {
    write: (bytes) => step((done) => void stream.write(bytes, done)),
    async end() {
      await step((done) => void stream.end(done))
      return stream.rowCount
    },
  }
}
