import { appendFile, mkdir, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { LineQueue } from './line-queue.ts'

/** What of the action log is kept. */
export interface ActionLogSettings {
  readonly folder: string
  readonly keepUs: number
  readonly maxBytes: number
}

/** Octets after which a new file is begun. */
const fileBytes = 64 << 20
const namePattern = /^actions-\d{8}T\d{9}Z\.ndjson$/

/** Names of the files of an action log, the oldest first. */
export async function actionFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => namePattern.test(name)).toSorted()
}

/**
 * Every action on every connection, with the rule and what the verdict rests on: a line of JSON
 * each. Files are bounded in age and in size, the oldest goes first. The disk being full or slow
 * costs lines, which are counted, and never an action.
 */
export class ActionLog {
  private readonly queue: LineQueue
  private readonly settings: ActionLogSettings
  private current = ''
  private currentBytes = 0
  private currentDay = ''

  constructor(settings: ActionLogSettings, warn: (text: string) => void) {
    this.settings = settings
    this.queue = new LineQueue(
      (lines) => this.write(lines),
      (error) => {
        const why = error instanceof Error ? error.message : String(error)
        warn(`Actions of the policy cannot be logged: ${why}.`)
      }
    )
  }

  /** Lines that were lost. */
  get lost(): number {
    return this.queue.lost
  }

  /** @param line a report in JSON */
  add(line: string): void {
    this.queue.add(line)
  }

  /** Begins to write what was added. */
  flush(): void {
    this.queue.kick()
  }

  close(): Promise<void> {
    return this.queue.close()
  }

  private async write(lines: readonly string[]): Promise<void> {
    const now = new Date().toISOString()
    const text = `${lines.join('\n')}\n`
    const octets = Buffer.byteLength(text)
    const isFull = this.currentBytes + octets > fileBytes
    if (this.current === '' || this.currentDay !== now.slice(0, 10) || isFull) {
      await mkdir(this.settings.folder, { recursive: true, mode: 0o750 })
      this.current = `actions-${now.replaceAll(/[-:.]/g, '')}.ndjson`
      this.currentDay = now.slice(0, 10)
      this.currentBytes = 0
      await this.prune()
    }
    await appendFile(join(this.settings.folder, this.current), text, { mode: 0o640 })
    this.currentBytes += octets
  }

  private async prune(): Promise<void> {
    const { folder, keepUs, maxBytes } = this.settings
    const files: { readonly path: string; readonly octets: number; readonly atMs: number }[] = []
    for (const name of await actionFiles(folder)) {
      const path = join(folder, name)
      const { size, mtimeMs } = await stat(path)
      files.push({ path, octets: size, atMs: mtimeMs })
    }
    let octets = files.reduce((sum, file) => sum + file.octets, 0) + fileBytes
    for (const file of files) {
      const isOld = Date.now() - file.atMs > keepUs / 1000
      if (!isOld && octets <= maxBytes) continue
      await unlink(file.path)
      octets -= file.octets
    }
  }
}
