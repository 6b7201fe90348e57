/** Undoes what mail programs do to the text of a notice. */

/** `> > `, `>>`, `| `: what stands before a line that somebody quoted. */
const quotePrefix = /^[ \t]{0,3}(?:[>|][ \t]?)+/

const depthOf = (line: string): number => (quotePrefix.exec(line)?.[0].match(/[>|]/g) ?? []).length

/** Takes up to `depth` quote marks off a line. */
function unquoteLine(line: string, depth: number): string {
  let rest = line
  for (let i = 0; i < depth; i++) {
    const match = /^[ \t]{0,3}[>|][ \t]?/.exec(rest)
    if (match === null) break
    rest = rest.slice(match[0].length)
  }
  return rest
}

/** Text without its quote marks, whatever their depth on each line. */
export function unquote(text: string): string {
  return text
    .split('\n')
    .map((line) => unquoteLine(line, 20))
    .join('\n')
}

/**
 * A block whose first line stands quoted, with that depth taken off all its lines. A line that
 * begins with `>` of its own (the end of a tag that was wrapped) keeps it.
 *
 * @param start index of the block's first character in the text
 */
export function unquoteBlock(text: string, start: number, end: number): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const depth = depthOf(text.slice(lineStart, start))
  const block = text.slice(start, end)
  if (depth === 0) return block
  return block
    .split('\n')
    .map((line, i) => (i === 0 ? line : unquoteLine(line, depth)))
    .join('\n')
}

/** RFC 4880 §7.1: in signed cleartext a line that begins with a dash has `- ` before it. */
export function undash(text: string): string {
  if (!text.includes('-----BEGIN PGP SIGNED MESSAGE-----')) return text
  return text
    .replaceAll(/^((?:[>|] ?)*)- (?=-|From )/gm, '$1')
    .replaceAll(/-----BEGIN PGP SIGNATURE-----[\s\S]{0,20000}?-----END PGP SIGNATURE-----/g, '')
}

/** Quoted-printable that nobody decoded (RFC 2045 §6.7), as text pasted from a raw mail has it. */
export function decodeQuotedPrintable(text: string): string {
  const joined = text.replaceAll(/=[ \t]*\r?\n/g, '')
  const parts: Buffer[] = []
  let from = 0
  for (const match of joined.matchAll(/(?:=[0-9A-Fa-f]{2})+/g)) {
    parts.push(Buffer.from(joined.slice(from, match.index)))
    parts.push(Buffer.from(match[0].replaceAll('=', ''), 'hex'))
    from = match.index + match[0].length
  }
  parts.push(Buffer.from(joined.slice(from)))
  return Buffer.concat(parts).toString('utf8')
}

/** True where a block of XML is quoted-printable still: its attributes begin with `=3D`. */
export const isQuotedPrintable = (text: string): boolean =>
  /(?:version|encoding|xmlns(?::\w+)?|schemaLocation|Type|Start|Protocol)=3D["']/.test(text)

/** Line feeds alone end lines; other spaces of Unicode become spaces, what has no width goes. */
export function plainText(text: string): string {
  return text
    .replaceAll(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replaceAll(/[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g, ' ')
    .replaceAll(/[\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF\u00AD]/g, '')
}
