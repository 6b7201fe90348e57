import { maxDocuments } from './limits.ts'
import { agree, readTimeField } from './times.ts'
import type {
  Notice,
  NoticeSighting,
  NoticeTime,
  SeenInterval,
  Skipped,
  TimeContext,
  Tree,
  TreeValue,
} from './types.ts'
import { decodeQuotedPrintable, isQuotedPrintable, unquoteBlock } from './unquote.ts'
import { excerpt, readAddress, readPort, readProtocol, unwrapped } from './values.ts'
import { readXml, XmlRefused } from './xml.ts'
import type { XmlNode } from './xml.ts'

/**
 * ACNS, the Automated Copyright Notice System, 0.6 to 1.2: documents of the element `Infringement`
 * wherever they stand in a text. The sighting is `Source`: address, port and time of the
 * infringement; the times of `History` and `InternalTracking` are others, and are never taken.
 */

/** Where documents stand in a text. */
export interface Cut {
  readonly start: number
  readonly end: number
  /** False where it does not end. */
  readonly whole: boolean
}

const opening = /<(?:[\w-]{1,20}:)?Infringement(?=[\s>])/g
const closing = /<\/(?:[\w-]{1,20}:)?Infringement\s*>/g

/** Finds the documents; one without an end goes up to the next. */
export function cutDocuments(text: string): Cut[] {
  const starts = [...text.matchAll(opening)].map((match) => match.index)
  const ends = [...text.matchAll(closing)].map((match) => match.index + match[0].length)
  let next = 0
  return starts.flatMap((start, i) => {
    const limit = starts[i + 1] ?? text.length
    while (next < ends.length && (ends[next] ?? 0) <= start) next++
    const end = ends[next]
    const whole = end !== undefined && end <= limit
    return [{ start, end: whole ? end : limit, whole }]
  })
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** The children of that name, however its case and underscores are written. */
const childrenOf = (node: XmlNode, ...names: readonly string[]): XmlNode[] =>
  node.children.filter((child) => names.includes(plain(child.name)))

const textOf = (node: XmlNode, ...names: readonly string[]): string | undefined => {
  const [child] = childrenOf(node, ...names)
  return child?.closed === true && child.children.length === 0 ? child.text.trim() : undefined
}

/** A time that a hard wrap may have cut, with each way to put it together again. */
function readWrapped(text: string, context: TimeContext): NoticeTime | undefined {
  const readings = unwrapped(text).map((line) => agree(readTimeField(line, context)))
  const usable = readings.filter((time) => time !== undefined && time.instants.length > 0)
  const times = usable.length > 0 ? usable : readings
  return agree(times.filter((time) => time !== undefined))
}

/** Elements whose texts are lists in the schema, though there be one. */
const lists: ReadonlySet<string> = new Set([
  'Item',
  'AlsoSeen',
  'InternalTracking',
  'Declarations',
  'ActionTaken',
])

const isList = (parent: XmlNode, name: string): boolean =>
  lists.has(name) || (name === 'Notice' && parent.name === 'History')

/** An element as members: `_` is its text where it has attributes too. */
function treeOf(node: XmlNode): TreeValue {
  const attributes = Object.entries(node.attributes).filter(
    ([key]) => !/^xmlns|schemaLoc/.test(key)
  )
  if (attributes.length === 0 && node.children.length === 0) return node.text
  const tree: Tree = {}
  for (const [key, value] of attributes) tree[key] = value
  if (node.children.length === 0 && !node.empty) tree['_'] = node.text
  for (const child of node.children) {
    const value = treeOf(child)
    const before = Object.hasOwn(tree, child.name) ? tree[child.name] : undefined
    if (Array.isArray(before)) before.push(value)
    else if (before !== undefined) tree[child.name] = [before, value]
    else tree[child.name] = isList(node, child.name) ? [value] : value
  }
  return tree
}

function versionOf(root: XmlNode): string | undefined {
  const said = root.attributes['schemaVersion']
  if (said !== undefined && /^\d\.\d$/.test(said)) return said
  const spaces = Object.entries(root.attributes).filter(([key]) => key.startsWith('xmlns'))
  // The namespace that the schema of 1.2 is written for; its version attribute is fixed.
  if (spaces.some(([, uri]) => /\bacns\.net\/ACNS$/i.test(uri))) return '1.2'
  if (spaces.some(([, uri]) => /\bmovielabs\.com\/ACNS$/i.test(uri))) return '1.1'
  const location = root.attributes['schemaLocation'] ?? ''
  const [, major, minor] = /v?(\d)[._]?(\d)(?:\.xsd|\/)/i.exec(location) ?? []
  return major === undefined ? undefined : `${major}.${minor}`
}

const timesIn = (nodes: readonly XmlNode[], context: TimeContext): NoticeTime[] =>
  nodes.flatMap((node) => {
    const text = textOf(node, 'timestamp')
    const time = text === undefined ? undefined : readWrapped(text, context)
    return time === undefined ? [] : [time]
  })

function alsoSeenOf(items: readonly XmlNode[], context: TimeContext): SeenInterval[] {
  return items
    .flatMap((item) => childrenOf(item, 'alsoseen'))
    .flatMap(({ attributes }) => {
      const from = readWrapped(attributes['Start'] ?? '', context)
      const to = readWrapped(attributes['End'] ?? '', context)
      return from === undefined || to === undefined ? [] : [{ from, to }]
    })
}

const within = (us: number, { from, to }: SeenInterval): boolean =>
  us >= Math.min(...from.instants) && us <= Math.max(...to.instants)

/**
 * The time of the infringement: that of `Source`, which the items must know too; without it theirs.
 */
function timeOf(
  source: readonly NoticeTime[],
  items: readonly NoticeTime[],
  seen: readonly SeenInterval[]
): NoticeTime | undefined {
  const own = agree(source)
  const theirs = items.filter((time) => time.instants.length > 0)
  if (own === undefined || own.instants.length === 0) return agree(theirs) ?? own
  if (theirs.length === 0) return own
  const same = theirs.find((time) => own.instants.some((us) => time.instants.includes(us)))
  if (same !== undefined) return agree([own, same])
  if (own.sure && own.instants.every((us) => seen.some((interval) => within(us, interval)))) {
    return own
  }
  return agree([own, ...theirs])
}

function sourceSighting(
  source: XmlNode,
  items: readonly NoticeTime[],
  seen: readonly SeenInterval[],
  context: TimeContext
): NoticeSighting {
  const address = readAddress(textOf(source, 'ipaddress', 'ip') ?? '')
  const portText = textOf(source, 'port', 'ipport', 'sourceport')
  const port = portText === undefined ? {} : readPort(portText)
  const written = [port.port, address.port].filter((value) => value !== undefined)
  const agreed = new Set(written).size === 1 ? written[0] : undefined
  const time = timeOf(timesIn([source], context), items, seen)
  const protocol = readProtocol(textOf(source, 'protocol') ?? '')
  const to = readAddress(textOf(source, 'destinationip', 'destinationipaddress') ?? '')
  const toPort = readPort(textOf(source, 'destinationport') ?? '')
  const reasons = [address.reason, port.reason, ...(time?.reasons ?? [])]
  if (written.length > 1 && agreed === undefined) reasons.push('Two ports are given.')
  return {
    ...(address.ip === undefined ? {} : { ip: address.ip }),
    ...(agreed === undefined ? {} : { port: agreed, portRole: 'source' as const }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(time === undefined ? {} : { time }),
    ...(to.ip === undefined ? {} : { destinationIp: to.ip }),
    ...(toPort.port === undefined ? {} : { destinationPort: toPort.port }),
    uncertain: time !== undefined && time.instants.length > 0 && !time.sure,
    reasons: reasons.filter((reason) => reason !== undefined),
    source: excerpt(
      source.children.map((child) => `${child.name}: ${child.text.trim()}`).join(' | ')
    ),
  }
}

const isEmpty = (source: XmlNode): boolean =>
  source.children.every((child) => child.text.trim() === '' && child.children.length === 0)

/** One document that was read. */
function noticeOf(root: XmlNode, mended: boolean, part: string, context: TimeContext): Notice {
  const items = childrenOf(root, 'content').flatMap((content) => childrenOf(content, 'item'))
  const alsoSeen = alsoSeenOf(items, context)
  const itemTimes = timesIn(items, context)
  const sources = childrenOf(root, 'source')
  const given = sources.filter((source) => !isEmpty(source))
  const version = versionOf(root)
  const id = childrenOf(root, 'case')
    .map((node) => textOf(node, 'id'))
    .find((text) => text !== undefined && text !== '')
  const remarks: string[] = []
  if (mended) remarks.push('The XML was not well-formed; it was mended before it was read.')
  if (sources.length === 0) remarks.push('There is no Source in the document.')
  else if (given.length < sources.length) remarks.push('A Source of the document is empty.')
  // Whose file an item is cannot be said where there are several sources.
  const shared = sources.length === 1 ? itemTimes : []
  const tree = treeOf(root)
  const fields = typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : {}
  return {
    format: 'acns',
    ...(version === undefined ? {} : { version }),
    ...(id === undefined ? {} : { id: excerpt(id) }),
    part,
    sightings: given.map((source) => sourceSighting(source, shared, alsoSeen, context)),
    sightingsLeftOut: 0,
    alsoSeen,
    fields: version === '1.2' ? { schemaVersion: '1.2', ...fields } : fields,
    remarks,
  }
}

/** The words before a document in which its DTD would stand. */
const prologue = 2000

/** Reads every document of a text; what cannot be read is said, and costs none of the others. */
export function readAcns(
  text: string,
  part: string,
  context: TimeContext
): { notices: Notice[]; skipped: Skipped[]; cuts: Cut[] } {
  const cuts = cutDocuments(text)
  const notices: Notice[] = []
  const skipped: Skipped[] = []
  for (const [index, cut] of cuts.entries()) {
    if (index >= maxDocuments) {
      skipped.push({ part, reason: `More than ${maxDocuments} documents.` })
      break
    }
    const before = text.slice(Math.max(cuts[index - 1]?.end ?? 0, cut.start - prologue), cut.start)
    try {
      if (/<!DOCTYPE(?!\s+html)|<!ENTITY/i.test(before)) {
        throw new XmlRefused('A document with a DTD or with entities of its own is not read.')
      }
      const block = unquoteBlock(text, cut.start, cut.end)
      const decoded = isQuotedPrintable(block) ? decodeQuotedPrintable(block) : block
      const { root, mended } = readXml(decoded)
      notices.push(noticeOf(root, mended || !cut.whole, part, context))
    } catch (error) {
      if (!(error instanceof XmlRefused)) throw error
      skipped.push({ part, reason: error.message })
    }
  }
  return { notices, skipped, cuts }
}
