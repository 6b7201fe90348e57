import koffi from 'koffi'

/** POSIX_FADV_DONTNEED of posix_fadvise(2). */
const dontNeed = 4
/** A reader that is no further behind than this finds what it reads in memory (octets). */
const keptBytes = 8 << 20
/** Pages are given back so many octets at a time. */
const stepBytes = 1 << 20

type Advise = (fd: number, offset: number, length: number, advice: number) => number
let advise: Advise | undefined

function adviseCall(): Advise {
  try {
    const declared = 'int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)'
    return koffi.load('libc.so.6').func(declared) as Advise
  } catch {
    // A C library of another name: pages stay until the kernel wants them.
    return () => -1
  }
}

/**
 * Gives the kernel back the pages of a file that is written at its end and read once, a little
 * behind it. Without this a spool fills the page cache with what nobody reads again, at the cost of
 * the database's pages; and each new page is one that this machine has not touched for long, which
 * costs several times what a page costs that was used a moment ago.
 */
export class WrittenPages {
  readonly #fd: number
  #givenTo = 0

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Everything before this offset is on disk, without which its pages cannot be given back. */
  safeTo(offset: number): void {
    const end = Math.floor((offset - keptBytes) / stepBytes) * stepBytes
    if (end <= this.#givenTo) return
    advise ??= adviseCall()
    advise(this.#fd, this.#givenTo, end - this.#givenTo, dontNeed)
    this.#givenTo = end
  }
}
