import { readFileSync } from 'node:fs'
import { classifyFile } from '../../appliance/capture/classify-file.ts'
import { reportOf } from '../../classifier/report.ts'
import type { FlowReport } from '../../classifier/report.ts'
import { groupBy, ja4Corpus } from './dpi-score.ts'

/** A connection of the JA4 corpus: its ends, and the fingerprints of its ClientHellos in order. */
interface Expected {
  readonly capture: string
  readonly src: string
  readonly dst: string
  readonly srcport: string
  readonly dstport: string
  readonly domain?: string
  readonly 'JA4.1'?: string
}

const at = (address: string, port: string): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

const ends = (a: string, b: string): string => [a, b].sort().join(' ')

/** Each connection for which a fingerprint is expected, with what was found. */
export function ja4Outcomes(): { expected: Expected; found: FlowReport | undefined }[] {
  const lines = readFileSync(`${ja4Corpus}/expected.ndjson`, 'utf8').trim().split('\n')
  const all = lines.map((line) => JSON.parse(line) as Expected)
  const hellos = all.filter((flow) => flow['JA4.1'] !== undefined)
  return [...groupBy(hellos, ({ capture }) => capture)].flatMap(([capture, flows]) => {
    const reports = new Map<string, FlowReport[]>()
    classifyFile(`${ja4Corpus}/${capture}`, (flow) => {
      const report = reportOf(flow)
      const key = ends(report.a, report.b)
      reports.set(key, [...(reports.get(key) ?? []), report])
    })
    return flows.map((expected) => {
      const { src, dst, srcport, dstport } = expected
      const list = reports.get(ends(at(src, srcport), at(dst, dstport))) ?? []
      const same = list.find(({ ja4 }) => ja4 === expected['JA4.1'])
      return { expected, found: same ?? list[0] }
    })
  })
}
