import type { LineQueue } from './line-queue.ts'
import type { Verdict } from './outcome.ts'
import { reportAction } from './report.ts'
import type { Target } from './target.ts'

/** Tells a slow place of each connection, a line of JSON for it; `done` is that it will be told. */
export function lineTarget(name: string, queue: LineQueue, closing?: () => void): Target {
  const waiting: Verdict[] = []
  return {
    add: (verdict) => void waiting.push(verdict),
    flush(nowUs, report) {
      for (const verdict of waiting.splice(0)) {
        const line = JSON.stringify(reportAction(name, verdict, 'done', nowUs))
        report(verdict, queue.add(line) ? 'done' : 'limited')
      }
      queue.kick()
    },
    close() {
      closing?.()
      return queue.close()
    },
  }
}
