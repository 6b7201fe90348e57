/**
 * How the classifier fares over the corpus of captures beside the checkout:
 *
 *     node --import tsx scripts/score-classifier.ts [capture-prefix]
 */
import { captureNames, expectedFlows, groupBy, outcomesOf } from '../test/conformance/dpi-score.ts'
import type { Outcome } from '../test/conformance/dpi-score.ts'
import { namesOf } from '../test/conformance/labels.ts'

const percent = (part: number, whole: number): string =>
  `${part}/${whole} ${((100 * part) / Math.max(1, whole)).toFixed(2)} %`

const prefix = process.argv[2] ?? ''
const expected = expectedFlows()
const outcomes = captureNames(prefix).flatMap((name) => outcomesOf(name, expected.get(name) ?? []))
const scored = outcomes.filter((outcome) => outcome.expected.confidence.startsWith('DPI'))
const by = (kind: Outcome['protocol']): Outcome[] => scored.filter((o) => o.protocol === kind)

const misses = scored.filter(({ protocol }) => protocol !== 'right')
const nameOf = ({ expected: flow, report }: Outcome): string =>
  [
    namesOf(flow.protocol).join('|'),
    flow.protocol.split('.')[0],
    '->',
    report?.protocol ?? 'missing',
  ].join(' ')
const groups = groupBy(misses, nameOf)
const named = scored.filter(({ expected: { hostname } }) => hostname !== undefined)
const hosts = named.filter(({ expected: flow, report }) => flow.hostname === report?.hostname)
const hashed = scored.filter(({ expected: { ja3 } }) => ja3 !== undefined)
const ja3 = hashed.filter(({ expected: flow, report }) => flow.ja3 === report?.ja3)

for (const [name, list] of [...groups].sort(([, a], [, b]) => b.length - a.length)) {
  const captures = [...new Set(list.map((outcome) => outcome.expected.capture))]
  console.log(`${String(list.length).padStart(5)} ${name}  ${captures.slice(0, 4).join(' ')}`)
}
if (prefix !== '' || process.argv.includes('--details')) {
  for (const { expected: flow, report } of misses) {
    console.log(`${flow.capture} ${flow.a} ${flow.b} ${flow.protocol} -> ${report?.protocol}`)
  }
}
for (const { expected: flow, report } of named.filter((outcome) => !hosts.includes(outcome))) {
  const isOurs = report?.protocol !== 'unknown'
  if (isOurs)
    console.log(`host ${flow.capture} ${flow.a} ${flow.b} ${flow.hostname} -> ${report?.hostname}`)
}
for (const { expected: flow, report } of hashed.filter((outcome) => !ja3.includes(outcome))) {
  if (report?.protocol !== 'unknown') console.log(`ja3 ${flow.capture} ${flow.a} ${flow.b}`)
}
console.log('protocol right ', percent(by('right').length, scored.length))
console.log('protocol wrong ', percent(by('wrong').length, scored.length))
console.log('missing        ', percent(by('missing').length, scored.length))
console.log('host names     ', percent(hosts.length, named.length))
console.log('JA3            ', percent(ja3.length, hashed.length))
