import { createHmac, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { metadataFields } from '../../model/classification.ts'
import type { Classification, Metadata, MetadataName } from '../../model/classification.ts'
import type { PersonalMode } from '../../model/personal-mode.ts'

/** Where the key of pseudonyms is, under the data directory (0600). */
const keyFile = 'pseudonym.key'
const keyBytes = 32

const personal: readonly MetadataName[] = metadataFields.flatMap((field) =>
  'personal' in field ? [field.name] : []
)

/** Stands in evidence for what is left out. */
const leftOut = '[left out]'

/** Makes what tells about a person unreadable in a verdict, or leaves it out. */
export type Veil = (found: Classification) => Classification

/** The key that pseudonyms are made with, made where there is none yet. */
function readKey(dataDir: string): Buffer {
  const path = join(dataDir, keyFile)
  mkdirSync(dataDir, { recursive: true })
  try {
    writeFileSync(path, randomBytes(keyBytes), { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path)
}

/** `p-` and 20 hexadecimal digits: the same for the same text, as long as the key is. */
function pseudonym(key: Buffer, text: string): string {
  return `p-${createHmac('sha256', key).update(text).digest('hex').slice(0, 20)}`
}

/**
 * What the configuration wants done with fields that are marked as personal (model/classification),
 * before anybody is told of a verdict: the stream, the ledger, records or rules that act.
 */
export function makeVeil(mode: PersonalMode, dataDir: string): Veil {
  if (mode === 'keep') return (found) => found
  const key = mode === 'pseudonymise' ? readKey(dataDir) : undefined
  const veiled = (text: string): string => (key === undefined ? leftOut : pseudonym(key, text))
  return (found) => veil(found, veiled, key !== undefined)
}

function veil(found: Classification, veiled: (text: string) => string, keep: boolean) {
  const metadata: Record<string, Metadata[MetadataName]> = { ...found.metadata }
  const replaced = new Map<string, string>()
  const hide = (text: string): string => {
    const known = replaced.get(text) ?? veiled(text)
    replaced.set(text, known)
    return known
  }
  for (const name of personal) {
    const value = metadata[name]
    if (value === undefined) continue
    const hidden = Array.isArray(value)
      ? value.map((one) => hide(String(one)))
      : hide(String(value))
    if (keep) metadata[name] = hidden
    else delete metadata[name]
  }
  if (replaced.size === 0) return found
  // Evidence tells what was seen, in words: names stand there too.
  const longest = [...replaced].sort(([a], [b]) => b.length - a.length)
  const evidence = found.evidence.map((one) => ({
    ...one,
    what: longest.reduce(
      (what, [text, by]) => (text === '' ? what : what.replaceAll(text, by)),
      one.what
    ),
  }))
  return { ...found, metadata, evidence }
}
