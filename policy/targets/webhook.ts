import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { LineQueue } from '../line-queue.ts'
import { lineTarget } from '../line-target.ts'
import type { TargetKind } from '../target.ts'

const schema = z.strictObject({
  type: z.literal('webhook'),
  url: z
    .url({ protocol: /^https?$/, error: 'must be a URL of http or https' })
    .describe('Where it is posted to, as {"actions": [...]}.'),
  headers: z
    .record(z.string().regex(/^[\w-]{1,64}$/), z.string().max(4096))
    .prefault({})
    .describe('Headers of the request, such as authorization.'),
  max_batch: z.int().min(1).max(1000).prefault(100).describe('Connections of one request.'),
  timeout: z.int().min(1).max(60).prefault(5).describe('Seconds that an answer is waited for.'),
})

type Settings = z.output<typeof schema>

/** Seconds before each further try. */
const pauses = [0.2, 1, 5]

/** Posts what was done to a web service. */
export const webhook: TargetKind<Settings> = {
  text: 'JSON by HTTP POST.',
  schema,
  needs: () => [],
  open(name, { url, headers, max_batch: most, timeout }, kit) {
    let isClosing = false
    const post = async (lines: readonly string[]): Promise<void> => {
      for (const pause of [...pauses, undefined]) {
        const signal = AbortSignal.timeout(timeout * 1000)
        const body = `{"actions":[${lines.join(',')}]}`
        const all = { 'content-type': 'application/json', ...headers }
        try {
          const { status } = await fetch(url, { method: 'POST', headers: all, body, signal })
          if (status < 300) return
          // A refusal of what was sent stays one.
          if (status < 500 && status !== 429) throw new RangeError(`it answers ${status}`)
          if (pause === undefined || isClosing) throw new Error(`it answers ${status}`)
        } catch (error) {
          if (error instanceof RangeError || pause === undefined || isClosing) throw error
        }
        await sleep(pause * 1000)
      }
    }
    const queue = new LineQueue(
      async (lines) => {
        for (let from = 0; from < lines.length; from += most) {
          await post(lines.slice(from, from + most))
        }
      },
      (error) => {
        const why = error instanceof Error ? error.message : 'unknown'
        kit.warn(`${name}: the web service cannot be told: ${why}.`)
      }
    )
    return lineTarget(name, queue, () => {
      isClosing = true
    })
  },
}
