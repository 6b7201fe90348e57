/**
 * What the standard fonts of PDF can show beside Latin-1: the characters that WinAnsiEncoding
 * (ISO 32000-1 Annex D.2) puts between 0x80 and 0x9f.
 */
const winAnsiExtra = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'

const printable = new RegExp(`[^\\n\\u0020-\\u007e\\u00a0-\\u00ff${winAnsiExtra}]`, 'gu')

const codePoint = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`

/**
 * Text for fonts without every script. What they lack is written as its code point: it can be read
 * back, and nothing is dropped or replaced by something that looks alike.
 */
export function wordsForPrint(text: string): string {
  return text.normalize('NFC').replaceAll(printable, codePoint)
}
