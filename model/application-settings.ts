import { z } from 'zod'
import { personalModes } from './personal-mode.ts'
import type { PersonalMode } from './personal-mode.ts'

const formats = ['rules', 'netify-apps', 'netify-sink', 'netify-categories', 'v2fly'] as const

const path = z
  .string({ error: 'must be a path' })
  .refine((text) => text.startsWith('/'), { error: 'must be an absolute path' })

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** The configuration of the rules that name applications. */
export const applicationsSchema = z.strictObject({
  rules: z
    .array(z.union([path, z.strictObject({ path, format: z.enum(formats).optional() })]), {
      error: 'must be a list of files, or of {path: …, format: …}',
    })
    .prefault([])
    .describe('Files of rules, the first counts; v2fly lists as a directory.'),
  catalogue: z
    .boolean({ error: 'must be true or false' })
    .prefault(true)
    .describe('Whether the rules that come with flowledger stand behind them.'),
  groups: path
    .optional()
    .describe("Groups of addresses that expressions name @group; Netify's address-groups.json."),
  time_zone: z
    .string()
    .refine(isZone, { error: 'must be a time zone such as Europe/Berlin' })
    .optional()
    .describe('Zone of times of day in expressions; left out: that of this host.'),
  keep_hints: z
    .boolean({ error: 'must be true or false' })
    .prefault(false)
    .describe('Whether what clients asked DNS for, and known flows, are kept over a restart.'),
  personal: z
    .enum(personalModes, { error: `must be ${personalModes.join(', ')}` })
    .prefault('keep')
    .describe(
      'Host names, URLs, user names and the like in verdicts: keep; pseudonymise: by a key of ' +
        'the data directory; omit.'
    ),
})

/** Where names of applications come from. */
export interface ApplicationsConfig {
  readonly rules: readonly {
    readonly path: string
    readonly format?: (typeof formats)[number] | undefined
  }[]
  readonly catalogue: boolean
  readonly groups?: string
  readonly timeZone?: string
  readonly keepHints: boolean
  readonly personal: PersonalMode
}

/** What the file says, read. */
export function applicationsConfigOf(
  file: z.output<typeof applicationsSchema>
): ApplicationsConfig {
  return {
    rules: file.rules.map((rule) => (typeof rule === 'string' ? { path: rule } : rule)),
    catalogue: file.catalogue,
    keepHints: file.keep_hints,
    personal: file.personal,
    ...(file.groups === undefined ? {} : { groups: file.groups }),
    ...(file.time_zone === undefined ? {} : { timeZone: file.time_zone }),
  }
}
