import type { AddressGroup, CriteriaNames } from '../../criteria/names.ts'
import { netifyProtocols } from '../../criteria/netify-protocols.ts'
import { knownProtocols } from '../known-protocols.ts'
import { protocolCategories } from '../protocols/protocol.ts'
import { nameOfTag } from './netify-tags.ts'
import { applicationCategories } from './rules.ts'
import type { Application } from './rules.ts'

/** Netify numbers its categories by this order, from 1: of applications all but our own `ai`. */
const netifyNumbered = applicationCategories.filter((name) => name !== 'ai')
const netifyNumberedProtocols = [
  'authentication',
  'database',
  'file-server',
  'file-sharing',
  'games',
  'infrastructure',
  'mail',
  'media',
  'media-provider',
  'messaging',
  'networking',
  'printing',
  'proxy',
  'remote-desktop',
  'unclassified',
  'voip',
  'vpn',
  'web',
] as const

const protocols = new Map(knownProtocols().map((protocol) => [protocol.name, protocol]))

/** Categories of protocols that Netify calls otherwise, by its name. */
const netifyProtocolCategories: Readonly<Record<string, string>> = {
  'file-server': 'file',
  infrastructure: 'network',
  networking: 'network',
  media: 'streaming',
  'media-provider': 'streaming',
  'remote-desktop': 'remote-access',
}

/** The category of a protocol of ours; `other` of one that is not known. */
export function protocolCategory(name: string): string {
  return protocols.get(name)?.category ?? 'other'
}

/** What names in expressions mean where these applications are known. */
export function criteriaNames(
  applications: readonly Application[],
  aliases: ReadonlyMap<string, string>,
  groups: ReadonlyMap<string, AddressGroup> = new Map()
): CriteriaNames {
  const byName = new Map(applications.map((application) => [application.name, application]))
  const byId = new Map(applications.map(({ id, name }) => [String(id), name]))
  return {
    application(text) {
      const name = text.toLowerCase()
      return byName.has(name)
        ? name
        : (aliases.get(name) ?? byId.get(name) ?? byName.get(nameOfTag(name))?.name)
    },
    protocol(text) {
      const name = text.toLowerCase()
      const theirs = netifyProtocols.get(name) ?? []
      const ours = protocols.has(name) ? [name] : []
      return [...new Set([...ours, ...theirs])]
    },
    applicationCategory(text) {
      const name = netifyNumbered[Number(text) - 1] ?? nameOfTag(text)
      return applicationCategories.find((category) => category === name)
    },
    protocolCategory(text) {
      const name = netifyNumberedProtocols[Number(text) - 1] ?? text.toLowerCase()
      const ours = netifyProtocolCategories[name] ?? name
      return protocolCategories.find((category) => category === ours)
    },
    group: (name) => groups.get(name),
    suggestions: {
      applications: () => [...byName.keys()],
      protocols: () => [...protocols.keys()],
    },
  }
}
