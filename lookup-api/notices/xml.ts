import { SaxesParser } from 'saxes'
import { maxDocumentLength, maxElementDepth, maxElements } from './limits.ts'

/**
 * XML as notices have it: often broken by the mail around it. Read by a strict parser where it is
 * well-formed, else by one that forgives; neither knows DTDs or entities of the document's own.
 */
export interface XmlNode {
  /** Without its namespace prefix. */
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlNode[]
  text: string
  /** False where its end is missing: its text may be cut. */
  closed: boolean
  /** `<Mapping/>` rather than `<Mapping></Mapping>`. */
  readonly empty: boolean
}

/** Why a document is not read. */
export class XmlRefused extends Error {}

const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1)

/** Puts the nodes of one document together, within its bounds. */
class TreeBuilder {
  root: XmlNode | undefined
  readonly #open: XmlNode[] = []
  #count = 0

  start(name: string, given: Readonly<Record<string, string>>, empty: boolean): void {
    if (++this.#count > maxElements) throw new XmlRefused(`More than ${maxElements} elements.`)
    if (this.#open.length >= maxElementDepth) {
      throw new XmlRefused(`Elements stand more than ${maxElementDepth} deep.`)
    }
    const attributes = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key.startsWith('xmlns') ? key : localName(key),
        value,
      ])
    )
    const node = { name: localName(name), attributes, children: [], text: '', closed: empty, empty }
    this.#open.at(-1)?.children.push(node)
    this.root ??= node
    if (!empty) this.#open.push(node)
  }

  text(text: string): void {
    const node = this.#open.at(-1)
    if (node !== undefined) node.text += text
  }

  /** Ends the nearest element of that name; those inside it had no end of their own. */
  end(name: string): void {
    const at = this.#open.findLastIndex((node) => node.name === localName(name))
    const node = this.#open[at]
    if (node === undefined) return
    node.closed = true
    this.#open.length = at
  }
}

/** An ampersand that begins no reference that XML knows of itself is one that stands for itself. */
const escapeAmpersands = (text: string): string =>
  text.replaceAll(/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/g, '&amp;')

function strict(text: string): XmlNode {
  const builder = new TreeBuilder()
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  // A node that is empty on paper: `isSelfClosing` is known when the tag is read.
  parser.on('opentag', ({ name, attributes, isSelfClosing }) => {
    builder.start(name, attributes, isSelfClosing)
  })
  parser.on('text', (part) => builder.text(part))
  parser.on('cdata', (part) => builder.text(part))
  parser.on('closetag', ({ name, isSelfClosing }) => {
    if (!isSelfClosing) builder.end(name)
  })
  parser.write(text).close()
  if (builder.root === undefined) throw new XmlRefused('There is no element.')
  return builder.root
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

function codePoint(code: number): string {
  const real = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return real ? String.fromCodePoint(code) : '\uFFFD'
}

/** The references that XML knows of itself. */
export function decodeReferences(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos);/gi, (whole, ref) => {
    const name = String(ref).toLowerCase()
    if (name.startsWith('#x')) return codePoint(Number.parseInt(name.slice(2), 16))
    if (name.startsWith('#')) return codePoint(Number(name.slice(1)))
    return named[name] ?? whole
  })
}

const tag =
  /<(\/?)([A-Za-z_][\w.:-]{0,60})((?:[^<>"']|"[^"<]{0,4000}"|'[^'<]{0,4000}'){0,2000}?)(\/?)>/y

const attribute = /([A-Za-z_][\w.:-]{0,60})\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** A name that a hard wrap cut in two: `</TimeSt\namp>`. */
const wrapped = /^\s*\n\s*([\w.-]+)\s*$/

/** What stands between marks that are searched for as they are: comments, CDATA, instructions. */
const sections = [
  ['<![CDATA[', ']]>'],
  ['<!--', '-->'],
  ['<?', '>'],
] as const

function applyTag(builder: TreeBuilder, match: RegExpExecArray): void {
  const [, slash, name = '', rest = '', empty] = match
  const tail = wrapped.exec(rest)?.[1]
  const full = tail === undefined || rest.includes('=') ? name : name + tail
  if (slash === '/') return builder.end(full)
  const attributes: Record<string, string> = {}
  for (const [, key = '', a, b] of rest.matchAll(attribute)) {
    attributes[key] = decodeReferences(a ?? b ?? '')
  }
  builder.start(full, attributes, empty === '/')
}

function forgiving(text: string): XmlNode {
  const builder = new TreeBuilder()
  let at = 0
  while (at < text.length) {
    const less = text.indexOf('<', at)
    if (less < 0) break
    builder.text(decodeReferences(text.slice(at, less)))
    const section = sections.find(([begin]) => text.startsWith(begin, less))
    if (section !== undefined) {
      const [begin, finish] = section
      const end = text.indexOf(finish, less + begin.length)
      if (end < 0) break
      if (begin === '<![CDATA[') builder.text(text.slice(less + begin.length, end))
      at = end + finish.length
      continue
    }
    tag.lastIndex = less
    const match = tag.exec(text)
    if (match === null) builder.text('<')
    else applyTag(builder, match)
    at = match === null ? less + 1 : tag.lastIndex
  }
  if (builder.root === undefined) throw new XmlRefused('There is no element.')
  return builder.root
}

/**
 * Reads one document.
 *
 * @returns its root, and whether it had to be mended
 * @throws XmlRefused where a bound is passed, or it brings a DTD
 */
export function readXml(text: string): { root: XmlNode; mended: boolean } {
  if (text.length > maxDocumentLength) {
    throw new XmlRefused(`The document has more than ${maxDocumentLength} characters.`)
  }
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) {
    throw new XmlRefused('A document with a DTD or with entities of its own is not read.')
  }
  // Characters that XML 1.0 §2.2 does not know.
  const clean = escapeAmpersands(
    text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
  )
  try {
    return { root: strict(clean), mended: clean !== text }
  } catch (error) {
    if (error instanceof XmlRefused) throw error
    return { root: forgiving(clean), mended: true }
  }
}
