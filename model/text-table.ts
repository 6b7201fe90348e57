/**
 * The texts of a batch, each once: columns hold their numbers. Number 0 is the empty text, which
 * stands for "not known".
 */
export class TextTable {
  readonly #texts: string[] = ['']
  readonly #octets: (Uint8Array | undefined)[] = []
  readonly #numbers = new Map<string, number>()

  /** How many texts there are, the empty one included: every number is below it. */
  get size(): number {
    return this.#texts.length
  }

  /** The number of a text, which is taken in where it is new. */
  numberOf(text: string): number {
    if (text === '') return 0
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#texts.push(text) - 1
    this.#numbers.set(text, number)
    return number
  }

  /** The text of a number; the empty one where the number is of no text. */
  textOf(number: number): string {
    return this.#texts[number] ?? ''
  }

  /** A text as UTF-8, without zero octets, which PostgreSQL's text cannot hold. */
  octetsOf(number: number): Uint8Array {
    const known = this.#octets[number]
    if (known !== undefined) return known
    const octets = Buffer.from(this.textOf(number).replaceAll('\0', ''), 'utf8')
    this.#octets[number] = octets
    return octets
  }

  /** The texts in the order of their numbers, from number 1 on. */
  list(): readonly string[] {
    return this.#texts.slice(1)
  }

  /** Forgets all texts, as when the batch is filled anew. */
  clear(): void {
    this.#texts.length = 1
    this.#octets.length = 0
    this.#numbers.clear()
  }
}
