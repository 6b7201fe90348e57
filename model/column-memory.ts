interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

// Node has it, and its types do not.
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (octets: Uint8Array) => object
    readonly Memory: new (pages: {
      initial: number
      maximum: number
      shared: boolean
    }) => WasmMemory
    readonly Instance: new (
      module: object,
      imports: { host: { memory: WasmMemory } }
    ) => { readonly exports: unknown }
  }
}

const pageBytes = 65_536
const mostPages = 65_536
/** What a memory that grows can have, its end with it: addresses are reserved for all of it. */
export const mostMemoryBytes = mostPages * pageBytes
const modules = new WeakMap<Uint8Array, object>()
const sharedModules = new WeakMap<Uint8Array, Uint8Array>()

/**
 * Memory for columns that compiled kernels reach too, handed out piece by piece. Arrays over it
 * stay what they are: it does not grow, or is of the kind that threads share, whose arrays outlive
 * its growing. No other thread is given it.
 */
export class ColumnMemory {
  readonly #memory: WasmMemory
  readonly #bytes: number
  readonly #grows: boolean
  #free = 0

  /**
   * @param bytes octets of all pieces together, each rounded up to 16
   * @param grows it has an end that grows behind these
   */
  constructor(bytes: number, grows = false) {
    const initial = Math.ceil(bytes / pageBytes)
    this.#grows = grows
    const maximum = grows ? mostPages : initial
    this.#memory = new WebAssembly.Memory({ initial, maximum, shared: grows })
    this.#bytes = initial * pageBytes
  }

  /** All of it; made anew when it grows. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer
  }

  /** Where so many octets that nobody else has begin (a multiple of 16); -1: none are left. */
  take(bytes: number): number {
    const at = this.#free
    if (at + bytes > this.#bytes) return -1
    this.#free = at + ((bytes + 15) & ~15)
    return at
  }

  /**
   * Makes the end that grows at least so long; pages of it that nobody touches cost nothing.
   *
   * @returns where it begins: a multiple of 65536
   * @throws RangeError past 4 GiB in all
   */
  growEnd(bytes: number): number {
    const missing = Math.ceil((this.#bytes + bytes - this.buffer.byteLength) / pageBytes)
    if (missing > 0) this.#memory.grow(missing)
    return this.#bytes
  }

  /** What the kernels of a module export, which work on this memory. */
  run(octets: Uint8Array): unknown {
    const wanted = this.#grows ? forShared(octets) : octets
    const compiled = modules.get(wanted) ?? new WebAssembly.Module(wanted)
    modules.set(wanted, compiled)
    return new WebAssembly.Instance(compiled, { host: { memory: this.#memory } }).exports
  }
}

/** The only import of a module: (import "host" "memory" (memory 1)), its length before it. */
const ownMemory = Buffer.from('\u0001\u0004host\u0006memory\u0002\u0000\u0001', 'latin1')
/** The same as (memory 1 65536 shared). */
const sharedMemory = Buffer.from(
  '\u0001\u0004host\u0006memory\u0002\u0003\u0001\u0080\u0080\u0004',
  'latin1'
)

/** The same module for memory of the kind that threads share, which is another kind of import. */
function forShared(octets: Uint8Array): Uint8Array {
  const known = sharedModules.get(octets)
  if (known !== undefined) return known
  const at = Buffer.from(octets.buffer, octets.byteOffset, octets.length).indexOf(ownMemory)
  if (octets[at - 1] !== ownMemory.length) throw new Error('These kernels import something else.')
  const made = Buffer.concat([
    octets.subarray(0, at - 1),
    Buffer.from([sharedMemory.length]),
    sharedMemory,
    octets.subarray(at + ownMemory.length),
  ])
  sharedModules.set(octets, made)
  return made
}
