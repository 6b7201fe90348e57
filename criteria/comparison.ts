import type { ClassifiedFlow } from '../model/classified-flow.ts'
import { addressTest, macTest } from './address-values.ts'
import type { Compilation, Predicate } from './criteria.ts'
import type { Field, FieldValue } from './fields.ts'
import { namesTest } from './name-values.ts'
import { CriteriaError } from './problem.ts'
import type { Comparison, Value } from './syntax.ts'
import { textTest } from './text-values.ts'
import { timeTest, weekdayTest } from './time-values.ts'

type NumberTest = (number: number) => boolean

const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

/** What a field must be for `==` to hold; of several values any one. */
export function comparisonOf(
  field: Field,
  operator: Comparison,
  values: readonly Value[],
  compilation: Compilation
): Predicate {
  const { value } = field
  const isOrder = operator !== '==' && operator !== '!='
  if (isOrder && value.kind !== 'number' && value.kind !== 'time') {
    const [at] = values
    const text = `${field.names[0] ?? ''} has no order: == != and in are what it can be asked.`
    throw new CriteriaError(text, at ?? { line: 1, column: 1 })
  }
  if (isOrder && value.kind === 'number') return ordered(value.read, operator, values)
  if (isOrder) return timeTest(operator, values, compilation)
  if (operator === '!=') warnOfPattern(values, compilation)
  const equal = equality(value, values, compilation)
  return operator === '==' ? equal : (flow) => !equal(flow)
}

function warnOfPattern(values: readonly Value[], compilation: Compilation): void {
  for (const { text, line, column } of values) {
    if (!text.startsWith('rx:')) continue
    const what = 'Here != means "does not match the pattern"; in Netify it is always true.'
    compilation.warn({ text: what, line, column })
  }
}

function equality(
  value: FieldValue,
  values: readonly Value[],
  compilation: Compilation
): Predicate {
  switch (value.kind) {
    case 'number':
      return numbers(value.read, values)
    case 'boolean':
      return booleans(value.read, values)
    case 'text': {
      const test = textTest(values)
      return (flow) => {
        const text = value.read(flow)
        return text !== undefined && test(text)
      }
    }
    case 'texts': {
      const test = textTest(values)
      return (flow) => value.read(flow)?.some(test) ?? false
    }
    case 'word':
      return words(value, values)
    case 'address':
      return addressTest(value.end, values, compilation)
    case 'mac':
      return macTest(value.end, values, compilation)
    case 'application':
    case 'protocol':
    case 'category':
      return namesTest(value, values, compilation)
    case 'time':
      return timeTest('==', values, compilation)
    default:
      return weekdayTest(values, compilation)
  }
}

function requireNumber({ text, line, column }: Value): number {
  if (!/^(?:\d{1,15}|0[xX][0-9a-fA-F]{1,12})$/.test(text)) {
    throw new CriteriaError(`${JSON.stringify(text.slice(0, 60))} is no number.`, { line, column })
  }
  return Number(text)
}

/** `80` and `8000-8100`. */
function numberTest(value: Value): NumberTest {
  const range = /^(\d{1,15})-(\d{1,15})$/.exec(value.text)
  if (range === null) {
    const wanted = requireNumber(value)
    return (number) => number === wanted
  }
  const [from, to] = [Number(range[1]), Number(range[2])]
  if (from > to) throw new CriteriaError(`The range ${value.text} is empty.`, value)
  return (number) => number >= from && number <= to
}

type ReadNumber = (flow: ClassifiedFlow) => number | undefined

function numbers(read: ReadNumber, values: readonly Value[]): Predicate {
  const single = values.filter(({ text }) => !text.includes('-'))
  const set = new Set(single.map(requireNumber))
  const ranges = values.filter(({ text }) => text.includes('-')).map(numberTest)
  return (flow) => {
    const number = read(flow)
    if (number === undefined) return false
    return set.has(number) || ranges.some((test) => test(number))
  }
}

function ordered(read: ReadNumber, operator: Comparison, values: readonly Value[]): Predicate {
  const wanted = requireNumber(values[0] as Value)
  const holds = orders[operator] as (a: number, b: number) => boolean
  return (flow) => {
    const number = read(flow)
    return number !== undefined && holds(number, wanted)
  }
}

function booleans(
  read: (flow: ClassifiedFlow) => boolean | undefined,
  values: readonly Value[]
): Predicate {
  const wanted = new Set(
    values.map((value) => {
      const text = value.text.toLowerCase()
      if (text === 'true' || text === '1') return true
      if (text === 'false' || text === '0') return false
      throw new CriteriaError('Here true or false is expected.', value)
    })
  )
  return (flow) => wanted.has(read(flow) ?? false)
}

function words(
  { words: known, prefix, read }: FieldValue & { readonly kind: 'word' },
  values: readonly Value[]
): Predicate {
  const wanted = new Set(
    values.map((value) => {
      const lower = value.text.toLowerCase()
      const own = lower.startsWith(prefix) ? lower.slice(prefix.length) : lower
      // Netify's documents call the far end of origin both: origin_other and origin_remote.
      const bare = prefix === 'origin_' && own === 'remote' ? 'other' : own
      if (known.includes(bare)) return bare
      const list = known.map((one) => prefix + one).join(', ')
      throw new CriteriaError(`${JSON.stringify(value.text)} is none of ${list}.`, value)
    })
  )
  return (flow) => wanted.has(read(flow) ?? '')
}
