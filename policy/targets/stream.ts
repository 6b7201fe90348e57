import { z } from 'zod'
import { reportAction } from '../report.ts'
import type { Verdict } from '../outcome.ts'
import type { TargetKind } from '../target.ts'

const schema = z.strictObject({ type: z.literal('stream') })

type Settings = z.output<typeof schema>

/** Tells whoever reads the stream of flows. */
export const stream: TargetKind<Settings> = {
  text: 'Message flow_action on the stream of flows.',
  schema,
  needs: () => [],
  open(name, _settings, kit) {
    const waiting: Verdict[] = []
    return {
      add: (verdict) => void waiting.push(verdict),
      flush(nowUs, report) {
        for (const verdict of waiting.splice(0)) {
          kit.stream(reportAction(name, verdict, 'done', nowUs))
          report(verdict, 'done')
        }
      },
    }
  },
}
