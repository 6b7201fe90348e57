import type { FlowBatch } from '../model/flow-batch.ts'
import type { ApplicationName } from './options.ts'

/** Applications whose names are kept; more are counted. */
const maxApplications = 65_536

/** The names of the applications that rows were of, to be told by option records. */
export class Applications {
  /** Applications whose names were not kept, since there were too many. */
  refused = 0
  private readonly known = new Map<number, ApplicationName>()

  /** Every one that was met so far. */
  get all(): readonly ApplicationName[] {
    return [...this.known.values()]
  }

  /** Takes in what a batch names, and gives those that are new. */
  collect({ extras, length, texts }: FlowBatch): ApplicationName[] {
    const { applicationId, applicationName, applicationCategoryName } = extras
    if (applicationId === undefined || applicationName === undefined) return []
    const fresh: ApplicationName[] = []
    let last = 0
    for (let row = 0; row < length; row++) {
      const id = applicationId[row] ?? 0
      if (id === last || id === 0) continue
      last = id
      if (this.known.has(id)) continue
      if (this.known.size >= maxApplications) {
        this.refused++
        continue
      }
      const name = texts.textOf(applicationName[row] ?? 0)
      // A row that does not name its application leaves that to another one.
      if (name === '') continue
      const category = texts.textOf(applicationCategoryName?.[row] ?? 0)
      const one = { id, name, category }
      this.known.set(id, one)
      fresh.push(one)
    }
    return fresh
  }
}
