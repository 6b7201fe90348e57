import type { PolicyProblem } from './problem.ts'
import type { Path, RuleSource } from './rule-source.ts'

/*
 * netify-proc-flow-actions.json, the policy of Netify's agent:
 *
 *   version, reprocess_flows, timezone, exemptions[]
 *   targets          NAME: { target_type, target_enabled, ... }
 *   target_defaults  TYPE: what every target of the type has, unless it says otherwise
 *   target_globals   TYPE: ctlabel: { max_bits, connlabel_conf }
 *   actions          NAME: { enabled, interface, criteria, targets[], exemptions[], halt_on_match,
 *                            time_of_day[] }
 *
 * It is turned into our own form, which then is checked as any other.
 */

type Dictionary = Readonly<Record<string, unknown>>

/** A file of Netify's in our form. */
export interface Imported {
  readonly settings: unknown
  readonly warnings: readonly PolicyProblem[]
  /** Where in the file something of our form stands. */
  readonly pathOf: (path: Path) => Path
}

/** A setting of a target: its name with us, and what it is where the file says nothing. */
type Renames = Readonly<Record<string, { readonly ours: string; readonly otherwise?: unknown }>>

const setSettings: Renames = {
  set_name: { ours: 'set' },
  set_family: { ours: 'ip_version', otherwise: 'both' },
  ttl: { ours: 'ttl', otherwise: 0 },
  max_elements: { ours: 'max_elements' },
  managed: { ours: 'managed', otherwise: false },
  flush_on_create: { ours: 'flush_on_create' },
  flush_on_destroy: { ours: 'flush_on_destroy' },
}

const kindList: Readonly<Record<string, { readonly type: string; readonly settings: Renames }>> = {
  ctlabel: {
    type: 'label',
    settings: { labels: { ours: 'labels' }, auto_label: { ours: 'auto' } },
  },
  ctmark: {
    type: 'mark',
    settings: { mark: { ours: 'mark' }, mask: { ours: 'mask' }, shift: { ours: 'shift' } },
  },
  ipset: {
    type: 'ipset',
    settings: {
      ...setSettings,
      type: { ours: 'set_type' },
      skb_mark: { ours: 'skb_mark' },
      skb_mask: { ours: 'skb_mask' },
      skb_prio: { ours: 'skb_prio' },
      skb_queue: { ours: 'skb_queue' },
    },
  },
  nftset: {
    type: 'nft-set',
    settings: {
      ...setSettings,
      table_name: { ours: 'table', otherwise: 'nfa' },
      table_family: { ours: 'family' },
      type: { ours: 'elements' },
      size: { ours: 'max_elements' },
    },
  },
  log: {
    type: 'log',
    settings: {
      path: { ours: 'path', otherwise: '/tmp' },
      prefix: { ours: 'prefix', otherwise: 'netify-flow-actions' },
      suffix: { ours: 'suffix' },
      interval: { ours: 'interval' },
    },
  },
  sink: { type: 'stream', settings: {} },
}

const kinds = new Map(Object.entries(kindList))

/** What says nothing that we act on, and needs no warning. */
const passedOver: ReadonlySet<string> = new Set(['target_type', 'target_enabled', 'log_errors'])

const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const part = (value: unknown, key: string): Dictionary => {
  const found = isDictionary(value) ? value[key] : undefined
  return isDictionary(found) ? found : {}
}

/** True where a document has Netify's form. */
export function isFlowActions(data: unknown): boolean {
  if (!isDictionary(data)) return false
  const ofNetify = ['target_globals', 'target_defaults', 'reprocess_flows', 'version']
  const targets = Object.values(part(data, 'targets'))
  return (
    ofNetify.some((key) => key in data) ||
    targets.some((target) => isDictionary(target) && 'target_type' in target)
  )
}

const families: Readonly<Record<string, string>> = { '*': 'both' }

function targetOf(
  all: Dictionary,
  type: string,
  warn: (key: string, text: string) => void
): Dictionary {
  const kind = kinds.get(type)
  if (kind === undefined) return { ...all, type }
  const settings: Record<string, unknown> = { type: kind.type }
  for (const { ours, otherwise } of Object.values(kind.settings)) {
    if (otherwise !== undefined) settings[ours] = otherwise
  }
  for (const [key, value] of Object.entries(all)) {
    const ours = Object.hasOwn(kind.settings, key) ? kind.settings[key]?.ours : undefined
    if (ours !== undefined) settings[ours] = value
    else if (!passedOver.has(key)) warn(key, `${key} is not known here, and passed over.`)
  }
  if ('ip_version' in settings) {
    settings['ip_version'] = families[String(settings['ip_version'])] ?? settings['ip_version']
  }
  // Netify's agent puts the version of IP behind the name of an IP set in any case.
  if (type === 'ipset') settings['suffix'] = true
  return settings
}

/** Turns Netify's form into ours. */
export function importFlowActions(source: RuleSource): Imported {
  const data = isDictionary(source.data) ? source.data : {}
  const warnings: PolicyProblem[] = []
  const warn = (path: Path, text: string): void =>
    void warnings.push({ ...source.place(path), text })
  const defaults = part(data, 'target_defaults')
  const types = new Map<string, string>()
  const targets = Object.entries(part(data, 'targets')).map(([name, value]) => {
    const own = isDictionary(value) ? value : {}
    const type = typeof own['target_type'] === 'string' ? own['target_type'] : ''
    types.set(name, type)
    const all = { ...part(defaults, type), ...own }
    const settings = targetOf(all, type, (key, text) => warn(['targets', name, key], text))
    if (type === 'sink') warn(['targets', name], 'A sink is the stream of flows here.')
    const isHere = type !== 'pftable'
    if (!isHere) warn(['targets', name], 'There are no tables of PF on Linux: it does nothing.')
    const enabled = isHere && own['target_enabled'] !== false
    return [name, isHere ? { ...settings, enabled } : { type: 'stream', enabled }] as const
  })
  const { max_bits: most, connlabel_conf: file } = part(part(data, 'target_globals'), 'ctlabel')
  const settings = {
    ...(data['timezone'] === undefined ? {} : { time_zone: data['timezone'] }),
    ...(data['reprocess_flows'] === undefined ? {} : { reevaluate: data['reprocess_flows'] }),
    ...(data['exemptions'] === undefined ? {} : { exemptions: data['exemptions'] }),
    labels: {
      ...(most === undefined ? {} : { max_bits: most }),
      ...(file === undefined ? {} : { connlabel_conf: file }),
    },
    targets: Object.fromEntries(targets),
    actions: data['actions'] ?? {},
  }
  return { settings, warnings, pathOf: (path) => theirPath(path, types) }
}

const theirTops: Readonly<Record<string, string>> = {
  time_zone: 'timezone',
  reevaluate: 'reprocess_flows',
}

function theirPath(path: Path, types: ReadonlyMap<string, string>): Path {
  const [top = '', name = '', key, ...rest] = path
  if (top === 'labels') return ['target_globals', 'ctlabel', ...path.slice(1)]
  if (top !== 'targets') return [theirTops[String(top)] ?? top, ...path.slice(1)]
  const renames = Object.entries(kinds.get(types.get(String(name)) ?? '')?.settings ?? {})
  const theirs = renames.find(([, { ours }]) => ours === key)?.[0]
  const isType = key === 'type'
  if (key === undefined) return path
  return [top, name, isType ? 'target_type' : (theirs ?? key), ...rest]
}
