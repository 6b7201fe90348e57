import { decodeReferences } from './xml.ts'

/** Lines of text out of HTML: rows of a table become lines, their cells are parted by tabs. */

const named: Readonly<Record<string, string>> = {
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  rarr: '→',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
  hellip: '…',
  middot: '·',
  bull: '•',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  zwnj: '',
  shy: '',
  colon: ':',
  period: '.',
  comma: ',',
  sol: '/',
}

function decode(text: string): string {
  const known = text.replaceAll(/&([a-z]{2,8});/gi, (whole, name) => named[String(name)] ?? whole)
  return decodeReferences(known)
}

/** Takes out a pair of marks and all between them; without an end, all that follows. */
function cut(text: string, begin: RegExp, end: string): string {
  const lower = text.toLowerCase()
  let kept = ''
  let from = 0
  for (const match of lower.matchAll(begin)) {
    if (match.index < from) continue
    kept += text.slice(from, match.index)
    const close = lower.indexOf(end, match.index)
    from = close < 0 ? text.length : close + end.length
  }
  return kept + text.slice(from)
}

const breaking = /<(?:br|hr)\b[^<>]{0,300}>/gi
const blocks =
  'p div tr table li ul ol h[1-6] pre blockquote section article header footer dl dt dd tbody thead'
const block = new RegExp(`</?(?:${blocks.replaceAll(' ', '|')})\\b[^<>]{0,2000}>`, 'gi')

/** Elements of which nothing is shown. */
const unshown = ['script', 'style', 'head', 'title'].map(
  (name) => [new RegExp(`<${name}\\b`, 'g'), `</${name}>`] as const
)

/** The text of an HTML document, as lines. */
export function htmlToText(html: string): string {
  let text = cut(html, /<!--/g, '-->')
  for (const [begin, end] of unshown) text = cut(text, begin, end)
  // Looked for from where white space begins alone: from each of its places it would take for ever.
  const lines = /<pre\b/i.test(html) ? text : text.replaceAll(/(?<![ \t])[ \t]*\r?\n[ \t]*/g, ' ')
  return decode(
    lines
      .replaceAll(/<\/t[dh]\s*>\s*(?=<t[dh]\b)/gi, '\t')
      .replaceAll(breaking, '\n')
      .replaceAll(block, '\n')
      .replaceAll(/<\/?[a-z!][^<>]{0,4000}>/gi, '')
  ).replaceAll(/\n[ \t]+(?=\S)/g, '\n')
}
