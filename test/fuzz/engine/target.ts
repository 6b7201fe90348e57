import type { Inputs } from './arbitrary.ts'

/** A decoder that is given whatever may come, and what must hold of it. */
export interface Target<Input = Uint8Array> {
  /** As it is called on the command line: `netflow-datagrams`, `protocol/dns`. */
  readonly name: string
  /** Source files that it drives, relative to the root. */
  readonly decoders: readonly string[]
  readonly inputs: Inputs<Input>
  /**
   * Decodes one input, and throws where something does not hold: an error that is none of the
   * decoder's own, a result without bound, a sound neighbour that is not decoded.
   */
  readonly run: (input: Input) => void | Promise<void>
  /** As a find is kept in `test/fuzz/finds`, and back. */
  readonly write: (input: Input) => string
  readonly read: (text: string) => Input
  /** Other names by which the target is asked for. */
  readonly group: string
}

/** A target whatever its inputs are. */
export type AnyTarget = Target<never>

/** Octets as a find: hexadecimal, 32 a line. */
export const octetsAsText = {
  write: (input: Uint8Array): string =>
    Buffer.from(input)
      .toString('hex')
      .replaceAll(/.{64}(?=.)/g, '$&\n'),
  read: (text: string): Uint8Array => Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'),
}

/** A target of octets. */
export function octetsTarget(
  given: Omit<Target, 'write' | 'read' | 'group'> & { group?: string }
): AnyTarget {
  return { group: given.name, ...given, ...octetsAsText } as Target as unknown as AnyTarget
}

/** A target of texts, one character an octet where the decoder reads octets. */
export function textTarget(
  given: Omit<Target<string>, 'write' | 'read' | 'group'> & { group?: string }
): AnyTarget {
  const plain = { write: JSON.stringify, read: (text: string) => JSON.parse(text) as string }
  return { group: given.name, ...given, ...plain } as unknown as AnyTarget
}

/** For a target's `run`: says what does not hold. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`does not hold: ${what}`)
}
