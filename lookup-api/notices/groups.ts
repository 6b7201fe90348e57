import { formatWords } from '../../model/address.ts'
import { fuse, isAddress, isPort, isTime } from './facts.ts'
import type { Fact } from './facts.ts'
import { agree } from './times.ts'
import type { NoticeSighting, NoticeTime, TimeContext } from './types.ts'

/**
 * Which fields of a text belong together. Address n is never paired with time n because they are
 * the n-th of their kind: the fields must repeat as a form does, or stand in blocks of their own.
 * Where neither is so, each address may have any of the times, and that is what is said.
 */

/** Where lines stand: blocks end at empty lines, runs at sentences and rules. */
export interface Layout {
  readonly blockOf: readonly number[]
  readonly runOf: readonly number[]
}

/** The fields that say when something happened, and those that only say a time. */
const isWeakTime = ({ label }: Fact): boolean => label.role === 'time' || label.role === 'report'

const addressKey = ({ address, text }: Fact): string =>
  address?.ip === undefined ? `not an address: ${text.trim()}` : formatWords(address.ip)

/**
 * Splits fields that repeat as a form does: the same names in the same order, one address a form.
 *
 * @returns undefined where they do not, or where the blocks of the text say otherwise
 */
function byForm(facts: readonly Fact[], { blockOf }: Layout): Fact[][] | undefined {
  const count = facts.filter(isAddress).length
  if (count < 2 || facts.length % count !== 0) return undefined
  const size = facts.length / count
  const repeats = facts.every((fact, i) => fact.label.key === facts[i % size]?.label.key)
  if (!repeats) return undefined
  const forms = Array.from({ length: count }, (_, i) => facts.slice(i * size, (i + 1) * size))
  if (forms.some((form) => form.filter(isAddress).length !== 1)) return undefined
  const formOfBlock = new Map<number, number>()
  const blocks = new Set(facts.map(({ line }) => blockOf[line]))
  if (blocks.size === 1) return forms
  for (const [i, form] of forms.entries()) {
    for (const { line } of form) {
      const block = blockOf[line] ?? -1
      if ((formOfBlock.get(block) ?? i) !== i) return undefined
      formOfBlock.set(block, i)
    }
  }
  return forms
}

/** Splits fields by the blocks that they stand in, where each block has an address of its own. */
function byBlock(facts: readonly Fact[], { blockOf }: Layout): Fact[][] | undefined {
  const blocks = new Map<number, Fact[]>()
  for (const fact of facts) {
    const block = blockOf[fact.line] ?? -1
    const group = blocks.get(block)
    if (group === undefined) blocks.set(block, [fact])
    else group.push(fact)
  }
  const groups = [...blocks.values()]
  const alone = groups.every((group) => new Set(group.filter(isAddress).map(addressKey)).size === 1)
  return alone && groups.length > 1 ? groups : undefined
}

/** A block may give the same address twice; a second port or time in it is a doubt of its own. */
function isComplete(group: readonly Fact[]): boolean {
  const ports = new Set(group.filter(isPort).map(({ port }) => port?.port))
  return group.some(isTime) && ports.size <= 1
}

/** Every readable time of the fields, as one time of several instants. */
function anyTime(facts: readonly Fact[]): NoticeTime | undefined {
  const times = facts.filter(isTime).flatMap(({ times: read }) => read ?? [])
  return agree(times.filter(({ instants }) => instants.length > 0))
}

const apart = 'Which time and port belong to which address is not certain.'

/** Each address with all the times: somebody has to choose. */
function undecided(facts: readonly Fact[], context: TimeContext): NoticeSighting[] {
  const time = anyTime(facts)
  return facts.filter(isAddress).map((fact) => {
    const own = fuse(
      [fact],
      context,
      time === undefined ? { doubt: apart } : { doubt: apart, time }
    )
    return { ...own, uncertain: true }
  })
}

/** Fields before the forms begin, of which each form has none of its own kind. */
function withoutPreamble(facts: readonly Fact[]): { rest: Fact[]; preamble: Fact[] } {
  const counts = new Map<string, number>()
  for (const { label } of facts) counts.set(label.key, (counts.get(label.key) ?? 0) + 1)
  const first = facts.findIndex((fact) => (counts.get(fact.label.key) ?? 0) > 1)
  return { preamble: facts.slice(0, Math.max(first, 0)), rest: facts.slice(Math.max(first, 0)) }
}

/** A form without a time of its own may share the one above all forms: likely, not sure. */
function fuseGroup(
  group: readonly Fact[],
  preamble: readonly Fact[],
  context: TimeContext
): NoticeSighting {
  if (group.some(isTime) || !preamble.some(isTime)) return fuse(group, context)
  const time = anyTime(preamble)
  const doubt = 'The time stands above several addresses; it may not be that of each.'
  return fuse(group, context, time === undefined ? { doubt } : { doubt, time })
}

function several(facts: readonly Fact[], layout: Layout, context: TimeContext): NoticeSighting[] {
  const { rest, preamble } = withoutPreamble(facts)
  // An address above the forms is no part of any.
  if (preamble.some(isAddress)) return splitWhole(facts, layout, context)
  const groups = byForm(rest, layout) ?? byBlock(rest, layout)
  if (groups === undefined) return splitWhole(facts, layout, context)
  return groups.map((group) => fuseGroup(group, preamble, context))
}

function splitWhole(
  facts: readonly Fact[],
  layout: Layout,
  context: TimeContext
): NoticeSighting[] {
  const groups = byForm(facts, layout) ?? byBlock(facts, layout)
  if (groups === undefined) return undecided(facts, context)
  if (groups.every(isComplete)) return groups.map((group) => fuse(group, context))
  return groups.map((group) => fuseGroup(group, [], context))
}

/**
 * Makes sightings of the fields of a text.
 *
 * @param all fields in the order of their lines
 */
export function associate(
  all: readonly Fact[],
  layout: Layout,
  context: TimeContext
): NoticeSighting[] {
  const facts = all.filter(({ label }) => !/^(?:other-time|zone|id)$/.test(label.role))
  const addresses = facts.filter(isAddress)
  if (addresses.length === 0) return []
  const runs = new Set(addresses.map(({ line }) => layout.runOf[line]))
  // A date at the head of a letter is the letter's.
  const near = facts.filter((fact) => !isWeakTime(fact) || runs.has(layout.runOf[fact.line]))
  if (new Set(addresses.map(addressKey)).size > 1) return several(near, layout, context)
  if (addresses.length === 1) return [fuse(near, context)]
  const { rest, preamble } = withoutPreamble(near)
  const groups = byForm(rest, layout) ?? byBlock(rest, layout)
  if (groups === undefined || preamble.some(isAddress)) return [fuse(near, context)]
  return groups.map((group) => fuseGroup(group, preamble, context))
}
