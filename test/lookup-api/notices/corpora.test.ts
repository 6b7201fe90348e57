import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseAddress } from '../../../model/address.ts'
import { formatInstant } from '../../../model/time.ts'
import { messageJson } from '../../../lookup-api/notices/present.ts'
import { skipUnless } from '../../skip.ts'
import { read } from './reading.ts'

/** The corpora beside the checkout, where they are. */
const root = [
  fileURLToPath(new URL('../../../../shared/corpora/notices', import.meta.url)),
  '/work/shared/corpora/notices',
].find((path) => existsSync(path))
const missing = root === undefined ? 'the corpora are not beside the checkout' : undefined
const folder = root ?? ''

/** Values as XML Schema compares them: `1` is true, a number is its digits, ends are trimmed. */
function lexical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lexical)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, lexical(one)]))
  }
  const text = String(value).trim().replaceAll(/\s+/g, ' ')
  return text === 'true' ? '1' : text === 'false' ? '0' : text
}

describe.skipIf(skipUnless('program', missing))('ACNS', () => {
  test.each(['1.1', '1.2'])('every field of the full document, version %s', async (version) => {
    const xml = readFileSync(join(folder, 'acns', `full-${version}.xml`))
    const expected: unknown = parse(
      readFileSync(join(folder, 'acns', `full-${version}.yaml`), 'utf8')
    )
    const [notice, ...more] = messageJson(await read(xml)).notices
    expect(more).toEqual([])
    expect(lexical(notice?.fields)).toEqual(lexical(expected))
    expect(notice).toMatchObject({ format: 'acns', version, id: 'A1234567' })
    expect(notice?.sightings).toMatchObject([
      { ip: '168.1.1.145', port: 21123, at: '2008-08-30T12:34:53.000Z', uncertain: false },
    ])
    expect(notice?.also_seen).toEqual([
      { from: ['2008-08-30T12:34:53.000Z'], to: ['2008-08-30T14:32:00.000Z'] },
      { from: ['2008-08-30T18:04:22.000Z'], to: ['2008-08-30T20:45:23.000Z'] },
    ])
  })
})

type Json = Readonly<Record<string, unknown>>

/** What a sample says, by the names of its version of the format. */
function said(json: Json): Json {
  if (json['xarf_version'] !== undefined) return json
  const report = json['Report'] as Json
  const source = report['Source'] as Json
  const more = report['AdditionalInfo'] as Json
  return {
    source_identifier: source['IP'] ?? source['URL'],
    source_port: source['Port'],
    timestamp: report['Date'],
    destination_ip: more['DestinationIP'],
    destination_port: more['DestinationPort'],
  }
}

const samples = root === undefined ? [] : readdirSync(join(folder, 'xarf'))

describe.skipIf(skipUnless('program', missing))('X-ARF', () => {
  test.each(samples)('%s', async (name) => {
    const text = readFileSync(join(folder, 'xarf', name), 'utf8')
    const sample = said(JSON.parse(text) as Json)
    const source = String(sample['source_identifier'])
    const { notices } = messageJson(await read(text))
    const isAddress = parseAddress(source) !== undefined
    expect(notices).toHaveLength(1)
    expect(notices[0]?.sightings).toMatchObject([
      {
        ip: isAddress ? source : null,
        ip_given: isAddress ? null : source,
        port: sample['source_port'] ?? null,
        at: formatInstant(Date.parse(String(sample['timestamp'])) * 1000),
        destination_ip: sample['destination_ip'] ?? null,
        destination_port: sample['destination_port'] ?? null,
        uncertain: false,
      },
    ])
    expect(notices[0]?.sightings[0]?.missing.includes('ip')).toBe(!isAddress)
  })
})
