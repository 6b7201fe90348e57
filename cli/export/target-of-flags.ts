import { FlowledgerError } from '../../model/errors.ts'
import { exportTargetOf, exporterSchema } from '../../model/export-targets.ts'
import type { ExportTarget } from '../../model/export-targets.ts'
import { notInLedger } from './slice-batches.ts'

/** The options of `export` that say what records are, and where they go. */
export interface TargetFlags {
  readonly format: string
  readonly target?: string
  readonly transport?: string
  readonly rate?: string
  readonly directions?: string
  readonly views?: string
  readonly records?: string
  readonly domain?: string
  readonly mtu?: string
}

/** A number where the text is one; what is not one is left for the schema to refuse. */
const number = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text)

/**
 * The flags as a target of the configuration, checked by the same rules.
 *
 * @throws FlowledgerError `usage`
 */
export function targetOfFlags(flags: TargetFlags): ExportTarget {
  const { format, target, transport, rate, directions, views, records, domain, mtu } = flags
  const given = {
    protocol: format,
    // Standard output is told as a file is: what the two need is the same.
    ...(target === undefined ? { path: '/dev/stdout' } : { address: target }),
    ...(transport === undefined ? {} : { transport }),
    ...(rate === undefined ? {} : { rate: number(rate) }),
    ...(directions === undefined ? {} : { directions }),
    ...(views === undefined ? {} : { views }),
    ...(records === undefined ? {} : { records }),
    ...(domain === undefined ? {} : { domain: number(domain) }),
    ...(mtu === undefined ? {} : { mtu: number(mtu) }),
  }
  // NetFlow of old goes to a file too here, which no target of the configuration does.
  const checkedAs = target === undefined && format !== 'ipfix'
  const asked = checkedAs ? { ...given, path: undefined, address: '127.0.0.1:9' } : given
  const parsed = exporterSchema.safeParse({ targets: [asked] })
  const file = parsed.success ? parsed.data.targets[0] : undefined
  if (file !== undefined) return { ...exportTargetOf(file), unknown: notInLedger }
  const issue = parsed.error?.issues[0]
  const option = issue?.path.at(-1)
  const named = typeof option === 'string' ? `--${option}: ` : ''
  throw new FlowledgerError('usage', `${named}${issue?.message ?? 'cannot be taken'}.`)
}
