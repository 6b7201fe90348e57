import { NetflowDecoder } from '../collector/netflow/decoder.ts'
import { readNetflowFile } from '../collector/netflow/from-files.ts'
import type { FileTally } from '../collector/netflow/from-files.ts'
import { JsonTarget } from '../collector/netflow/json-target.ts'
import { settingsFor } from '../collector/netflow/settings.ts'
import { systemProblem } from '../model/system-error.ts'

/** Octets of lines that are gathered before they are written. */
const chunkBytes = 64 << 10

/** What came of it: problems are sentences for people. */
export interface Decoded {
  readonly done: boolean
  readonly problems: readonly string[]
}

function problemsOf({ file, messages, damage, other, isCapture }: FileTally): string[] {
  if (damage !== undefined) {
    const rest = isCapture ? 'it was read up to there' : `${other} octets were left`
    return [`${file}: ${damage}; ${rest}.`]
  }
  return messages === 0 ? [`${file}: no NetFlow or IPFIX in it.`] : []
}

function malformedOf(decoder: NetflowDecoder): string[] {
  const counts = new Map<string, number>()
  for (const exporter of decoder.exporters.values()) {
    for (const [reason, count] of Object.entries(exporter.counters.malformed)) {
      counts.set(reason, (counts.get(reason) ?? 0) + count)
    }
  }
  return [...counts].map(([reason, count]) => `${count} times malformed: ${reason}.`)
}

/** Writes the records of these files as lines of JSON. */
export function decodeFiles(
  files: readonly string[],
  write: (text: string) => void,
  read: (octets: number) => void = () => {}
): Decoded {
  let gathered = ''
  let showsExporter = false
  const line = (text: string): void => {
    gathered += `${text}\n`
    if (gathered.length < chunkBytes) return
    write(gathered)
    gathered = ''
  }
  const target = new JsonTarget(line, () => showsExporter)
  const decoder = new NetflowDecoder({
    target,
    settingsOf: (...words) => settingsFor([], ...words),
  })
  const problems: string[] = []
  for (const file of files) {
    try {
      const begin = (isCapture: boolean): void => {
        showsExporter = isCapture
      }
      const tally = readNetflowFile(file, decoder, { begin, read })
      problems.push(...problemsOf(tally))
    } catch (error) {
      const known = systemProblem(error, file)
      const text = error instanceof Error ? error.message : String(error)
      problems.push(known === undefined ? `${file}: ${text}` : `${known.text} ${known.fix}`)
    }
  }
  if (gathered !== '') write(gathered)
  const done = problems.length === 0
  const waiting = [...decoder.exporters.values()].reduce((sum, one) => sum + one.pending.length, 0)
  if (waiting > 0) problems.push(`${waiting} sets have no template in these files.`)
  return { done, problems: [...problems, ...malformedOf(decoder)] }
}
