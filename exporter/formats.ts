import { exportProtocols } from '../model/export-targets.ts'
import { csv, csvSheet } from './formats/csv.ts'
import { flowTools } from './formats/flow-tools.ts'
import { ndjson } from './formats/ndjson.ts'
import type { TextFormat } from './text-format.ts'

/** Every form of text: one file each, one line here. */
export const textFormats: Readonly<Record<string, TextFormat>> = {
  'flow-tools': flowTools,
  ndjson,
  csv,
  'csv-sheet': csvSheet,
}

/** What `export --format` takes: texts, and the protocols as messages one behind the other. */
export const exportFormats: readonly string[] = [...Object.keys(textFormats), ...exportProtocols]
