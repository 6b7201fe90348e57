import { z } from 'zod'
import { writeMark } from '../../netlink/conntrack-requests.ts'
import { EntryChanges } from '../entry-changes.ts'
import { word32 } from '../settings-values.ts'
import type { Verdict } from '../outcome.ts'
import type { TargetKind } from '../target.ts'

const schema = z.strictObject({
  type: z.literal('mark'),
  mark: word32.describe('The mark, such as 0x20.'),
  mask: word32.prefault('0xffffffff').describe('Bits of the mark that are changed.'),
  shift: z.int().min(0).max(31).prefault(0).describe('Bits by which the mark is shifted left.'),
})

type Settings = z.output<typeof schema>

/** Sets the mark of the connection's entry, so that rules can say `ct mark`. */
export const mark: TargetKind<Settings> = {
  text: 'Mark of the connection (ct mark, -m connmark).',
  schema,
  needs: () => [],
  open(_name, { mark: value, mask, shift }, kit) {
    const changes = new EntryChanges(kit.requests)
    const wanted = (value << shift) >>> 0
    const change = (verdict: Verdict, to: number): void => {
      changes.add(verdict, (writer, sequence, { entry }) => {
        writeMark(writer, sequence, entry, to, mask)
      })
    }
    return {
      add: (verdict) => change(verdict, wanted),
      retract: (verdict) => change(verdict, 0),
      flush: (_nowUs, report) => changes.flush(report),
    }
  },
}
