import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'

/** The file of all that `classify` needs, as `scripts/bundle.ts` writes it. */
export const bundleName = 'classify.cjs'

/*
 * V8's bytecode of that file, beside it:
 *
 *   0                       32
 *  | SHA-256 of the file    | what V8 wrote ...
 *
 * V8 refuses what another version or other flags have written; of the file it looks at the length
 * alone, hence the digest.
 */
const digestBytes = 32

/** The file that has the bytecode of a bundle. */
export const bytecodeOf = (bundle: string): string => `${bundle}.bytecode`

/** What the bytecode of a text begins with. */
export const digestOf = (text: Buffer): Buffer => createHash('sha256').update(text).digest()

/** Compiles a bundle as a CommonJS module, or takes the bytecode that there is of it. */
export function compileBundle(bundle: string, text: Buffer, bytecode?: Buffer): Script {
  const parameters = 'exports, require, module, __filename, __dirname'
  const source = `(function (${parameters}) {${text.toString()}\n})`
  const cachedData = bytecode === undefined ? {} : { cachedData: bytecode }
  return new Script(source, { filename: bundle, ...cachedData })
}

/** The bytecode that belongs to the text; undefined where there is none. */
function bytecodeFor(bundle: string, text: Buffer): Buffer | undefined {
  let octets: Buffer
  try {
    octets = readFileSync(bytecodeOf(bundle))
  } catch {
    return undefined
  }
  const isOfText = octets.subarray(0, digestBytes).equals(digestOf(text))
  return isOfText ? octets.subarray(digestBytes) : undefined
}

/** Compiles a bundle, with its bytecode where there is one; the script says if V8 refused that. */
export function loadBundle(bundle: string): Script {
  const text = readFileSync(bundle)
  return compileBundle(bundle, text, bytecodeFor(bundle, text))
}

/**
 * Runs the command line from a bundle: V8 need not read a megabyte of source to see what is in it,
 * and compiles nothing whose bytecode stands beside it.
 *
 * @param bundle absolute path of the file
 */
export async function quickStart(bundle: string): Promise<void> {
  const script = loadBundle(bundle)
  const module = new Module(bundle)
  const require = createRequire(bundle)
  // The files beside it, which are seldom needed, shall find this one and not load another.
  require.cache[bundle] = module
  const run = script.runInThisContext() as (...given: readonly unknown[]) => void
  run(module.exports, require, module, bundle, dirname(bundle))
  module.loaded = true
  const { start } = module.exports as typeof import('./start.ts')
  await start(script.cachedDataRejected === false)
}
