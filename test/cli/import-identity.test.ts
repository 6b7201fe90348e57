import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { importIdentity } from '../../cli/import-identity.ts'
import type { IdentityImportOptions } from '../../cli/import-identity.ts'
import type { IdentityImportSink } from '../../cli/import/identity-import.ts'
import type { IdentityImportResult } from '../../cli/import/identity-tally.ts'
import type { IdentityFileKind } from '../../model/identity-sources.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { IdentityWriter } from '../../store/identity-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { samples, textOf } from '../collector/identity/conformance/samples.ts'
import { runFlowledger } from './run-flowledger.ts'

const postgres = usePostgres()
const folder = mkdtempSync(join(tmpdir(), 'flowledger-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function file(content: string | Buffer): string {
  const path = join(folder, `file${files++}`)
  writeFileSync(path, content)
  return path
}

const two = (n: number): string => String(n).padStart(2, '0')

/** A lease that is renewed every ten minutes, for many clients. */
function leases(clients: number, rounds = 1, from = 0): string {
  const blocks: string[] = []
  for (let round = from; round < from + rounds; round++) {
    for (let client = 0; client < clients; client++) {
      const at = `2026/03/10 ${two(8 + Math.floor(round / 6))}:${two((round % 6) * 10)}:00`
      const ends = `2026/03/10 ${two(9 + Math.floor(round / 6))}:${two((round % 6) * 10)}:00`
      const mac = `02:00:00:00:${(client >>> 8).toString(16).padStart(2, '0')}:${(client & 255)
        .toString(16)
        .padStart(2, '0')}`
      blocks.push(
        `lease 10.0.${client >>> 8}.${client & 255} {\n  starts 2 ${at};\n  ends 2 ${ends};\n` +
          `  binding state active;\n  hardware ethernet ${mac};\n}\n`
      )
    }
  }
  return blocks.join('')
}

class Dying extends Error {}

describe.skipIf(skipPostgres)('import of identities', () => {
  let database: Database
  let name = ''
  let writes = 0
  let dieAt = Infinity

  beforeEach(() => {
    name = `source ${files++}`
    writes = 0
    dieAt = Infinity
    database ??= openDatabase(postgres.urls.identity)
  })
  afterAll(() => database.close())

  function sinkFor(kind: IdentityFileKind): IdentityImportSink {
    const writer = new IdentityWriter(database, { name, kind })
    return {
      readCursor: (key) => writer.readCursor(key),
      collect() {
        const collected = writer.collect()
        return {
          add: (events) => collected.add(events),
          get size() {
            return collected.size
          },
          get keys() {
            return collected.keys
          },
          write: (progress) =>
            ++writes === dieAt ? Promise.reject(new Dying()) : collected.write(progress),
        }
      },
    }
  }

  function run(
    paths: readonly string[],
    options: Partial<IdentityImportOptions> = {}
  ): Promise<IdentityImportResult> {
    const given = { kind: 'dhcpd' as const, ...options }
    return importIdentity(paths, given, sinkFor(given.kind), () => {})
  }

  async function holdings(): Promise<string[]> {
    const rows = await database.query<{ text: string }>('list holdings', {
      text: `select concat_ws(' ', prefix, mac, user_name, start_at at time zone 'UTC',
               sure_until at time zone 'UTC', end_at at time zone 'UTC') as text
             from identity.holdings where source = $1 order by 1`,
      values: [name],
    })
    return rows.map(({ text }) => text)
  }

  async function counts(): Promise<unknown> {
    const [row] = await database.query('read counts', {
      text: `select read_count::int as read, unknown_count::int as unknown,
               refused_count::int as refused from identity.source where name = $1`,
      values: [name],
    })
    return row
  }

  test('the same file again adds nothing, under any name, compressed or not', async () => {
    const path = file(leases(300, 3))
    expect(await run([path])).toMatchObject({ lines: 5400, events: 900, known: [] })
    const before = await holdings()
    expect(before).toHaveLength(300)
    expect(before[0]).toBe(
      '10.0.0.0/32 02:00:00:00:00:00 2026-03-10 08:00:00 2026-03-10 08:20:00 2026-03-10 09:20:00'
    )
    const moved = join(folder, `moved${files++}`)
    renameSync(path, moved)
    for (const again of [moved, file(gzipSync(readFileSync(moved)))]) {
      expect(await run([again])).toMatchObject({ lines: 0, events: 0, known: [again] })
    }
    expect(await holdings()).toEqual(before)
    expect(await counts()).toEqual({ read: 5400, unknown: 0, refused: 0 })
  })

  test('a file that has grown, the cut block included: only the rest is read', async () => {
    const whole = leases(800, 3)
    const path = file(whole.slice(0, 100_000))
    const first = await run([path])
    expect(first.refused).toEqual({ cut: 1 })
    writeFileSync(path, whole)
    const second = await run([path])
    expect(second.known).toEqual([path])
    expect(first.events + second.events).toBe(2400)
    appendFileSync(path, leases(800, 1, 3))
    expect(await run([path])).toMatchObject({ events: 800, known: [path] })
    const all = await holdings()
    name += ' at once'
    await run([file(readFileSync(path))])
    expect(await holdings()).toEqual(all)
  })

  test('one that only begins as another did is another', async () => {
    const same = leases(800, 2)
    await run([file(same + leases(10, 1, 5))])
    expect(await run([file(same + leases(20, 1, 7))])).toMatchObject({ events: 1620, known: [] })
  })

  test('killed at any write and run again: the same holdings', async () => {
    const path = file(leases(400, 36))
    const often = { commitEvents: 1000 }
    await run([path], often)
    const expected = await holdings()
    const total = writes
    expect(total).toBeGreaterThan(3)
    for (let at = 1; at <= total; at++) {
      name = `killed at ${at}`
      writes = 0
      dieAt = at
      await expect(run([path], often)).rejects.toBeInstanceOf(Dying)
      dieAt = Infinity
      await run([path], often)
      expect(await holdings()).toEqual(expected)
    }
  })

  test('interrupted by a signal: what is there is written, the next run goes on', async () => {
    const path = file(leases(1000, 24))
    const stop = new AbortController()
    const sink = sinkFor('dhcpd')
    const first = await importIdentity([path], { kind: 'dhcpd', signal: stop.signal }, sink, () =>
      stop.abort()
    )
    expect(first.interrupted).toBe(true)
    const second = await run([path])
    expect(second.known).toEqual([path])
    expect(first.events + second.events).toBe(24_000)
    expect(first.events).toBeGreaterThan(0)
  })

  test.each(Object.entries(samples))('every format reaches the store: %s', async (_, sample) => {
    const { patterns } = sample.options ?? {}
    const zoned = sample.options?.zone === undefined ? {} : { tz: 'Europe/Berlin' }
    const atUs = Date.UTC(2026, 2, 11) * 1000
    const options = { kind: sample.kind, patterns, atUs, ...zoned }
    const result = await run([file(textOf(sample))], options)
    expect(result).toMatchObject({ unknown: 0, refused: {} })
    expect((await holdings()).length).toBeGreaterThanOrEqual(sample.records.length)
  })

  test('standard input; damaged gzip; several files', async () => {
    const stdin = Readable.from([leases(2).slice(0, 77), leases(2).slice(77)])
    expect(await run(['-'], { stdin })).toMatchObject({ events: 2 })
    const gz = gzipSync(leases(3000, 2))
    const cut = file(gz.subarray(0, gz.length >> 1))
    const { events, damaged } = await run([cut, file(leases(5))])
    expect(damaged).toEqual([cut])
    expect(events).toBeGreaterThan(5)
  })

  test('what is nothing of the kind, or needs a zone, is said and not taken as done', async () => {
    const other = file('hello\nworld\n')
    for (let twice = 0; twice < 2; twice++) {
      await expect(run([other])).rejects.toMatchObject({
        code: 'usage',
        message: `${other} holds nothing of the kind dhcpd (unknown: 2).`,
      })
    }
    const { kind, header, records } = samples['dnsmasqLog'] ?? {
      kind: 'dnsmasq',
      header: '',
      records: [],
    }
    const log = file(header + records.join(''))
    await expect(run([log], { kind })).rejects.toMatchObject({ code: 'time-zone-missing' })
    expect(await run([log], { kind, tz: 'UTC', year: 2026 })).toMatchObject({ events: 4 })
    await expect(run([join(folder, 'no such file')])).rejects.toMatchObject({ code: 'usage' })
    await expect(run([log], { kind, tz: 'CET' })).rejects.toMatchObject({ code: 'time-invalid' })
  })

  test('as a command', async () => {
    const path = file(leases(3) + 'lease 10.0.9.9 {\n')
    const argv = ['import', 'dhcpd', path, '--data-dir', postgres.dataDir, '--source', 'gw1']
    const { code, stdout } = runFlowledger([...argv, '-o', 'json'])
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 0,
      events: 3,
      refused: { cut: 1 },
    })
    expect(runFlowledger(argv).stdout).toContain('imported before')
    name = 'import:gw1 dhcpd'
    expect(await holdings()).toHaveLength(3)
    const logins = ['import', 'logins', path, '--data-dir', postgres.dataDir]
    const pattern = runFlowledger([...logins, '--pattern', '{time}'])
    expect(pattern.code).toBe(2)
    expect(pattern.stderr).toContain('has no {ip} or {mac}')
  })
})
