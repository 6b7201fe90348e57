import { FlowledgerError } from '../model/errors.ts'
import type { ErrorCode } from '../model/errors.ts'

/** Why a thread failed, in the form in which it passes from one to another. */
export interface ThreadFailure {
  readonly code: ErrorCode
  readonly message: string
  readonly fix?: string
}

/** @param otherwise the code of what was not raised on purpose */
export function failureOf(error: unknown, otherwise: ErrorCode): ThreadFailure {
  const known = error instanceof FlowledgerError ? error : undefined
  const message = error instanceof Error ? error.message : String(error)
  const fix = known?.fix === undefined ? {} : { fix: known.fix }
  return { code: known?.code ?? otherwise, message, ...fix }
}

export function errorOf({ code, message, fix }: ThreadFailure): FlowledgerError {
  return new FlowledgerError(code, message, fix === undefined ? {} : { fix })
}
