import { closeSync, existsSync, fdatasync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { Gap, GapReason } from '../model/coverage.ts'
import { gapReasons } from '../model/coverage.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { maxSliceUs } from '../model/limits.ts'
import { extentOf, together } from './extent.ts'
import type { Extent } from './extent.ts'
import type { RowFrameKind } from './spool-frame.ts'

/*
 * `owed` beside the segments, 4096 octets that are there before a disk is full and are written over
 * in place, so that what was lost is known even where nothing more fits and the process is killed:
 *
 *   u32 n | u32 CRC of the n octets | n octets of JSON | zeros
 */
const owedFile = 'owed'
const owedBytes = 4096

const gap = z.strictObject({
  fromUs: z.number(),
  toUs: z.number(),
  reason: z.enum(gapReasons),
  lost: z.number(),
})
const owed = z.strictObject({
  gaps: z.array(gap).max(2 * gapReasons.length),
  opens: gap.optional(),
})
type Lost = z.infer<typeof gap>

/** What a spool lost and has not told yet, one gap a reason. */
export class SpoolLoss {
  readonly #path: string
  readonly #gaps = new Map<GapReason, Lost>()
  /** Gaps that are in a frame, which is not safe on disk yet. */
  #told: readonly Lost[] = []
  /** Open flows that are in no frame: only a crash makes a loss of them. */
  #opens: Lost | undefined
  #fd = -1
  /** True where the file says something else than what is safe on disk. */
  #isUnsure = false

  /** @param directory with what an earlier run still owes */
  constructor(directory: string) {
    this.#path = join(directory, owedFile)
    const { gaps, opens } = readOwed(this.#path)
    for (const one of gaps) this.#keep(one.reason, extentOfGap(one))
    this.#open()
    if (opens === undefined) return
    const toUs = Math.max(opens.fromUs, Math.min(opens.toUs, Date.now() * 1000))
    this.add(opens.reason, { rows: opens.lost, fromUs: opens.fromUs, toUs })
  }

  /** What is to be told, as gaps. */
  get gaps(): readonly Gap[] {
    return [...this.#gaps.values()]
  }

  /**
   * Rows are lost. Open flows are still in the memory of who follows them, and are journalled again
   * within the longest slice: until then a crash would lose them.
   */
  refused(kind: RowFrameKind, reason: GapReason, batch: FlowBatch): void {
    const nowUs = Date.now() * 1000
    const extent = extentOf(batch, nowUs)
    if (batch.length === 0) return
    if (kind !== 'open') return this.add(reason, extent)
    const { rows, fromUs } = together(this.#opens && extentOfGap(this.#opens), extent)
    this.#opens = { reason, lost: rows, fromUs, toUs: nowUs + maxSliceUs }
    this.#write()
  }

  /** Rows of this extent are lost, or may be. */
  add(reason: GapReason, extent: Extent): void {
    this.#keep(reason, extent)
    this.#write()
  }

  /** The gaps are in a frame. */
  told(): void {
    this.#told = [...this.#told, ...this.#gaps.values()].slice(-gapReasons.length)
    this.#gaps.clear()
  }

  /** What was told is safe on disk. */
  safe(): void {
    if (this.#told.length === 0) return
    this.#told = []
    this.#write()
  }

  /** What was told may not be kept, and is to be told again. */
  doubt(): void {
    for (const one of this.#told) this.#keep(one.reason, extentOfGap(one))
    this.#told = []
  }

  /** Forces it to disk; false where something is lost that it does not tell there. */
  async sync(): Promise<boolean> {
    if (this.#fd < 0) return this.#gaps.size === 0 && this.#opens === undefined
    if (!this.#isUnsure) return true
    this.#isUnsure = false
    const failed = await new Promise<unknown>((resolve) => fdatasync(this.#fd, resolve))
    if (failed) this.#isUnsure = true
    return !failed
  }

  close(): void {
    this.#write()
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #keep(reason: GapReason, extent: Extent): void {
    const before = this.#gaps.get(reason)
    const { rows, fromUs, toUs } = together(before && extentOfGap(before), extent)
    this.#gaps.set(reason, { reason, lost: rows, fromUs, toUs })
  }

  #open(): void {
    try {
      const isNew = !existsSync(this.#path)
      this.#fd = openSync(this.#path, isNew ? 'wx+' : 'r+', 0o600)
      if (isNew) writeSync(this.#fd, Buffer.alloc(owedBytes), 0, owedBytes, 0)
    } catch {
      // On a disk that was full before the first start it is kept in memory alone.
      this.#fd = -1
    }
  }

  #write(): void {
    if (this.#opens !== undefined && this.#opens.toUs < Date.now() * 1000) this.#opens = undefined
    if (this.#fd < 0) return
    const bytes = Buffer.alloc(owedBytes)
    const opens = this.#opens === undefined ? {} : { opens: this.#opens }
    const length = bytes.write(
      JSON.stringify({ gaps: [...this.#told, ...this.#gaps.values()], ...opens }),
      8
    )
    bytes.writeUInt32LE(length, 0)
    bytes.writeUInt32LE(crc32(bytes.subarray(8, 8 + length)), 4)
    this.#isUnsure = true
    try {
      writeSync(this.#fd, bytes, 0, owedBytes, 0)
    } catch {
      // A disk that fails altogether: what was lost is still told while this process lives.
    }
  }
}

const extentOfGap = ({ lost, fromUs, toUs }: Lost): Extent => ({ rows: lost, fromUs, toUs })

/** What an earlier run owed; nothing where the file is not there, or half written. */
function readOwed(path: string): z.infer<typeof owed> {
  const none = { gaps: [] }
  if (!existsSync(path)) return none
  const bytes = readFileSync(path)
  if (bytes.length < owedBytes) return none
  const length = bytes.readUInt32LE(0)
  if (length === 0 || length > owedBytes - 8) return none
  const text = bytes.subarray(8, 8 + length)
  if (crc32(text) !== bytes.readUInt32LE(4)) return none
  const parsed = owed.safeParse(JSON.parse(text.toString()))
  return parsed.success ? parsed.data : none
}

/** What an error of the system means for coverage: a disk without room, or one that fails. */
export function reasonOf(error: unknown): GapReason {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'disk-failed'
}
