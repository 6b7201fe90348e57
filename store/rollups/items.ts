import { otherItem, unknownItem } from '../../model/rollup.ts'

/** Characters of an item that are kept: what names it comes from the wire. */
const maxLength = 64

/** A day after the first name that was admitted, names are forgotten and room is again. */
const admittedMs = 86_400_000

/**
 * Numbers for the items of a dimension, so that sums are found by number. As many as there is room
 * for get one in a day; those past it are `other`: an exporter that makes up names fills no tables.
 */
export class Items {
  /** Names that found no room. */
  refused = 0
  readonly #most: number
  readonly #numbers = new Map<string, number>()
  readonly #texts: string[] = []
  #sinceMs = 0

  constructor(most: number) {
    this.#most = most
    this.#forget(Date.now())
  }

  /** The number of a text, whatever it holds; an empty one is `unknown`. */
  numberOf(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const item = cleanItem(text)
    const same = this.#numbers.get(item)
    if (same !== undefined) return same
    if (this.#texts.length >= this.#most) {
      this.refused++
      return 0
    }
    this.#texts.push(item)
    this.#numbers.set(item, this.#texts.length - 1)
    return this.#texts.length - 1
  }

  textOf(number: number): string {
    return this.#texts[number] ?? otherItem
  }

  /** Call where no number is in use: makes room again once a day. */
  renew(nowMs: number): void {
    if (nowMs - this.#sinceMs > admittedMs) this.#forget(nowMs)
  }

  #forget(nowMs: number): void {
    this.#sinceMs = nowMs
    this.#numbers.clear()
    this.#texts.length = 0
    for (const item of [otherItem, unknownItem]) this.numberOf(item)
  }
}

/** As it may stand in PostgreSQL and in a table: no control characters, and not too long. */
function cleanItem(text: string): string {
  const clean = text
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, '')
    .slice(0, maxLength)
    .trim()
  return clean === '' ? unknownItem : clean
}
