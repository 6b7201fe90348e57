/**
 * How many different hosts there were, in one octet a register whatever their number: HyperLogLog
 * (Flajolet, Fusy, Gandouet, Meunier 2007) with linear counting for few. Sketches of parts merge
 * into that of the whole, by the greater register, as often as one likes; the standard error is
 * 1.04 / sqrt(1024), 3.3 %.
 *
 * ```
 * hash (32 bits)   | 22 bits: place of the first 1 -> value | 10 bits: register |
 * ```
 */
export const sketchRegisters = 1024

const valueBits = 22

/** 32 well-mixed bits of an address, signed (the finisher of MurmurHash3 after each word). */
export function hashAddress(w0: number, w1: number, w2: number, w3: number): number {
  let hash = mix(w3 ^ 0x9e3779b9)
  // Most addresses are IPv4, which differ in the last word alone.
  if ((w0 | w1) !== 0) hash = mix(mix(mix(hash ^ w2) ^ w1) ^ w0)
  return hash
}

function mix(word: number): number {
  let hash = word
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Adds a host by its hash. */
export function addToSketch(sketch: Uint8Array, hash: number): void {
  const register = hash & (sketchRegisters - 1)
  const value = Math.min(valueBits, Math.clz32(hash & ~(sketchRegisters - 1))) + 1
  if (value > (sketch[register] ?? 0)) sketch[register] = value
}

/** Adds what another sketch has seen. */
export function mergeSketch(sketch: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < sketchRegisters; i++) {
    const value = other[i] ?? 0
    if (value > (sketch[i] ?? 0)) sketch[i] = value
  }
}

const shareOf = Array.from({ length: valueBits + 2 }, (_, value) => 2 ** -value)

/** How many hosts a sketch has seen, about. */
export function countOfSketch(sketch: Uint8Array): number {
  let sum = 0
  let empty = 0
  for (let i = 0; i < sketchRegisters; i++) {
    const value = sketch[i] ?? 0
    sum += shareOf[value] ?? 0
    if (value === 0) empty++
  }
  const alpha = 0.7213 / (1 + 1.079 / sketchRegisters)
  const estimate = (alpha * sketchRegisters ** 2) / sum
  const isFew = estimate <= 2.5 * sketchRegisters && empty > 0
  return Math.round(isFew ? sketchRegisters * Math.log(sketchRegisters / empty) : estimate)
}
