import { existsSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportTarget } from '../../model/export-targets.ts'
import type { Outbox } from '../outbox.ts'
import { TargetLost } from '../transport.ts'
import type { NotSent, Session, Transport } from '../transport.ts'
import { streamSlotBytes } from './stream.ts'

const partSuffix = '.part'

/** `name-20260301T120000Z.ipfix`; a second file of the same second gets a number. */
function fileName(name: string, atMs: number, attempt: number): string {
  const stamp = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${name}-${stamp}${attempt === 0 ? '' : `-${attempt}`}.ipfix`
}

/**
 * An IPFIX file (RFC 5655): the messages of a session one behind the other. While it is written it
 * has `.part` behind its name, so that who collects files takes whole ones.
 */
class FileSession implements Session {
  readonly slots = 16
  readonly slotBytes = streamSlotBytes
  readonly unsureBytes = 0
  readonly settleUs = 0
  readonly reliable = true
  readonly notSent: NotSent = { messages: 0, bytes: 0, records: 0 }
  private readonly handle: FileHandle
  private readonly path: string
  private readonly endUs: number
  private written = 0

  constructor(handle: FileHandle, path: string, endUs: number) {
    this.handle = handle
    this.path = path
    this.endUs = endUs
  }

  async send(outbox: Outbox): Promise<void> {
    try {
      for (let i = outbox.sent; i < outbox.count; i++) {
        const message = outbox.message(i)
        // A message of which the disk took only a part is written over by the next attempt.
        const { bytesWritten } = await this.handle.write(message, 0, message.length, this.written)
        if (bytesWritten < message.length) throw new Error('the disk took only a part')
        this.written += bytesWritten
      }
      outbox.clear()
    } catch (error) {
      throw new TargetLost('unreachable', `${this.path} cannot be written`, error)
    }
  }

  check(): void {}

  isDue(nowUs: number): boolean {
    return nowUs >= this.endUs
  }

  async close(): Promise<void> {
    await this.handle.truncate(this.written).catch(() => {})
    await this.handle.sync().catch(() => {})
    await this.handle.close()
    await rename(`${this.path}${partSuffix}`, this.path)
  }
}

async function create(directory: string, name: string): Promise<[FileHandle, string]> {
  const now = Date.now()
  for (let attempt = 0; ; attempt++) {
    const path = join(directory, fileName(name, now, attempt))
    // One that is whole already must not be written over when this one gets its name.
    if (existsSync(path)) continue
    try {
      return [await open(`${path}${partSuffix}`, 'wx', 0o640), path]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 1000) throw error
    }
  }
}

/** IPFIX files in a directory, a new one each `rotate`. */
export function file({ host: directory, name, rotateUs }: ExportTarget): Transport {
  return {
    async open() {
      try {
        await mkdir(directory, { recursive: true, mode: 0o750 })
        const [handle, path] = await create(directory, name.replaceAll(/[^\w.@-]/g, '_'))
        return new FileSession(handle, path, Date.now() * 1000 + rotateUs)
      } catch (error) {
        const { message } = error as Error
        throw new TargetLost('unreachable', `no file in ${directory}: ${message}`, error)
      }
    },
  }
}
