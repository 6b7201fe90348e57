import { didYouMean } from '../model/did-you-mean.ts'
import type { Compilation, Predicate } from './criteria.ts'
import type { FieldValue } from './fields.ts'
import { CriteriaError } from './problem.ts'
import type { Value } from './syntax.ts'

type Named = Extract<
  FieldValue,
  { readonly kind: 'application' | 'protocol' } | { readonly kind: 'category' }
>

/** Tests application, protocol or a category against names; `0` and `''` stand for none. */
export function namesTest(
  field: Named,
  values: readonly Value[],
  compilation: Compilation
): Predicate {
  const wanted = new Set(values.flatMap((value) => meantBy(field, value, compilation)))
  if (field.kind !== 'category') {
    return field.kind === 'protocol'
      ? (flow) => wanted.has(flow.protocol)
      : (flow) => wanted.has(flow.application ?? '')
  }
  if (field.of === 'application') return (flow) => wanted.has(flow.applicationCategory ?? '')
  if (field.of === 'protocol') return (flow) => wanted.has(flow.protocolCategory)
  return (flow) => wanted.has(flow.protocolCategory) || wanted.has(flow.applicationCategory ?? '')
}

function meantBy(field: Named, value: Value, compilation: Compilation): readonly string[] {
  const text = value.text.toLowerCase()
  const isNone = text === '0' || text === '' || text === 'unknown' || text === 'netify.unclassified'
  if (field.kind === 'application' && isNone) return ['']
  if (field.kind === 'protocol' && isNone) return ['unknown']
  const found = known(field, text, compilation)
  if (found.length > 0) return found
  const { names, forgivesNames } = compilation.context
  const what = field.kind
  const all = what === 'category' ? [] : names.suggestions[`${what}s`]()
  const shown = JSON.stringify(value.text.slice(0, 60))
  const problem = `There is no ${what} ${shown}.${didYouMean(text, all)}`
  if (forgivesNames !== true) throw new CriteriaError(problem, value)
  compilation.warn({ text: problem, line: value.line, column: value.column })
  return []
}

function known(field: Named, text: string, { context: { names } }: Compilation): readonly string[] {
  if (field.kind !== 'category') {
    return field.kind === 'protocol' ? names.protocol(text) : present(names.application(text))
  }
  return [
    ...(field.of === 'protocol' ? [] : present(names.applicationCategory(text))),
    ...(field.of === 'application' ? [] : present(names.protocolCategory(text))),
  ]
}

const present = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name])
