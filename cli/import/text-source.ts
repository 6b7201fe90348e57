import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FlowledgerError } from '../../model/errors.ts'

const chunkBytes = 1 << 20

/** A text that can be read from its start as often as need be; or standard input, once. */
export interface TextSource {
  readonly name: string
  /** Octets on disk; 0 for standard input, whose size nobody knows. */
  readonly bytes: number
  readonly repeatable: boolean
  /**
   * The text in chunks, uncompressed.
   *
   * @param onRaw hears how many octets of the file have been read so far
   */
  chunks(onRaw?: (bytes: number) => void): AsyncGenerator<Buffer>
}

const whyUnreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
}

function unreadable(name: string, error: unknown): FlowledgerError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new FlowledgerError('usage', `${name} cannot be read: ${whyUnreadable[code] ?? code}.`, {
    fix: 'Give the path of a text file, or - for standard input.',
    cause: error,
  })
}

/**
 * Looks at a file; compressed ones are known by their first octets, not by their names.
 *
 * @throws FlowledgerError `usage` where it cannot be read
 */
export async function openTextFile(path: string): Promise<TextSource> {
  try {
    const handle = await open(path, 'r')
    try {
      const { size } = await handle.stat()
      const head = Buffer.alloc(2)
      await handle.read(head, 0, 2, 0)
      const gzip = head[0] === 0x1f && head[1] === 0x8b
      return {
        name: path,
        bytes: size,
        repeatable: true,
        chunks: (onRaw) => fileChunks(path, gzip, onRaw),
      }
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Standard input, or a stream that stands for it; the signal ends it. */
export function streamSource(stream: Readable, signal?: AbortSignal): TextSource {
  const stop = (): void => void stream.destroy()
  return {
    name: 'standard input',
    bytes: 0,
    repeatable: false,
    async *chunks() {
      signal?.addEventListener('abort', stop)
      try {
        for await (const chunk of stream) yield Buffer.from(chunk as Buffer | string)
      } catch (error) {
        // A stream that is destroyed by the signal reports that it closed too early.
        if (signal?.aborted !== true) throw error
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    },
  }
}

async function* fileChunks(
  path: string,
  gzip: boolean,
  onRaw: ((bytes: number) => void) | undefined
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkBytes })
  const stream = gzip ? file.pipe(createGunzip({ chunkSize: chunkBytes })) : file
  if (gzip) file.on('error', (error) => stream.destroy(error))
  try {
    for await (const chunk of stream) {
      onRaw?.(file.bytesRead)
      yield chunk as Buffer
    }
  } catch (error) {
    throw gzip && isZlibError(error) ? damaged(path, error) : unreadable(path, error)
  } finally {
    file.destroy()
  }
}

function isZlibError(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('Z_')
}

/** A compressed file that ends early or is damaged: what came out of it before is still good. */
export class DamagedTextError extends Error {}

function damaged(path: string, cause: unknown): DamagedTextError {
  return new DamagedTextError(`${path} is compressed and cut short or damaged`, { cause })
}
