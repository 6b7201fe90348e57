import { z } from 'zod'
import { maxEntries } from './limits.ts'
import { word32 } from './settings-values.ts'
import { timeOfDaySchema } from './time-of-day.ts'

/** Ours and Netify's: letters that a shell, nft and a file name all take. */
const name = z
  .string()
  .regex(/^[\w.@-]{1,60}$/, { error: 'must be 60 letters, digits, . _ @ - at most' })

const bounded = <T extends z.ZodType>(value: T) =>
  z
    .record(name, value)
    .refine((all) => Object.keys(all).length <= maxEntries, { error: `has at most ${maxEntries}` })

const expressions = z.array(z.string({ error: 'must be an expression or an address' }))

const action = z.strictObject({
  enabled: z.boolean().prefault(true).describe('false: as if it were not there.'),
  interface: z
    .string()
    .prefault('*')
    .describe('Interface on which connections are seen; *, lan and wan as in Netify’s agent.'),
  criteria: z
    .union([z.string(), expressions.min(1)], { error: 'must be an expression or a list of them' })
    .describe('Which connections are meant; of a list any one; * is all.'),
  targets: z.array(z.string()).min(1).describe('Names of what is done to them.'),
  exemptions: expressions
    .prefault([])
    .describe('Addresses, prefixes, @groups and expressions that are not meant.'),
  halt_on_match: z
    .boolean()
    .prefault(false)
    .describe('Actions below this one are not asked where it holds.'),
  time_of_day: z.array(timeOfDaySchema).prefault([]).describe('When it holds; left out: always.'),
})

const wans = z.strictObject({
  mask: word32.prefault('0x3f00').describe('Bits of the mark that say which WAN it is.'),
  interfaces: bounded(word32).describe('WANs by name, each with its mark under that mask.'),
})

const labels = z.strictObject({
  connlabel_conf: z
    .string()
    .optional()
    .describe('File of names of labels; left out: /etc/xtables/connlabel.conf.'),
  max_bits: z.int().min(0).max(127).prefault(127).describe('The highest label there is.'),
  own_bits: z
    .int()
    .min(0)
    .max(61)
    .prefault(60)
    .describe('First of 67 labels that dscp, reset and block use.'),
})

/** A file of policy, in our form; that of Netify is turned into it. */
export const policySchema = z.strictObject({
  time_zone: z.string().optional().describe('Zone of times of day; left out: that of the system.'),
  reevaluate: z
    .boolean()
    .prefault(false)
    .describe('A reload also asks open connections, and takes back what no longer holds.'),
  baseline: z
    .boolean()
    .prefault(true)
    .describe('Connections that began before the policy are neither moved nor reset.'),
  exemptions: expressions.prefault([]).describe('What no action is for.'),
  labels: labels.prefault({}),
  wans: wans.optional(),
  targets: bounded(z.looseObject({ type: z.string(), enabled: z.boolean().prefault(true) })),
  actions: bounded(action),
})

export type PolicySettings = z.output<typeof policySchema>
export type ActionSettings = PolicySettings['actions'][string]
