import { FlowledgerError } from '../../model/errors.ts'
import { inspect, isOwnTable, nftSets, ownIpsets, tableListing } from './inspect.ts'
import type { NftSetState } from './inspect.ts'
import { ownerMark, ownerSet, policyTable } from './needs.ts'
import { ipsetArguments, needsTable, setText, tableText } from './ruleset.ts'
import type { Wanted } from './ruleset.ts'
import { requireTool, runTool } from './run.ts'

const key = (set: { family: string; table: string }, name: string): string =>
  `${set.family} ${set.table} ${name}`

/** Tables that sets shall be in and that are not there: made with our mark, so removed with it. */
async function newTables(wanted: Wanted): Promise<readonly string[]> {
  const names = wanted.nftSets.filter(({ isManaged }) => isManaged)
  const unique = new Map(names.map((set) => [`${set.family} ${set.table}`, set]))
  const lines: string[] = []
  for (const [name, { family, table }] of unique) {
    if (table === policyTable || (await tableListing(family, table)) !== undefined) continue
    lines.push(`table ${name} { comment "${ownerMark}"; }`)
  }
  return lines
}

/** Sets of ours that the policy has no use for any more. */
function staleSets(sets: readonly NftSetState[], wanted: Wanted): readonly NftSetState[] {
  const kept = new Set(wanted.nftSets.map((set) => key(set, set.set)))
  return sets.filter((set) => set.isOurs && !kept.has(key(set, set.name)))
}

/**
 * Puts in place what a policy needs: one transaction of nft, then IP sets. Sets that are there and
 * are ours keep their elements.
 *
 * @returns what could not be removed of an earlier policy
 * @throws FlowledgerError where something is in the way; then nothing was changed
 */
export async function install(wanted: Wanted): Promise<readonly string[]> {
  const conflicts = (await inspect(wanted)).filter(({ kind }) => kind === 'conflict')
  if (conflicts.length > 0) {
    const lines = conflicts.map(({ text, fix }) => `${text} ${fix}`)
    throw new FlowledgerError('rules-invalid', lines.join('\n'))
  }
  const others = wanted.nftSets.filter((set) => set.isManaged && set.table !== policyTable)
  const text = [
    ...(needsTable(wanted) ? [tableText(wanted)] : []),
    ...(await newTables(wanted)).map((line) => `${line}\n`),
    ...others.map(setText),
  ].join('')
  if (text !== '') await requireTool('nft', ['-f', '-'], text)
  await installIpsets(wanted)
  return await removeStale(wanted)
}

async function installIpsets({ ipsets }: Wanted): Promise<void> {
  const managed = ipsets.filter(({ isManaged }) => isManaged)
  if (managed.length === 0) return
  let own = await ownIpsets()
  if (own === undefined) {
    await requireTool('ipset', ['create', ownerSet, 'list:set', 'size', '1024'])
    own = []
  }
  for (const need of managed) {
    if (own.includes(need.name)) {
      if (need.flushOnCreate) await requireTool('ipset', ['flush', need.name])
      continue
    }
    await requireTool('ipset', ipsetArguments(need))
    await requireTool('ipset', ['add', ownerSet, need.name])
  }
}

async function removeStale(wanted: Wanted): Promise<readonly string[]> {
  const left: string[] = []
  for (const set of staleSets((await nftSets()) ?? [], wanted)) left.push(...(await drop(set)))
  const kept = new Set(wanted.ipsets.map(({ name }) => name))
  const stale = ((await ownIpsets()) ?? []).filter((name) => !kept.has(name))
  return [...left, ...(await dropIpsets(stale))]
}

async function drop({ family, table, name }: NftSetState): Promise<readonly string[]> {
  const { error } = await runTool('nft', ['delete', 'set', family, table, name])
  return error === '' ? [] : [`The set ${family} ${table} ${name} is in use by rules.`]
}

async function dropIpsets(names: readonly string[]): Promise<readonly string[]> {
  const left: string[] = []
  for (const name of names) {
    // Out of our list first: a set that is in one cannot be destroyed.
    await requireTool('ipset', ['del', ownerSet, name])
    const { error } = await runTool('ipset', ['destroy', name])
    if (error === '') continue
    await requireTool('ipset', ['add', ownerSet, name])
    left.push(`The IP set ${name} is in use by rules.`)
  }
  return left
}

/** Tables that we made and nobody has put anything into. */
async function dropTables(sets: readonly NftSetState[]): Promise<void> {
  const unique = new Map(sets.map(({ family, table }) => [`${family} ${table}`, [family, table]]))
  for (const [family = '', table = ''] of unique.values()) {
    const listing = await tableListing(family, table)
    if (listing === undefined || !isOwnTable(listing)) continue
    const isEmpty = !/^\t(chain|set|map|flowtable|counter|quota|limit|ct |synproxy)/m.test(listing)
    if (isEmpty) await requireTool('nft', ['delete', 'table', family, table])
  }
}

/**
 * Takes away all that is ours: connections that were cut or marked are so no more.
 *
 * @returns what somebody's rules still use, and so is still there
 */
export async function removeAll(): Promise<readonly string[]> {
  const listing = await tableListing('inet', policyTable)
  if (listing !== undefined && isOwnTable(listing)) {
    await requireTool('nft', ['delete', 'table', 'inet', policyTable])
  }
  const ours = ((await nftSets()) ?? []).filter(({ isOurs }) => isOurs)
  const left: string[] = []
  for (const set of ours) left.push(...(await drop(set)))
  await dropTables(ours)
  const own = await ownIpsets()
  if (own === undefined) return left
  left.push(...(await dropIpsets(own)))
  if ((await ownIpsets())?.length === 0) await requireTool('ipset', ['destroy', ownerSet])
  return left
}
