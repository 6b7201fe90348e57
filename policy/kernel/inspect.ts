import { nftTypeOf, ownerMark, ownerSet, policyTable } from './needs.ts'
import type { IpsetNeed, NftSetNeed } from './needs.ts'
import { digestOf, needsTable } from './ruleset.ts'
import type { Wanted } from './ruleset.ts'
import { runTool } from './run.ts'

/** Something that the kernel lacks, or has otherwise than the policy wants it. */
export interface Finding {
  /** conflict: nothing is put in place while it is so; missing: apply puts it there. */
  readonly kind: 'missing' | 'conflict' | 'note'
  readonly text: string
  readonly fix: string
}

/** A set of nftables, as nft tells of it. */
export interface NftSetState {
  readonly family: string
  readonly table: string
  readonly name: string
  readonly type: readonly string[]
  readonly hasTimeout: boolean
  readonly isOurs: boolean
}

interface ListedSet {
  readonly family: string
  readonly table: string
  readonly name: string
  readonly type: string | readonly string[]
  readonly flags?: readonly string[]
  readonly comment?: string
}

const applyFix = 'flowledger policy apply'

/**
 * Every set of nftables, without its elements: nft writes a map of a large pool for minutes.
 * Undefined where nft tells nothing.
 */
export async function nftSets(): Promise<readonly NftSetState[] | undefined> {
  const { out, error } = await runTool('nft', ['-j', '-t', 'list', 'sets'])
  if (error !== '') return undefined
  const listed = JSON.parse(out) as { nftables: readonly { readonly set?: ListedSet }[] }
  return listed.nftables.flatMap(({ set }) =>
    set === undefined
      ? []
      : {
          family: set.family,
          table: set.table,
          name: set.name,
          type: typeof set.type === 'string' ? [set.type] : set.type,
          hasTimeout: set.flags?.includes('timeout') ?? false,
          isOurs: set.comment === ownerMark,
        }
  )
}

/** What `nft -t list table` prints; undefined where there is no such table. */
export async function tableListing(family: string, table: string): Promise<string | undefined> {
  const { out, error } = await runTool('nft', ['-t', 'list', 'table', family, table])
  return error === '' ? out : undefined
}

/** True where a table carries our mark, so that we made it. */
export const isOwnTable = (listing: string): boolean =>
  new RegExp(`^\\tcomment "${ownerMark}"$`, 'm').test(listing)

/** The names in our list of IP sets; undefined where there is none. */
export async function ownIpsets(): Promise<readonly string[] | undefined> {
  const { out, error } = await runTool('ipset', ['list', ownerSet])
  if (error !== '' || !/^Type: list:set$/m.test(out)) return undefined
  const members = out.slice(out.indexOf('Members:') + 'Members:'.length)
  return members.split('\n').flatMap((line) => line.trim().split(' ')[0] || [])
}

async function tableFinding(wanted: Wanted): Promise<readonly Finding[]> {
  if (!needsTable(wanted)) return []
  const listing = await tableListing('inet', policyTable)
  if (listing === undefined) {
    const text = `The table inet ${policyTable}, which acts on labels, is not there.`
    return [{ kind: 'missing', text, fix: applyFix }]
  }
  if (!isOwnTable(listing)) {
    const text = `Somebody else has a table inet ${policyTable}.`
    return [{ kind: 'conflict', text, fix: `nft delete table inet ${policyTable}` }]
  }
  if (listing.includes(`"policy ${digestOf(wanted)}"`)) return []
  const text = `The table inet ${policyTable} is that of another policy.`
  return [{ kind: 'missing', text, fix: applyFix }]
}

