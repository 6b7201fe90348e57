import { readFileSync } from 'node:fs'
import type { AddressGroup } from '../../criteria/names.ts'
import { parsePrefix } from '../../model/address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { normaliseMac } from '../../model/mac.ts'

/*
 * address-groups.json, as Netify's agent has it:
 *
 *   [ { "name": "office", "ips": ["192.0.2.0/24"], "macs": ["00:11:22:33:44:55"] }, ... ]
 *
 * alone or as the member "groups" of an object.
 */
interface Group {
  readonly name: string
  readonly ips?: readonly string[]
  readonly macs?: readonly string[]
}

/**
 * Reads groups of addresses.
 *
 * @throws FlowledgerError `rules-invalid`, saying which entry is wrong
 */
export function readAddressGroups(path: string): ReadonlyMap<string, AddressGroup> {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new FlowledgerError('rules-invalid', `${path}: ${message}.`)
  }
  const groups = (json as { groups?: unknown } | null)?.groups ?? json
  if (!Array.isArray(groups) || !groups.every(isGroup)) {
    throw new FlowledgerError('rules-invalid', `${path} holds no groups of addresses.`)
  }
  return new Map(
    groups.map(({ name, ips = [], macs = [] }) => [
      name,
      {
        prefixes: ips.map((text) => required(parsePrefix(text), path, name, text)),
        macs: macs.map((text) => required(normaliseMac(text), path, name, text)),
      },
    ])
  )
}

// By hand: commands that read a file and are done would spend more on loading zod than on rules.
function isGroup(value: unknown): value is Group {
  if (typeof value !== 'object' || value === null) return false
  const { name, ips, macs } = value as Record<string, unknown>
  return typeof name === 'string' && name !== '' && isTexts(ips) && isTexts(macs)
}

const isTexts = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.every((one: unknown) => typeof one === 'string'))

function required<T>(value: T | undefined, path: string, name: string, text: string): T {
  if (value !== undefined) return value
  const message = `${path}: "${text}" of the group ${name} is no address.`
  throw new FlowledgerError('rules-invalid', message)
}
