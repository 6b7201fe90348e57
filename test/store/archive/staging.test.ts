import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RowChecksum } from '../../../store/archive/row-checksum.ts'
import { makeSealedRows, sealedColumns } from '../../../store/archive/sealed-columns.ts'
import type { SealedRows } from '../../../store/archive/sealed-columns.ts'
import { literal, openDuckDb } from '../../../store/archive/duckdb.ts'
import { Staging } from '../../../store/archive/staging.ts'
import { firstHourUs, hourUs, randomOf } from './random-flows.ts'

/** Fills rows with what a hostile source could send: all kinds of values, and many that are 0. */
function fillRows(rows: SealedRows, count: number, random: () => number): void {
  rows.length = count
  const word = (): number => (random() < 0.2 ? 0 : Math.floor(random() * 2 ** 32))
  for (const values of Object.values(rows.wide))
    for (let i = 0; i < 2 * count; i++) values[i] = word()
  for (const values of Object.values(rows.words)) for (let i = 0; i < count; i++) values[i] = word()
  for (const values of Object.values(rows.shorts))
    for (let i = 0; i < count; i++) values[i] = word()
  for (const values of Object.values(rows.octets)) {
    for (let i = 0; i < count; i++) {
      values[i] = random() < 0.5 ? undefined : Buffer.from('x'.repeat(Math.floor(random() * 30)))
    }
  }
  for (let row = 0; row < count; row++) {
    // Some addresses of IPv4 have many rows, those of IPv6 are negative.
    const isV6 = random() < 0.2
    rows.wide.public_key[2 * row + 1] = isV6 ? -1 - Math.floor(random() * 9) : 0x6440
    setTime(rows.wide.start_at, row, firstHourUs + Math.floor(random() * hourUs))
    setTime(rows.wide.end_at, row, firstHourUs + Math.floor(random() * 9 * hourUs))
    setTime(rows.wide.connection_start_at, row, Math.floor(random() * firstHourUs))
  }
  for (const [name, nulls] of Object.entries(rows.nulls)) {
    for (let row = 0; row < count; row++) {
      nulls[row] = random() < 0.5 ? 1 : 0
      if (nulls[row] === 1) clear(rows, name as keyof SealedRows['nulls'], row)
    }
  }
}

function setTime(values: Int32Array, row: number, us: number): void {
  values[2 * row] = us % 2 ** 32
  values[2 * row + 1] = Math.floor(us / 2 ** 32)
}

/** What stands where a value is missing is 0. */
function clear({ wide, words, shorts }: SealedRows, name: keyof SealedRows['nulls'], row: number) {
  if (name === 'connection_start_at') wide[name].fill(0, 2 * row, 2 * row + 2)
  else if (name === 'inside_port') shorts[name][row] = 0
  else words[name][row] = 0
}

describe('rows on their way into files', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flowledger-archive-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  test.each([1, 7])('come out of %d files as they went in', async (files) => {
    const staging = await Staging.open(directory)
    const random = randomOf(5)
    const [sent, found] = [new RowChecksum(), new RowChecksum()]
    for (const count of [2048, 2048, 900]) {
      fillRows(staging.rows, count, random)
      sent.add(staging.rows)
      staging.take()
    }
    const ranges = await staging.ranges(files)
    expect(ranges).toHaveLength(files)
    const keys: [bigint, bigint][] = []
    for (const [index, range] of ranges.entries()) {
      const path = join(directory, `${files}.${index}.parquet`)
      await staging.write(path, { 'flowledger.format': '4' }, range)
      const { firstKey, lastKey } = await staging.bounds(path)
      keys.push([BigInt(firstKey) >> 16n, BigInt(lastKey) >> 16n])
      for await (const rows of staging.read(path)) found.add(rows)
    }
    staging.close()
    expect([found.rows, found.digest()]).toEqual([sent.rows, sent.digest()])
    // Each public address is in one file.
    for (const [index, [first]] of keys.entries()) {
      if (index > 0) expect(first).toBeGreaterThan(keys[index - 1]?.[1] ?? first)
    }
  })

  test('a file of the format before is read as it was', async () => {
    const staging = await Staging.open(directory)
    const found = [new RowChecksum(), new RowChecksum()]
    fillRows(staging.rows, 2048, randomOf(8))
    staging.take()
    const [path, before] = [join(directory, 'now.parquet'), join(directory, 'before.parquet')]
    await staging.write(path, { 'flowledger.format': '4' })
    const duckDb = await openDuckDb({ directory, memoryBytes: 64 << 20, threads: 1 })
    await duckDb.run(`copy (select * exclude (held_us),
        make_timestamptz(epoch_us(start_at) + held_us::bigint) as end_at
      from ${literal(path)}) to ${literal(before)}`)
    duckDb.close()
    for await (const rows of staging.read(path)) found[0]?.add(rows)
    const form = { format: 3, joined: 0 }
    for await (const rows of staging.read(before, form)) found[1]?.add(rows)
    staging.close()
    expect(found[0]?.rows).toBe(2048)
    expect(found[1]?.digest()).toEqual(found[0]?.digest())
  })
})

test('a checksum tells each value of each column', () => {
  const rows = makeSealedRows()
  const digestOf = (): string => {
    const checksum = new RowChecksum()
    checksum.add(rows)
    return checksum.digest().toString('hex')
  }
  fillRows(rows, 50, randomOf(6))
  const digests = new Set([digestOf()])
  const numbers = [rows.wide, rows.words, rows.shorts, rows.nulls].flatMap((one) =>
    Object.values<Int32Array | Uint32Array | Uint16Array | Uint8Array>(one)
  )
  for (const values of numbers) {
    values[20] = (values[20] ?? 0) ^ 1
    digests.add(digestOf())
  }
  for (const values of Object.values(rows.octets)) {
    values[20] = values[20] === undefined ? Buffer.of() : undefined
    digests.add(digestOf())
  }
  expect(digests.size).toBe(1 + sealedColumns.length + Object.keys(rows.nulls).length)
})
