/** The part of WebAssembly that is of use here; its types come with a browser's otherwise. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
}

const pageBytes = 65_536
/** What 32-bit addresses reach: 4 GiB. */
const maxPages = 65_536

/**
 * Memory that grows in place. An ArrayBuffer would have to be copied into one of twice its size,
 * and the old one stays for as long as the garbage collector likes; the memory of a WebAssembly
 * instance reserves addresses and takes pages as they are written to.
 */
export class GrowingMemory {
  private readonly memory = new WebAssembly.Memory({ initial: 0, maximum: maxPages })

  /**
   * Makes the memory at least so long. Views of it must be made anew.
   *
   * @throws RangeError past 4 GiB
   */
  grow(bytes: number): ArrayBuffer {
    const missing = Math.ceil((bytes - this.memory.buffer.byteLength) / pageBytes)
    if (missing > 0) this.memory.grow(missing)
    return this.memory.buffer
  }
}
