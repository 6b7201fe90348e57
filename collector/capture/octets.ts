/** Two octets in network order; who calls has checked that they are there. */
export function u16(buffer: Uint8Array, at: number): number {
  return ((buffer[at] ?? 0) << 8) | (buffer[at + 1] ?? 0)
}

/** Four octets in network order, unsigned; who calls has checked that they are there. */
export function u32(buffer: Uint8Array, at: number): number {
  return (
    (((buffer[at] ?? 0) << 24) |
      ((buffer[at + 1] ?? 0) << 16) |
      ((buffer[at + 2] ?? 0) << 8) |
      (buffer[at + 3] ?? 0)) >>>
    0
  )
}
