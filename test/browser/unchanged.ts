import { isDeepStrictEqual } from 'node:util'

/**
 * What was seen of something, and what is said of it, where that is the same before and after:
 * what was collected arrives a moment later, so that a page and an answer of two moments differ.
 */
export async function unchanged<Seen, Said>(
  see: () => Promise<Seen>,
  ask: () => Promise<Said>
): Promise<[Seen, Said]> {
  for (;;) {
    const before = await ask()
    const seen = await see()
    if (isDeepStrictEqual(await ask(), before)) return [seen, before]
  }
}
