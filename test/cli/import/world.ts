import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { importConntrack } from '../../../cli/import.ts'
import type { ImportOptions } from '../../../cli/import.ts'
import type { ImportCursor, LedgerSink } from '../../../cli/import/ledger-sink.ts'
import { fields } from '../../../model/fields.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'

/** A ledger in memory that takes a commit whole or, when told to, dies instead. */
export class MemoryLedger implements LedgerSink {
  readonly rows: string[] = []
  readonly cursors = new Map<string, ImportCursor>()
  readonly sources: string[] = []
  commits = 0
  dieAtCommit = Infinity

  register(sourceName: string): Promise<void> {
    this.sources.push(sourceName)
    return Promise.resolve()
  }

  readCursor(key: string): Promise<ImportCursor | undefined> {
    return Promise.resolve(this.cursors.get(key))
  }

  commit({ batches, cursor }: Parameters<LedgerSink['commit']>[0]): Promise<void> {
    if (++this.commits === this.dieAtCommit) return Promise.reject(new Error('killed'))
    const { key, segment, offset } = cursor
    const before = this.cursors.get(key)?.segment ?? -1
    if (segment <= before) return Promise.reject(new Error('the cursor would not move forward'))
    this.cursors.set(key, { segment, offset })
    for (const batch of batches) {
      for (let row = 0; row < batch.length; row++) this.rows.push(rowText(batch, row))
    }
    return Promise.resolve()
  }

  get sorted(): string[] {
    return [...this.rows].sort()
  }
}

function rowText(batch: FlowBatch, row: number): string {
  const wide: Record<string, number> = { address: 4, u64: 2 }
  return fields
    .map(({ name, kind }) => {
      const n = wide[kind] ?? 1
      return [...batch.columns[name].subarray(row * n, (row + 1) * n)].join('.')
    })
    .join(' ')
}

/** A folder for the files of the test that imports this. */
export const folder = mkdtempSync(join(tmpdir(), 'flowledger-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
export function file(content: string | Buffer): string {
  const path = join(folder, `text-${files++}`)
  writeFileSync(path, content)
  return path
}

export function event(us: number, kind: string, i: number, rest = ''): string {
  const time = `${1_700_000_000 + Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}`
  const sport = 1024 + (i % 60_000)
  const inside = `10.0.${(i >> 8) & 255}.${i & 255}`
  return (
    `[${time}]\t[${kind}] udp      17 src=${inside} dst=192.0.2.9 sport=${sport} dport=53 ` +
    `src=192.0.2.9 dst=198.51.100.1 sport=53 dport=${sport} mark=0 id=${i + 1}${rest}\n`
  )
}

/** `count` connections: each begins, and ends `life` connections later. */
export function log(count: number, life = 50): string[] {
  const lines: string[] = []
  for (let i = 0; i < count + life; i++) {
    if (i < count) lines.push(event(i * 1000, 'NEW', i))
    if (i >= life) lines.push(event(i * 1000 + 500, 'DESTROY', i - life))
  }
  return lines
}

export const options: ImportOptions = { source: 'old gateway' }
export const quiet = (): void => {}

export async function imported(paths: readonly string[], more: Partial<ImportOptions> = {}) {
  const ledger = new MemoryLedger()
  const result = await importConntrack(paths, { ...options, ...more }, ledger, quiet)
  return { ledger, result }
}
/** Where a field stands in a row's text. */
export function columnOf(name: string): number {
  return fields.findIndex((field) => field.name === name)
}

/** Slices of connection `i` as [start, end, flags], in microseconds after the log's start. */
export function spans(ledger: MemoryLedger, i: number): number[][] {
  const names = ['flowStartMicroseconds', 'flowEndMicroseconds', 'sliceFlags']
  return ledger.rows
    .map((row) => row.split(' '))
    .filter((row) => row[columnOf('conntrackId')] === String(i + 1))
    .map((row) => names.map((name) => Number(row[columnOf(name)])))
    .map(([from = 0, to = 0, flags = 0]) => [from - 1.7e15, to - 1.7e15, flags])
}
export function withoutFlowId(row: string): string {
  return row.split(' ').toSpliced(columnOf('flowId'), 1).join(' ')
}
