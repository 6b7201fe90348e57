/** An option of a pcapng block: code and value. */
type Option = readonly [code: number, value: Uint8Array]

/** Blocks of pcapng (draft-ietf-opsawg-pcapng §4) in one byte order, one after the other. */
export class Blocks {
  private readonly parts: Uint8Array[] = []
  private readonly little: boolean

  /** Begins with a section header. */
  constructor(little: boolean) {
    this.little = little
    this.block(0x0a0d0d0a, this.words(4, 0x1a2b3c4d), this.halves(1, 0), this.words(4, -1, -1))
  }

  get octets(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.parts))
  }

  /** Any block: its body is padded to four octets. */
  block(type: number, ...bodies: readonly Uint8Array[]): this {
    const body = padded(Buffer.concat(bodies))
    const length = this.words(4, 12 + body.length)
    this.parts.push(this.words(4, type), length, body, length)
    return this
  }

  interface(linkType: number, options: readonly Option[] = [], snapLength = 0): this {
    const head = [this.halves(linkType, 0), this.words(4, snapLength)]
    return this.block(1, ...head, ...this.options(options))
  }

  /** Enhanced packet: `ticks` since 1970 by the interface's clock. */
  packet(octets: Uint8Array, at = 0, ticks = 0n, options: readonly Option[] = []): this {
    const time = [Number(ticks >> 32n), Number(ticks & 0xffffffffn)]
    const head = this.words(4, at, ...time, octets.length, octets.length)
    return this.block(6, head, padded(octets), ...this.options(options))
  }

  /** Packet block, which the enhanced one took the place of. */
  oldPacket(octets: Uint8Array, at: number, ticks: bigint): this {
    const time = [Number(ticks >> 32n), Number(ticks & 0xffffffffn)]
    const head = this.words(4, ...time, octets.length, octets.length)
    return this.block(2, this.halves(at, 0), head, octets)
  }

  /** Simple packet, of the first interface: no time. */
  simple(octets: Uint8Array, wireLength = octets.length): this {
    return this.block(3, this.words(4, wireLength), octets)
  }

  /** Eight octets in the section's byte order. */
  long(value: bigint): Uint8Array {
    const octets = Buffer.alloc(8)
    if (this.little) octets.writeBigInt64LE(value)
    else octets.writeBigInt64BE(value)
    return octets
  }

  halves(...values: readonly number[]): Uint8Array {
    return this.words(2, ...values)
  }

  private words(size: 2 | 4, ...values: readonly number[]): Uint8Array {
    const octets = Buffer.alloc(size * values.length)
    const bits = size * 8
    for (const [i, value] of values.entries()) {
      const unsigned = Number(BigInt.asUintN(bits, BigInt(value)))
      if (this.little) octets.writeUIntLE(unsigned, i * size, size)
      else octets.writeUIntBE(unsigned, i * size, size)
    }
    return octets
  }

  private options(options: readonly Option[]): Uint8Array[] {
    if (options.length === 0) return []
    const all = options.flatMap(([code, value]) => [this.halves(code, value.length), padded(value)])
    return [...all, this.halves(0, 0)]
  }
}

function padded(octets: Uint8Array): Uint8Array {
  const whole = new Uint8Array((octets.length + 3) & ~3)
  whole.set(octets)
  return whole
}
