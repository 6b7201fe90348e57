/** Told how many of the tables and files that are looked through are done. */
export type WatchPlaces = (done: number, outOf: number) => void

/** Tables and files that are gone through, told to who watches. */
export class Places {
  readonly #watch: WatchPlaces
  #outOf: number
  #done = 0

  constructor(watch: WatchPlaces, outOf: number) {
    this.#watch = watch
    this.#outOf = outOf
    watch(0, outOf)
  }

  /** So many more turned out to be there. */
  expect(more: number): void {
    this.#outOf += more
    this.#watch(this.#done, this.#outOf)
  }

  done(): void {
    this.#watch(++this.#done, this.#outOf)
  }
}
