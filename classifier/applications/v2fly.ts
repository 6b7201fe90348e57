import { compilePattern } from '../../criteria/pattern.ts'
import type { RuleDraft } from './draft.ts'
import { eachLine } from './lines.ts'
import type { ApplicationCategory } from './rules.ts'

/*
 * v2fly/domain-list-community: one file a service, its name is the file's.
 *
 *   example.com             the name and all below it; so does domain:example.com
 *   full:www.example.com    that host alone
 *   keyword:example         a part of the name
 *   regexp:^ex[0-9]+\.com$  a pattern
 *   include:other           all that stands in another file
 *   ... @ads &other         attributes and further lists: they do not change what it means
 */

/** Lists that gather others, and what their members are. */
const gathering: Readonly<Record<string, ApplicationCategory>> = {
  'category-ads-all': 'advertiser',
  'category-ai-!cn': 'ai',
  'category-entertainment': 'entertainment',
  'category-games': 'games',
  'category-media': 'news',
  'category-porn': 'adult',
  'category-remote-control': 'remote-desktop',
  'category-social-media-!cn': 'social-media',
  'category-voip': 'voip',
  'category-vpnservices': 'vpn-and-proxy',
  'category-companies': 'business',
  'category-dev': 'technology',
}

const isGathering = (list: string): boolean => /^(category|geolocation|tld)-|^cn$/.test(list)

/**
 * Reads one list. What it includes has a file of its own, which names it; a list that gathers
 * others tells their category.
 *
 * @param list its name
 */
export function readV2fly(text: string, list: string, draft: RuleDraft): void {
  const owner = isGathering(list) ? undefined : draft.application(nameOf(list))
  eachLine(text, draft, (line) => {
    const [rule = ''] = line.trim().split(/\s+/)
    const [kind = '', ...rest] = rule.split(':')
    const value = rest.join(':')
    if (kind === 'include') {
      const category = gathering[list]
      if (category !== undefined) draft.categorise(nameOf(value), category)
    } else if (owner !== undefined) readRule(rest.length === 0 ? ['domain', kind] : [kind, value])
  })

  function readRule([kind, value]: readonly [string, string]): void {
    const of = owner ?? 0
    if (kind === 'domain' || kind === 'full') draft.host(of, value, kind === 'full')
    else if (kind === 'keyword') draft.pattern(of, 'keyword', value.toLowerCase())
    else if (kind === 'regexp') {
      const compiled = compilePattern(value, { ignoreCase: true })
      if (typeof compiled === 'string') draft.warn(`${compiled} It is passed over.`)
      else draft.pattern(of, 'pattern', value)
    } else draft.error(`Rules of kind ${kind.slice(0, 20)} are not known.`)
  }
}

const nameOf = (list: string): string =>
  list
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 64)
