import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import type { StreamHub } from './hub.ts'

/** Lines that are written at once. */
const maxLines = 256

/**
 * Writes the state to a file, one JSON object a line as in the stream: how the agent is, what
 * interfaces show, then every open flow. The file is replaced as a whole, so a reader never sees
 * half of it.
 */
export function dumpState(hub: StreamHub, path: string): void {
  const file = openSync(`${path}.new`, 'w', 0o640)
  try {
    writeSync(file, hub.stateLines().join(''))
    let lines: string[] = []
    for (const line of hub.establishedLines()) {
      lines.push(line)
      if (lines.length < maxLines) continue
      writeSync(file, lines.join(''))
      lines = []
    }
    writeSync(file, lines.join(''))
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
}
