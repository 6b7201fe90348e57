/** Text out of bytes of which nobody said the character set. What is not valid becomes U+FFFD. */

const decoders: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  'windows-1252': 'windows-1252',
}

const decode = (bytes: Uint8Array, charset: string): string =>
  new TextDecoder(decoders[charset] ?? 'utf-8').decode(bytes)

/** UTF-16 without a mark: in European text every other octet is zero. */
function zeroes(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const sample = bytes.subarray(0, 400)
  const counts = [0, 0]
  for (const [i, byte] of sample.entries()) {
    if (byte === 0) counts[i % 2] = (counts[i % 2] ?? 0) + 1
  }
  const [even = 0, odd = 0] = counts
  if (odd > sample.length / 4 && even < sample.length / 40) return 'utf-16le'
  return even > sample.length / 4 && odd < sample.length / 40 ? 'utf-16be' : undefined
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function asUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Decodes bytes by their mark (BOM), by their look, or by what an XML declaration says. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode(bytes, 'utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode(bytes, 'utf-16be')
  const wide = zeroes(bytes)
  if (wide !== undefined) return decode(bytes, wide)
  const text = asUtf8(bytes)
  if (text !== undefined) return text
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const latin = /encoding=["'](?:iso-8859-\d+|windows-125\d|latin1)["']/i.test(head)
  return decode(bytes, latin ? 'windows-1252' : 'utf-8')
}

/** True where bytes are no text: they hold zeroes that UTF-16 does not explain. */
export function isBinary(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 4000)
  return (
    sample.includes(0) && zeroes(bytes) === undefined && sample[0] !== 0xff && sample[0] !== 0xfe
  )
}
