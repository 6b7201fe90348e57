/** Columns of a table by name, and the value of each in the row that is being read. */
export class Columns {
  private readonly places: ReadonlyMap<string, number>
  private values: readonly string[] = []
  /** Columns that the header names. */
  readonly width: number

  constructor(header: Iterable<string>) {
    const names = [...header]
    this.places = new Map(names.map((name, place) => [name, place]))
    this.width = names.length
  }

  has(name: string): boolean {
    return this.places.has(name)
  }

  row(values: readonly string[]): void {
    this.values = values
  }

  /** The value; empty where the table has no such column. */
  get(name: string): string {
    const place = this.places.get(name)
    return place === undefined ? '' : (this.values[place] ?? '')
  }
}
