import { FlowledgerError } from '../model/errors.ts'

/** A place in an expression: line and column, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** An expression that cannot be used, and where in it. */
export class CriteriaError extends FlowledgerError {
  readonly place: Place
  /** What is wrong, without the place. */
  readonly reason: string

  constructor(reason: string, place: Place) {
    super('rules-invalid', `${place.line}:${place.column}: ${reason}`, { details: { ...place } })
    this.name = 'CriteriaError'
    this.place = place
    this.reason = reason
  }
}
