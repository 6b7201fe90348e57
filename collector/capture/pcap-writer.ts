import { closeSync, constants, ftruncateSync, lstatSync, mkdirSync, openSync } from 'node:fs'
import { readdirSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Frame } from './frame.ts'

/*
 * draft-ietf-opsawg-pcap, little endian: a header of 24 octets and 16 before each frame
 * (pcap.ts draws both), time in us.
 */
const headerBytes = 24
const recordBytes = 16
const magicUs = 0xa1b2c3d4

/** Octets that are gathered before they are written. */
const gatheredBytes = 65_536
/** Files of different link types that are written at one time. */
const mostOpen = 2
/** After a failure nothing is written for so long (ms). */
const pauseMs = 60_000

const ownName = /^unknown-\d{13}-\d{6}-\d+\.pcap$/

export interface PcapFolderOptions {
  readonly directory: string
  /** Most that all files take together; the oldest goes first. */
  readonly maxOctets: number
  /** A file of that size is ended, and the next begun; a quarter of `maxOctets` at most. */
  readonly fileOctets: number
  readonly snapLength: number
}

interface OpenFile {
  readonly fd: number
  readonly name: string
  /** Octets that are in it, and those that wait in `gathered`. */
  size: number
  readonly gathered: Uint8Array
  waiting: number
  frames: number
}

/**
 * A folder of pcap files that never grows over its bound: one file for each link type at a time, a
 * new one when it is full, and the oldest deleted for it. Only its owner can read them, and only
 * files with names of ours are ever deleted.
 */
export class PcapFolder {
  /** Frames that were written, and those that could not be. */
  readonly counters = { written: 0, failed: 0, deletedFiles: 0 }
  private readonly options: PcapFolderOptions
  private readonly warn: (text: string) => void
  private readonly open = new Map<number, OpenFile>()
  private pausedUntilMs = 0
  private files = 0

  /** @throws where the directory cannot be made or read */
  constructor(options: PcapFolderOptions, warn: (text: string) => void) {
    this.options = options
    this.warn = warn
    mkdirSync(options.directory, { recursive: true, mode: 0o700 })
    this.makeRoom()
  }

  /** Takes a frame; it is copied. */
  write(frame: Frame): void {
    const length = Math.min(frame.end - frame.at, this.options.snapLength)
    const size = recordBytes + length
    const file = this.fileFor(frame.linkType, size)
    if (file === undefined) {
      this.counters.failed++
      return
    }
    const { gathered, waiting } = file
    const view = new DataView(gathered.buffer, waiting)
    view.setUint32(0, Math.floor(frame.timeUs / 1e6), true)
    view.setUint32(4, Math.floor(frame.timeUs % 1e6), true)
    view.setUint32(8, length, true)
    view.setUint32(12, frame.wireLength, true)
    gathered.set(frame.buffer.subarray(frame.at, frame.at + length), waiting + recordBytes)
    file.waiting += size
    file.frames++
  }

  /** Writes what was gathered. */
  flush(): void {
    for (const [linkType, file] of this.open) this.flushFile(linkType, file)
  }

  close(): void {
    this.flush()
    for (const linkType of this.open.keys()) this.end(linkType)
  }

  /** The open file of that kind with room for so many octets; undefined where none can be had. */
  private fileFor(linkType: number, size: number): OpenFile | undefined {
    let file = this.open.get(linkType)
    if (file !== undefined && file.size + file.waiting + size > this.options.fileOctets) {
      this.flushFile(linkType, file)
      this.end(linkType)
      file = undefined
    }
    file ??= this.begin(linkType)
    if (file !== undefined && file.waiting + size > file.gathered.length) {
      this.flushFile(linkType, file)
      file = this.open.get(linkType)
    }
    return file
  }

  private begin(linkType: number): OpenFile | undefined {
    if (Date.now() < this.pausedUntilMs) return undefined
    const [oldest] = this.open.keys()
    if (oldest !== undefined && this.open.size >= mostOpen) {
      this.flush()
      this.end(oldest)
    }
    const number = String(this.files++ % 1e6).padStart(6, '0')
    const name = `unknown-${Date.now()}-${number}-${linkType}.pcap`
    const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
    const flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW
    try {
      this.makeRoom()
      const fd = openSync(join(this.options.directory, name), flags, 0o600)
      const gathered = new Uint8Array(gatheredBytes + recordBytes + this.options.snapLength)
      const file = { fd, name, size: 0, gathered, waiting: headerBytes, frames: 0 }
      const view = new DataView(gathered.buffer)
      view.setUint32(0, magicUs, true)
      view.setUint16(4, 2, true)
      view.setUint16(6, 4, true)
      view.setUint32(16, this.options.snapLength, true)
      view.setUint32(20, linkType, true)
      this.open.set(linkType, file)
      return file
    } catch (error) {
      this.pause(error)
      return undefined
    }
  }

  private flushFile(linkType: number, file: OpenFile): void {
    if (file.waiting === 0) return
    try {
      let done = 0
      while (done < file.waiting) {
        done += writeSync(file.fd, file.gathered, done, file.waiting - done, file.size + done)
      }
      file.size += file.waiting
      this.counters.written += file.frames
    } catch (error) {
      this.counters.failed += file.frames
      this.pause(error)
      try {
        // Half a record would make the rest of the file unreadable.
        ftruncateSync(file.fd, file.size)
      } catch {
        // What is there stays; readers say where it is cut off.
      }
      this.end(linkType)
    }
    file.waiting = 0
    file.frames = 0
  }

  private end(linkType: number): void {
    const file = this.open.get(linkType)
    this.open.delete(linkType)
    if (file !== undefined) closeSync(file.fd)
  }

  private pause(error: unknown): void {
    this.pausedUntilMs = Date.now() + pauseMs
    const why = error instanceof Error ? error.message : String(error)
    this.warn(`Packets of unknown connections are not kept for a minute: ${why}`)
  }

  /** Deletes the oldest files of ours until one more, and what is open, fit. */
  private makeRoom(): void {
    const { directory, maxOctets, fileOctets } = this.options
    const inUse = new Set([...this.open.values()].map(({ name }) => name))
    const closed = readdirSync(directory)
      .filter((name) => ownName.test(name) && !inUse.has(name))
      .sort()
      .map((name) => ({ path: join(directory, name), stat: lstatSync(join(directory, name)) }))
      .filter(({ stat }) => stat.isFile())
    let total = (inUse.size + 1) * fileOctets
    for (const { stat } of closed) total += stat.size
    for (const { path, stat } of closed) {
      if (total <= maxOctets) return
      unlinkSync(path)
      total -= stat.size
      this.counters.deletedFiles++
    }
  }
}
