import { z } from 'zod'
import { LabelCut, exactTtl } from '../cut-target.ts'
import { cutRules, cutSets, exactFields } from '../kernel/cut-rules.ts'
import { MovedOnce } from '../moved-once.ts'
import { duration } from '../settings-values.ts'
import type { Verdict } from '../outcome.ts'
import type { TargetKind } from '../target.ts'

const schema = z.strictObject({
  type: z.literal('reset'),
  again_after: duration
    .prefault('10m')
    .describe('A client that comes back to the service in this time is not reset again.'),
})

type Settings = z.output<typeof schema>

/** Resets the connection, both ends, once. */
export const reset: TargetKind<Settings> = {
  text: 'Resets this connection, once: whoever has it starts over.',
  schema,
  needs(name, _settings, { labels }) {
    return [
      { kind: 'labels' },
      ...cutRules('reset', `ct label ${labels.own('reset')}`, 'reset'),
      ...cutSets(name, exactFields, 'reset', exactTtl),
    ]
  },
  open(name, settings, kit) {
    const cut = new LabelCut(name, kit.labels.own('reset'), kit)
    const once = new MovedOnce(settings.again_after)
    const waiting: Verdict[] = []
    return {
      add: (verdict) => void waiting.push(verdict),
      flush(nowUs, report) {
        for (const verdict of waiting.splice(0)) {
          if (verdict.entry.startUs < kit.sinceUs) report(verdict, 'baseline')
          else if (once.isRepeated(verdict, nowUs)) report(verdict, 'again')
          else {
            once.note(verdict, nowUs)
            cut.add(verdict)
          }
        }
        cut.flush(nowUs, report)
      },
    }
  },
}