function nftFinding(need: NftSetNeed, sets: readonly NftSetState[]): readonly Finding[] {
  const { family, table, set, isManaged } = need
  const where = `${family} ${table} ${set}`
  const type = nftTypeOf(need.fields, need.ipVersion)
  const found = sets.find((one) => one.family === family && one.table === table && one.name === set)
  if (found === undefined) {
    const text = `The set ${where} is not there.`
    const own = `nft add set ${where} '{ type ${type}; flags timeout; }'`
    return [{ kind: 'missing', text, fix: isManaged ? applyFix : own }]
  }
  if (found.type.join(' . ') !== type) {
    const text = `The set ${where} is of type ${found.type.join(' . ')}, not ${type}.`
    return [{ kind: 'conflict', text, fix: `nft delete set ${where}` }]
  }
  if (need.ttl > 0 !== found.hasTimeout) {
    const text = `The set ${where} has ${found.hasTimeout ? 'timeouts' : 'no timeouts'}.`
    return [{ kind: 'conflict', text, fix: `nft delete set ${where}` }]
  }
  if (isManaged && !found.isOurs) {
    const text = `The set ${where} is somebody else's.`
    return [{ kind: 'conflict', text, fix: 'Write managed: false to use it as it is.' }]
  }
  return []
}

async function ipsetFinding(
  need: IpsetNeed,
  own: readonly string[] | undefined
): Promise<readonly Finding[]> {
  const { name, type, isManaged, ttl } = need
  const { out, error } = await runTool('ipset', ['list', '-t', name])
  if (/not found|ENOENT/.test(error)) {
    return [{ kind: 'conflict', text: 'ipset is not installed.', fix: 'Install ipset.' }]
  }
  if (error !== '') {
    const text = /does not exist/.test(error)
      ? `The IP set ${name} is not there.`
      : `ipset tells nothing of ${name}: ${error.split('\n')[0] ?? ''}`
    return [{ kind: 'missing', text, fix: isManaged ? applyFix : `ipset create ${name} ${type}` }]
  }
  const there = /^Type: (\S+)$/m.exec(out)?.[1]
  const family = /^Header: .*\bfamily (\S+)/m.exec(out)?.[1]
  const wantedFamily = need.ipVersion === 4 ? 'inet' : 'inet6'
  if (there !== type || (family !== undefined && family !== wantedFamily)) {
    const text = `The IP set ${name} is ${there} ${family ?? ''}, not ${type} ${wantedFamily}.`
    return [{ kind: 'conflict', text, fix: `ipset destroy ${name}` }]
  }
  const lacks = [
    ...(ttl > 0 && !/^Header: .*\btimeout /m.test(out) ? ['timeouts'] : []),
    ...(need.hasSkb && !/^Header: .*\bskbinfo\b/m.test(out) ? ['skbinfo'] : []),
  ]
  if (lacks.length > 0) {
    const text = `The IP set ${name} has no ${lacks.join(' and no ')}.`
    return [{ kind: 'conflict', text, fix: `ipset destroy ${name}` }]
  }
  if (isManaged && own?.includes(name) !== true) {
    const text = `The IP set ${name} is somebody else's.`
    return [{ kind: 'conflict', text, fix: 'Write managed: false to use it as it is.' }]
  }
  return []
}

/** Rules of others that keep ours from being asked. */
async function notes(wanted: Wanted): Promise<readonly Finding[]> {
  if (wanted.rules.cut.length + wanted.rules.mark.length === 0) return []
  const { out } = await runTool('nft', ['-t', 'list', 'flowtables'])
  if (!out.includes('flowtable')) return []
  const text = 'Flowtables pass connections by the rules: what is in one is neither cut nor marked.'
  return [{ kind: 'note', text, fix: 'Offload only what carries a label or mark that lets it.' }]
}

/** What of the kernel is not as a policy needs it. */
export async function inspect(wanted: Wanted): Promise<readonly Finding[]> {
  const sets = await nftSets()
  if (sets === undefined) {
    const text = 'nft tells nothing of the rules of this host.'
    return [{ kind: 'conflict', text, fix: 'Run as root, and install nftables.' }]
  }
  const others = wanted.nftSets.filter(({ table }) => table !== policyTable)
  const own = wanted.ipsets.length === 0 ? undefined : await ownIpsets()
  const ipsets = await Promise.all(wanted.ipsets.map((need) => ipsetFinding(need, own)))
  return [
    ...(await tableFinding(wanted)),
    ...others.flatMap((need) => nftFinding(need, sets)),
    ...ipsets.flat(),
    ...(await notes(wanted)),
  ]
}
