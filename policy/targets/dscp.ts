import { z } from 'zod'
import type { KernelNeed } from '../kernel/needs.ts'
import type { TargetKind } from '../target.ts'
import { LabelTarget } from './label.ts'

/** Code points by their names (RFC 2474, 2597, 3246, 5865, 8622). */
const codePoints: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`cs${i}`, 8 * i])),
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap((group) =>
      [1, 2, 3].map((drop) => [`af${group}${drop}`, 8 * group + 2 * drop])
    )
  ),
  le: 1,
  va: 44,
  ef: 46,
}

const error = `must be a code point: 0 to 63, or one of ${Object.keys(codePoints).join(' ')}`

const schema = z.strictObject({
  type: z.literal('dscp'),
  dscp: z
    .union([z.int().min(0).max(63), z.enum(Object.keys(codePoints))], { error })
    .transform((value) => (typeof value === 'number' ? value : (codePoints[value] ?? 0)))
    .describe('The code point that packets leave with, such as cs5 or 40.'),
})

type Settings = z.output<typeof schema>

/** Writes a code point into packets of the connection, by a rule in flowledger's own table. */
export const dscp: TargetKind<Settings> = {
  text: 'DSCP of the packets of the connection.',
  schema,
  needs(_name, { dscp: value }, { labels }) {
    const bit = labels.own('dscp', value)
    const rules = ['ip', 'ip6'].map((ip): KernelNeed => ({
      kind: 'rule',
      chain: 'mark',
      text: `ct label ${bit} counter ${ip} dscp set ${value} comment "dscp-${value}"`,
    }))
    return [{ kind: 'labels' }, ...rules]
  },
  open: (_name, { dscp: value }, kit) =>
    new LabelTarget([kit.labels.own('dscp', value)], kit, false),
}
