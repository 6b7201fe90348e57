import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { LineQueue } from '../line-queue.ts'
import { lineTarget } from '../line-target.ts'
import type { TargetKind } from '../target.ts'

const plain = z.string().regex(/^[\w.@-]{0,100}$/, { error: 'must be letters, digits, . _ @ -' })

const schema = z.strictObject({
  type: z.literal('log'),
  path: z
    .string()
    .startsWith('/', { error: 'must be an absolute path' })
    .prefault('/var/log/flowledger')
    .describe('Folder of the files.'),
  prefix: plain.prefault('policy').describe('What the name of each file begins with.'),
  suffix: plain.prefault('.json').describe('What it ends with.'),
  interval: z.int().min(1).max(86_400).prefault(60).describe('Seconds that one file is for.'),
})

type Settings = z.output<typeof schema>

/** Writes a line of JSON for each connection; files are named by the time at which they begin. */
export const log: TargetKind<Settings> = {
  text: 'A line of JSON in a file.',
  schema,
  needs: () => [],
  open(name, { path, prefix, suffix, interval }, kit) {
    const write = async (lines: readonly string[]): Promise<void> => {
      const seconds = Math.floor(Date.now() / 1000 / interval) * interval
      const stamp = new Date(seconds * 1000).toISOString().replaceAll(/[-:]|\.000/g, '')
      await mkdir(path, { recursive: true })
      await appendFile(join(path, `${prefix}-${stamp}${suffix}`), `${lines.join('\n')}\n`)
    }
    const queue = new LineQueue(write, (error) => {
      kit.warn(`${name} cannot be written: ${error instanceof Error ? error.message : 'unknown'}.`)
    })
    return lineTarget(name, queue)
  },
}
