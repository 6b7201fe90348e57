import { compilePattern } from '../../criteria/pattern.ts'
import { netifyProtocolById } from '../../criteria/netify-protocols.ts'
import type { RuleDraft } from './draft.ts'
import { eachLine } from './lines.ts'
import { nameOfTag } from './netify-tags.ts'

/*
 * netify-apps.conf, agent 4.2 and later: one rule a line.
 *
 *   app:<id>:<tag>                         an application
 *   dom:<id>:<domain>                      a name and all below it
 *   net:<id>:<prefix>                      addresses; the longest prefix counts
 *   xfm:<pattern>:<replacement>            a name is rewritten before it is looked up
 *   nsd:<id or -1>:<protocol or -1>:<expression in base64>
 */

interface Reading {
  readonly draft: RuleDraft
  /** Applications by the numbers that this file gives them. */
  readonly owners: Map<string, { readonly name: string; readonly owner: number }>
}

/** Reads Netify's application signatures. */
export function readNetifyApps(text: string, draft: RuleDraft): void {
  const reading: Reading = { draft, owners: new Map() }
  eachLine(text, draft, (line) => {
    const colon = line.indexOf(':')
    const kind = line.slice(0, colon).trim()
    const read = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
    if (read === undefined) draft.warn(`The kind of this line is not known: ${line.slice(0, 40)}`)
    else read(line.slice(colon + 1), reading)
  })
}

const kinds: Readonly<Record<string, (rest: string, reading: Reading) => void>> = {
  app: readApplication,
  dom: (rest, reading) =>
    withOwner(rest, reading, (owner, name) => reading.draft.host(owner, name)),
  net: (rest, reading) => withOwner(rest, reading, (owner, net) => reading.draft.net(owner, net)),
  xfm: readTransform,
  nsd: readSoftRule,
}

/** The part before a colon and what follows it. */
function split(text: string): readonly [head: string, tail: string] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
}

function readApplication(rest: string, { draft, owners }: Reading): void {
  const [id, tag] = split(rest)
  const name = nameOfTag(tag)
  const number = Number(id)
  if (!/^\d{1,8}$/.test(id) || number === 0 || number >= 1 << 24 || name === '') {
    draft.error('An application is app:<number>:<tag>.')
    return
  }
  const owner = draft.application(name, { id: number })
  owners.set(id, { name, owner })
  draft.aliases.set(id, name)
  draft.aliases.set(tag.toLowerCase(), name)
}

function withOwner(
  rest: string,
  { draft, owners }: Reading,
  take: (owner: number, value: string) => void
): void {
  const [id, value] = split(rest)
  const known = owners.get(id)
  if (known === undefined) draft.error(`There is no application ${id.slice(0, 20)} above this.`)
  else take(known.owner, value.trim())
}

function readTransform(rest: string, { draft }: Reading): void {
  const colon = rest.lastIndexOf(':')
  const [pattern, replacement] = [rest.slice(0, colon), rest.slice(colon + 1)]
  const compiled = compilePattern(pattern, { ignoreCase: true })
  if (colon < 0) draft.error('A rewriting is xfm:<pattern>:<replacement>.')
  else if (typeof compiled === 'string') draft.error(compiled, 5)
  else draft.transforms.push({ pattern, replacement, place: draft.place })
}

function readSoftRule(rest: string, { draft, owners }: Reading): void {
  const [id, behind] = split(rest)
  const [protocolId, encoded] = split(behind)
  if (!/^(-1|\d{1,8})$/.test(id) || !/^(-1|\d{1,8})$/.test(protocolId)) {
    draft.error('A soft rule is nsd:<application or -1>:<protocol or -1>:<base64>.')
    return
  }
  const expression = decode(encoded.trim())
  if (expression === undefined) {
    draft.error('The expression is not base64 of text.')
    return
  }
  const application = owners.get(id)?.name
  if (Number(id) > 0 && application === undefined) {
    draft.error(`There is no application ${id} above this.`)
    return
  }
  const protocol = netifyProtocolById(Number(protocolId))
  if (Number(protocolId) > 0 && protocol === undefined) {
    draft.warn(`Protocol ${protocolId} of Netify has no name here; it is left as it was.`)
  }
  if (application === undefined && protocol === undefined) return
  draft.softRule({ application, protocol, expression, column: 1, isForeign: true })
}

function decode(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const decoded = Buffer.from(text, 'base64').toString('utf8')
  return decoded.includes('\uFFFD') ? undefined : decoded
}
