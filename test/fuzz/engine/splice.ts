/** A copy of `octets` with `put` in the place of the `gone` octets at `at`. */
export function splice(octets: Uint8Array, at: number, gone: number, put: Uint8Array): Uint8Array {
  const on = Math.min(octets.length, at + gone)
  const made = new Uint8Array(at + put.length + octets.length - on)
  made.set(at === octets.length ? octets : octets.subarray(0, at))
  made.set(put, at)
  if (on < octets.length) made.set(octets.subarray(on), at + put.length)
  return made
}
