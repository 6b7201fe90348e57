import { readFileSync } from 'node:fs'
import { z } from 'zod'
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
const group = z.looseObject({
  name: z.string().min(1),
  ips: z.array(z.string()).optional(),
  macs: z.array(z.string()).optional(),
})
const schema = z.union([z.array(group), z.looseObject({ groups: z.array(group) })])

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
  const read = schema.safeParse(json)
  if (!read.success) {
    throw new FlowledgerError('rules-invalid', `${path} holds no groups of addresses.`)
  }
  const groups = Array.isArray(read.data) ? read.data : read.data.groups
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

function required<T>(value: T | undefined, path: string, name: string, text: string): T {
  if (value !== undefined) return value
  const message = `${path}: "${text}" of the group ${name} is no address.`
  throw new FlowledgerError('rules-invalid', message)
}
