/** Characters of a name that are kept; longer ones are cut there. */
const maxTextLength = 253

const unprintable = new RegExp(String.raw`[\u0000-\u001f\u007f-\u009f\ufffd]`, 'g')
const nonAscii = new RegExp(String.raw`[^\u0020-\u007e]`)
const nonAsciiAll = new RegExp(nonAscii, 'g')

const escape = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`

/**
 * Text of a source, for people and for the database: UTF-8 where it is that, else each odd octet as
 * `\xNN`, so that nothing is lost and no two texts become one. Control characters, NUL above all,
 * are always escaped.
 *
 * @param latin1 one character an octet
 */
export function sourceText(latin1: string): string {
  const text = latin1.length > maxTextLength ? latin1.slice(0, maxTextLength) : latin1
  if (!nonAscii.test(text)) return text
  const decoded = Buffer.from(text, 'latin1').toString('utf8')
  if (decoded.includes('\ufffd')) return text.replaceAll(nonAsciiAll, escape)
  return decoded.replaceAll(unprintable, escape)
}

/**
 * Relay agent information and other octets that are often text (RFC 3046 §3.1).
 *
 * @param octets one character an octet
 * @returns printable text as it is, else `0x` and hexadecimal; undefined where there is none
 */
export function octetsText(octets: string): string | undefined {
  if (octets === '') return undefined
  return nonAscii.test(octets) ? `0x${hexOf(octets).slice(0, 2 * maxTextLength)}` : octets
}

/** Lower-case hexadecimal of octets, one character each. */
export function hexOf(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('hex')
}
