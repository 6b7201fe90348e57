import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { classifyFile } from '../../appliance/capture/classify-file.ts'
import { reportOf } from '../../classifier/report.ts'
import type { FlowReport } from '../../classifier/report.ts'
import { namesOf } from './labels.ts'

const corpora = fileURLToPath(new URL('../../../shared/corpora', import.meta.url))
export const dpiCorpus = `${corpora}/dpi`
export const ja4Corpus = `${corpora}/ja4`

/** Reason why the corpus cannot be run over. */
export function corpusMissing(folder: string): string | undefined {
  return existsSync(folder) ? undefined : `${folder} is not there`
}

/** One flow as the corpus expects it. */
export interface ExpectedFlow {
  readonly capture: string
  readonly l4: string
  readonly a: string
  readonly b: string
  readonly protocol: string
  readonly confidence: string
  readonly hostname?: string
  readonly ja3?: string
}

/** How one expected flow fared. */
export interface Outcome {
  readonly expected: ExpectedFlow
  readonly report: FlowReport | undefined
  readonly protocol: 'right' | 'wrong' | 'unknown' | 'missing'
}

const sameZeros = (address: string): string =>
  // nDPI writes a single zero group as `::`; both sides are compared without such groups.
  address.replaceAll(/:0(?=:)/g, ':').replaceAll(/:{2,}/g, ':')

const keyOf = ({ l4, a, b }: { l4: string; a: string; b: string }): string =>
  [l4, ...[sameZeros(a), sameZeros(b)].sort()].join(' ')

/** Items by what `keyOf` says of each. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}

export function expectedFlows(): Map<string, ExpectedFlow[]> {
  const lines = readFileSync(`${dpiCorpus}/expected.ndjson`, 'utf8').trim().split('\n')
  const flows = lines.map((line) => JSON.parse(line) as ExpectedFlow)
  return groupBy(flows, ({ capture }) => capture)
}

export function captureNames(prefix = ''): string[] {
  return readdirSync(`${dpiCorpus}/captures`).filter((name) => name.startsWith(prefix))
}

/** Classifies a capture, and pairs what is expected of it with what was found. */
export function outcomesOf(capture: string, expected: readonly ExpectedFlow[]): Outcome[] {
  const reports = new Map<string, FlowReport[]>()
  classifyFile(`${dpiCorpus}/captures/${capture}`, (flow) => {
    const report = reportOf(flow)
    const key = keyOf(report)
    const others = reports.get(key)
    if (others === undefined) reports.set(key, [report])
    else others.push(report)
  })
  return expected.map((flow) => {
    const list = reports.get(keyOf(flow))
    const report = list !== undefined && list.length > 1 ? list.shift() : list?.[0]
    return { expected: flow, report, protocol: judge(flow, report) }
  })
}

function judge(expected: ExpectedFlow, report: FlowReport | undefined): Outcome['protocol'] {
  if (report === undefined) return 'missing'
  if (namesOf(expected.protocol).includes(report.protocol)) return 'right'
  return report.protocol === 'unknown' ? 'unknown' : 'wrong'
}
