import { deterministicDefinition } from '../../model/deterministic-definition.ts'
import type { DeterministicDefinition } from '../../model/deterministic-definition.ts'
import { FlowledgerError } from '../../model/errors.ts'

/** Options of commands that describe a pool, as the command line has them. */
export interface PoolFlags {
  readonly inside: string
  readonly outside: readonly string[]
  readonly algorithm: string
  readonly reserved: string
  readonly dynamic: string
  readonly ports?: string | undefined
  readonly subscriberLength?: string | undefined
  readonly allAddresses?: boolean | undefined
  readonly vrf: string
}

function count(text: string, what: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new FlowledgerError('usage', `"${text.slice(0, 20)}" is not a number (${what}).`)
}

/**
 * The definition that the command line describes.
 *
 * @throws FlowledgerError `usage`
 */
export function definitionOf(flags: PoolFlags): DeterministicDefinition {
  const { ports, subscriberLength } = flags
  const given = {
    algorithm: flags.algorithm,
    inside: flags.inside,
    outside: flags.outside,
    reserved_ports: count(flags.reserved, '--reserved'),
    dynamic_factor: count(flags.dynamic, '--dynamic'),
    all_addresses: flags.allAddresses === true,
    vrf: count(flags.vrf, '--vrf'),
    ...(ports === undefined ? {} : { ports_per_subscriber: count(ports, '--ports') }),
    ...(subscriberLength === undefined
      ? {}
      : { subscriber_length: count(subscriberLength, '--subscriber-length') }),
  }
  const parsed = deterministicDefinition.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new FlowledgerError('usage', `${issue?.path.join('.')}: ${issue?.message}.`)
}
