/** Longer texts, such as a list pasted by mistake, are looked up as they stand. */
const maxText = 512

const capitalised = (text: string): string =>
  text.toLowerCase().replaceAll(/(?<!\p{L}\p{M}*)\p{L}/gu, (letter) => letter.toUpperCase())

/**
 * The spellings under which a name is searched, at most nine. `lower()` of PostgreSQL folds letters
 * as the locale of the database says, and that of the embedded one folds ASCII only; it also takes
 * a letter and its accent, composed or not (Unicode Standard Annex #15), as different. So other
 * letters are asked for as given, all small, all capital, and capital where a word begins.
 */
export function spellingsOf(text: string): string[] {
  // oxlint-disable-next-line no-control-regex
  if (/^[\0-\x7f]*$/.test(text) || text.length > maxText) return [text]
  const cased = [text, text.toLowerCase(), text.toUpperCase(), capitalised(text)]
  const forms = cased.flatMap((each) => [each.normalize('NFC'), each.normalize('NFD')])
  return [...new Set([text, ...forms])]
}
