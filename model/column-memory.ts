interface WasmMemory {
  readonly buffer: ArrayBuffer
}

// Node has it, and its types do not.
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (octets: Uint8Array) => object
    readonly Memory: new (pages: { initial: number; maximum: number }) => WasmMemory
    readonly Instance: new (
      module: object,
      imports: { host: { memory: WasmMemory } }
    ) => { readonly exports: unknown }
  }
}

const pageBytes = 65_536
const modules = new WeakMap<Uint8Array, object>()

/**
 * Memory for columns that compiled kernels reach too, handed out piece by piece. It never grows, so
 * that arrays over it stay what they are.
 */
export class ColumnMemory {
  readonly buffer: ArrayBuffer
  readonly #memory: WasmMemory
  #free = 0

  /** @param bytes octets of all pieces together, each rounded up to 16 */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / pageBytes)
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    this.buffer = this.#memory.buffer
  }

  /** Where so many octets that nobody else has begin (a multiple of 16); -1: none are left. */
  take(bytes: number): number {
    const at = this.#free
    if (at + bytes > this.buffer.byteLength) return -1
    this.#free = at + ((bytes + 15) & ~15)
    return at
  }

  /** What the kernels of a module export, which work on this memory. */
  run(octets: Uint8Array): unknown {
    const compiled = modules.get(octets) ?? new WebAssembly.Module(octets)
    modules.set(octets, compiled)
    return new WebAssembly.Instance(compiled, { host: { memory: this.#memory } }).exports
  }
}
