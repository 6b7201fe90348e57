import { z } from 'zod'
import { LabelCut, exactTtl } from '../cut-target.ts'
import { cutRules, cutSets, exactFields } from '../kernel/cut-rules.ts'
import { MovedOnce } from '../moved-once.ts'
import { Paced } from '../paced.ts'
import { duration, rate } from '../settings-values.ts'
import type { TargetKind } from '../target.ts'

const schema = z.strictObject({
  type: z.literal('reset'),
  again_after: duration
    .prefault('10m')
    .describe('A client that comes back to the service in this time is not reset again.'),
  rate: rate.prefault('50/s').describe('Connections that are reset at most.'),
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
    const paced = new Paced(settings.rate)
    return {
      add: (verdict) => paced.add(verdict),
      get isWaiting() {
        return paced.isWaiting
      },
      flush(nowUs, report) {
        paced.flush(nowUs, report, (verdict, pass) => {
          const isOld = verdict.entry.startUs < kit.sinceUs
          if (isOld || once.isRepeated(verdict, nowUs))
            report(verdict, isOld ? 'baseline' : 'again')
          else if (!pass()) return false
          else {
            once.note(verdict, nowUs)
            cut.add(verdict)
          }
          return true
        })
        cut.flush(nowUs, report)
      },
    }
  },
}
