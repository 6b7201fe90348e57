import { createHash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SealedFile } from './catalogue.ts'
import { hashPart, parseIndex } from './file-index.ts'
import type { FileIndex, FilePart } from './file-index.ts'

/** Why a file is not read. */
export const damages = ['missing', 'truncated', 'altered', 'unreadable'] as const

export type Damage = (typeof damages)[number]

/** A file that is not what the catalogue says. */
export class DamagedFile extends Error {
  readonly damage: Damage

  constructor(damage: Damage, message: string) {
    super(message)
    this.damage = damage
  }
}

/** Paths that the catalogue may name: nothing leads out of the archive. */
const pathPattern = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.parquet$/

const partsOfWhole = (file: SealedFile): FileIndex => ({
  rows: file.rows,
  parts: [
    {
      offset: 0,
      octets: file.octets,
      rows: file.rows,
      firstKey: file.firstKey,
      lastKey: file.lastKey,
      sha256: file.sha256,
    },
  ],
})

/**
 * A sealed file whose octets are proved before they are read, each part when it is first wanted and
 * whenever the file looks changed since.
 */
export class ProvedFile {
  readonly path: string
  readonly #file: SealedFile
  readonly #proved = new Set<FilePart>()
  #index: FileIndex | undefined
  #stamp = ''

  constructor(directory: string, file: SealedFile) {
    this.path = join(directory, file.path)
    this.#file = file
  }

  /**
   * The parts that may hold keys in [first, last], all of them proved, and the footer with them.
   *
   * @throws DamagedFile
   */
  async prove(first: bigint, last: bigint): Promise<readonly FilePart[]> {
    if (!pathPattern.test(this.#file.path)) {
      throw new DamagedFile('unreadable', `the catalogue names ${JSON.stringify(this.#file.path)}`)
    }
    await this.#look()
    this.#index ??= await this.#readIndex()
    const { parts } = this.#index
    const wanted = parts.filter(
      ({ rows, firstKey, lastKey }) => rows > 0 && firstKey <= last && lastKey >= first
    )
    if (wanted.length === 0) return wanted
    const footer = parts.filter(({ rows }) => rows === 0)
    const unproved = [...wanted, ...footer].filter((part) => !this.#proved.has(part))
    if (unproved.length > 0) await this.#hash(unproved)
    return wanted
  }

  /**
   * Proves all of the file, from the first octet to the last.
   *
   * @throws DamagedFile
   */
  async proveAll(): Promise<void> {
    await this.prove(-(2n ** 63n), 2n ** 63n - 1n)
  }

  /**
   * Sees that the file is there and as long as it should be.
   *
   * @throws DamagedFile
   */
  async lookAt(): Promise<void> {
    await this.#look()
  }

  /** Sees that the file is there, as long as it should be, and untouched since it was proved. */
  async #look(): Promise<void> {
    const found = await stat(this.path, { bigint: true }).catch((error: unknown) => {
      throw damageOf(error)
    })
    if (found.size !== BigInt(this.#file.octets)) {
      const message = `it has ${found.size} of ${this.#file.octets} octets`
      throw new DamagedFile('truncated', message)
    }
    const stamp = `${found.ino} ${found.mtimeNs} ${found.ctimeNs}`
    if (stamp !== this.#stamp) this.#proved.clear()
    this.#stamp = stamp
  }

  async #readIndex(): Promise<FileIndex> {
    const { indexSha256, octets } = this.#file
    if (indexSha256 === undefined) return partsOfWhole(this.#file)
    const text = await readFile(`${this.path}.index`, 'utf8').catch((error: unknown) => {
      throw damageOf(error)
    })
    if (createHash('sha256').update(text).digest('hex') !== indexSha256) {
      throw new DamagedFile('altered', 'its index is not the one that was sealed')
    }
    return parseIndex(text, octets)
  }

  async #hash(parts: readonly FilePart[]): Promise<void> {
    const file = await open(this.path, 'r').catch((error: unknown) => {
      throw damageOf(error)
    })
    try {
      for (const part of parts) {
        if ((await hashPart(file, part)) !== part.sha256) {
          throw new DamagedFile('altered', `octets from ${part.offset} on are not those sealed`)
        }
        this.#proved.add(part)
      }
    } finally {
      await file.close()
    }
  }
}

/** What an error of node:fs or of a reader says about a file. */
export function damageOf(error: unknown): DamagedFile {
  if (error instanceof DamagedFile) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return new DamagedFile('missing', 'it is not there')
  return new DamagedFile('unreadable', message)
}
