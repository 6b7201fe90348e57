import type { RuleDraft } from './draft.ts'
import { eachLine } from './lines.ts'
import { nameOfTag } from './netify-tags.ts'

/*
 * netify-sink.conf, agent 4.0 and before: one rule a line, entries, @, the application.
 *
 *   host:"^snapchat.com$",host:".snapchat.com$"@199.netify.snapchat
 *   ip:192.0.2.0/24@199.netify.snapchat
 *
 *   ^name$  that host       .name$  all below it       the number before the tag may be missing
 *
 * Netify looks up every suffix of a host, so a name given in either form means all below it too.
 */
const entry = /(?<kind>[a-z]+):(?:"(?<quoted>[^"]*)"|(?<bare>[^,@"]*))(?:,|$)/gy

/** Reads Netify's older signatures. */
export function readNetifySink(text: string, draft: RuleDraft): void {
  eachLine(text, draft, (line) => {
    const at = line.lastIndexOf('@')
    const target = /^(?:(\d{1,8})\.)?([A-Za-z][\w.-]*)$/.exec(line.slice(at + 1).trim())
    if (at < 0 || target === null) {
      draft.error('A rule is entries, @ and an application.')
      return
    }
    const [, id, tag = ''] = target
    const name = nameOfTag(tag)
    if (name === '') return draft.error(`${tag.slice(0, 60)} is no tag of an application.`)
    const owner = draft.application(name, isId(id) ? { id: Number(id) } : {})
    if (isId(id)) draft.aliases.set(id, name)
    draft.aliases.set(tag.toLowerCase(), name)
    readEntries(line.slice(0, at), owner, draft)
  })
}

const isId = (id: string | undefined): id is string =>
  id !== undefined && Number(id) > 0 && Number(id) < 1 << 24

function readEntries(text: string, owner: number, draft: RuleDraft): void {
  let end = 0
  for (const match of text.matchAll(entry)) {
    end = match.index + match[0].length
    const { kind = '', quoted, bare = '' } = match.groups ?? {}
    const value = (quoted ?? bare).trim()
    const column = match.index + 1
    if (kind === 'host')
      draft.host(owner, value.replace(/^\^/, '').replace(/\$$/, ''), false, column)
    else if (kind === 'ip') draft.net(owner, value, false, column)
    else draft.warn(`Entries of kind ${kind} are not known, and passed over.`, column)
  }
  if (end < text.length) draft.error('This is no entry such as host:"^example.com$".', end + 1)
}
