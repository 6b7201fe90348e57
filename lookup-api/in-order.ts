/** One item under way; `result` once it is done. */
interface UnderWay<Result> {
  readonly finished: Promise<void>
  result?: { readonly value: Result }
}

/** A promise that whoever has something to tell resolves. */
class Bell {
  #ring: () => void = () => {}
  #rung = new Promise<void>((resolve) => (this.#ring = resolve))

  ring(): void {
    this.#ring()
  }

  /** Resolves at the next ring, or at once where one was missed. */
  async heard(): Promise<void> {
    await this.#rung
    this.#rung = new Promise((resolve) => (this.#ring = resolve))
  }
}

/**
 * Works on items side by side, and hands the results on in the order of the items, as many at a
 * time as are there. At most `atOnce` items are under way or waiting to be handed on: who takes
 * slowly slows the work down, and the reading of items too.
 *
 * @param work never fails
 * @param take resolves when it can take more; false: no more is wanted
 * @throws what `items` throws, after the results of those before were handed on
 */
export async function inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
  take: (results: Result[]) => Promise<boolean>
): Promise<void> {
  const queue: UnderWay<Result>[] = []
  const arrived = new Bell()
  const room = new Bell()
  const reading = { ended: false, unwanted: false }

  async function read(): Promise<void> {
    try {
      for await (const item of items) {
        const one: UnderWay<Result> = {
          finished: work(item).then((value) => {
            one.result = { value }
          }),
        }
        queue.push(one)
        arrived.ring()
        while (queue.length >= atOnce && !reading.unwanted) await room.heard()
        if (reading.unwanted) return
      }
    } finally {
      reading.ended = true
      arrived.ring()
    }
  }

  /** The first result, and those after it that are there. */
  function takeable(): Result[] {
    const done = queue.findIndex(({ result }) => result === undefined)
    const ready = queue.splice(0, done < 0 ? queue.length : done)
    room.ring()
    return ready.flatMap(({ result }) => (result === undefined ? [] : [result.value]))
  }

  const ended = read()
  ended.catch(() => {})
  while (queue.length > 0 || !reading.ended) {
    const [first] = queue
    if (first === undefined) {
      await arrived.heard()
      continue
    }
    await first.finished
    if (await take(takeable())) continue
    reading.unwanted = true
    room.ring()
    return
  }
  await ended
}
