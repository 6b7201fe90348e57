import { parseAddress } from '../../model/address.ts'
import { maxTextLength } from './limits.ts'
import type { Skipped } from './types.ts'

/** Why no notice was found: said in terms of what its sender would have to write. */

const addressLike = /(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7})\b/gi
const timeLike =
  /\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b/

/** Addresses that are looked at: whether there are any is all that is said of them. */
const maxLooked = 1000

function hasAddress(text: string): boolean {
  let looked = 0
  for (const [shown] of text.matchAll(addressLike)) {
    if (parseAddress(shown) !== undefined) return true
    if (++looked >= maxLooked) return false
  }
  return false
}

/** What words lack that no claim was found in them. */
export function whyWordsSayNothing(whole: string): string {
  const text = whole.slice(0, maxTextLength)
  if (text.trim() === '') return 'There is no text in it.'
  const [address, time] = [hasAddress(text), timeLike.test(text)]
  if (!address && !time) return 'It holds no IP address and no time.'
  if (!address) return 'It holds no IP address.'
  const named = 'behind a name such as "IP address:"'
  if (!time) return `It holds an IP address, but no time, and the address does not stand ${named}.`
  return `No IP address in it stands ${named}, on one line with a time, or in a table.`
}

/**
 * Why a whole message holds no notice.
 *
 * @param silent what was read and said nothing, a reason each
 * @param pictures parts that are pictures, sound or films, which nobody reads here
 */
export function whyNothing(
  silent: readonly Skipped[],
  skipped: readonly Skipped[],
  pictures: number
): string {
  const parts = silent.slice(0, 10).map(({ part, reason }) => `${part}: ${reason}`)
  const more = silent.length > parts.length ? [`${silent.length - parts.length} more parts.`] : []
  const seen = pictures === 0 ? [] : [`Pictures, sound and films are not read; it has ${pictures}.`]
  const unread =
    skipped.length === 0 ? [] : [`Not read, for reasons of their own: ${skipped.length}.`]
  const all = [...parts, ...more, ...seen, ...unread]
  return `No notice was found. ${all.length === 0 ? 'There is nothing in it.' : all.join(' ')}`
}
