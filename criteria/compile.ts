import { didYouMean } from '../model/did-you-mean.ts'
import { comparisonOf } from './comparison.ts'
import type { Compilation, Criteria, CriteriaContext, Predicate } from './criteria.ts'
import { fieldByName } from './fields.ts'
import type { Field } from './fields.ts'
import { parseCriteria } from './parse.ts'
import { CriteriaError } from './problem.ts'
import type { Node } from './syntax.ts'
import { wallClock } from './wall-clock.ts'

/**
 * Compiles an expression to closures, once; what it is asked of later costs no parsing. A field
 * that a flow does not have equals nothing: `==` and `in` are false, `!=` is true.
 *
 * @throws CriteriaError with line and column of what cannot be used
 */
export function compileCriteria(text: string, context: CriteriaContext): Criteria {
  const { node, warnings } = parseCriteria(text)
  const all = [...warnings]
  const compilation: Compilation = {
    context,
    clock: wallClock(context.timeZone),
    fields: new Set(),
    warn: (warning) => void all.push(warning),
  }
  const { fields } = compilation
  return { matches: predicateOf(node, compilation), warnings: all, fields }
}

function predicateOf(node: Node, compilation: Compilation): Predicate {
  switch (node.kind) {
    case 'and':
      return allOf(node.parts.map((part) => predicateOf(part, compilation)))
    case 'or':
      return anyOf(node.parts.map((part) => predicateOf(part, compilation)))
    case 'not': {
      const inner = predicateOf(node.part, compilation)
      return (flow) => !inner(flow)
    }
    case 'all':
      return () => true
    case 'is':
      return presence(fieldOf(node, compilation))
    case 'compare':
      return comparisonOf(fieldOf(node, compilation), node.operator, [node.value], compilation)
    default:
      return comparisonOf(
        fieldOf(node, compilation),
        node.isNegated ? '!=' : '==',
        node.values,
        compilation
      )
  }
}

function allOf(parts: readonly Predicate[]): Predicate {
  const [first, second] = parts
  if (parts.length === 2 && first !== undefined && second !== undefined) {
    return (flow) => first(flow) && second(flow)
  }
  return (flow) => parts.every((part) => part(flow))
}

function anyOf(parts: readonly Predicate[]): Predicate {
  const [first, second] = parts
  if (parts.length === 2 && first !== undefined && second !== undefined) {
    return (flow) => first(flow) || second(flow)
  }
  return (flow) => parts.some((part) => part(flow))
}

function fieldOf(node: Node & { readonly field: string }, { fields }: Compilation): Field {
  const field = fieldByName.get(node.field)
  if (field !== undefined) {
    fields.add(field.names[0] ?? node.field)
    return field
  }
  const meant = didYouMean(node.field, [...fieldByName.keys()])
  throw new CriteriaError(`There is no field ${node.field.slice(0, 60)}.${meant}`, node)
}

/** A field alone: true where the flow has it, and it is neither false, 0 nor empty. */
function presence({ value }: Field): Predicate {
  switch (value.kind) {
    case 'number':
    case 'boolean':
    case 'text':
    case 'word':
      return (flow) => Boolean(value.read(flow))
    case 'texts':
      return (flow) => (value.read(flow)?.length ?? 0) > 0
    case 'application':
      return (flow) => flow.application !== undefined
    case 'protocol':
      return (flow) => flow.protocol !== 'unknown'
    case 'category':
      return (flow) => flow.applicationCategory !== undefined || value.of !== 'application'
    case 'mac':
      return (flow) => flow[value.end].mac !== undefined
    default:
      return () => true
  }
}
