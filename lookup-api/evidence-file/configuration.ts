import { formatWords, isV4 } from '../../model/address.ts'
import type { Prefix } from '../../model/address.ts'
import { canonicalJson } from '../../model/canonical-json.ts'
import type { Config } from '../../model/config.ts'
import { sha256 } from './envelope.ts'

/**
 * The configuration in force, as evidence carries it: the parts that decide an answer in full, and
 * a digest of everything, so that it can be shown later whether a file on hand is that one.
 */
export interface ConfigurationInForce {
  /** SHA-256 (hexadecimal) of the canonical JSON of the configuration without secrets. */
  readonly sha256: string
  /** Null where it is not configured whose addresses are whose. */
  readonly networks: {
    readonly inside: readonly string[]
    readonly public: readonly { readonly prefix: string; readonly source: string | null }[]
  } | null
  /** The rules of access: who may see what, and what needs a second person. */
  readonly access: unknown
}

/** Values that are secret, or hold one (a URL with a password): never hashed, never shown. */
const secretName =
  /secret|password|passphrase|token|credential|url|private|authorization|header|key/i

const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A value as JSON holds it, without what its digest would help to guess. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (value instanceof Map) return withoutSecrets(Object.fromEntries(value))
  if (value instanceof Set) return [...value].map(withoutSecrets)
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' || typeof value === 'symbol' ? undefined : value
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !secretName.test(name))
      .map(([name, member]) => [snakeCase(name), withoutSecrets(member)])
  )
}

function prefixText({ words, length }: Prefix): string {
  const bits = isV4(words[0], words[1], words[2]) && length >= 96 ? length - 96 : length
  return `${formatWords(words)}/${bits}`
}

/** What evidence says of a configuration. */
export function describeConfiguration(config: Config): ConfigurationInForce {
  const { networks } = config
  const whole = withoutSecrets(config) as Readonly<Record<string, unknown>>
  return {
    sha256: sha256(canonicalJson(whole)),
    networks:
      networks === undefined
        ? null
        : {
            inside: networks.inside.map(prefixText),
            public: networks.public.map(({ prefix, source }) => ({
              prefix: prefixText(prefix),
              source: source ?? null,
            })),
          },
    access: whole['access'] ?? null,
  }
}
