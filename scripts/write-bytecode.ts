import { readFileSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { bundleName, bytecodeOf, compileBundle, digestOf } from '../cli/quick-start.ts'

/**
 * Writes the bytecode of a bundle beside it; the last part of `npm run build`. Of all functions:
 * which of two hundred protocols a capture has is not known before.
 *
 * node --random-seed=1 --import tsx scripts/write-bytecode.ts FILE
 */
const [, , bundle = ''] = process.argv
const text = readFileSync(bundle)
setFlagsFromString('--no-lazy')
// By its name alone: V8 writes that down, and what is built in another folder shall be the same.
const script = compileBundle(bundleName, text)
// V8 takes bytecode only where its flags are those with which it was written.
setFlagsFromString('--lazy')
writeFileSync(bytecodeOf(bundle), Buffer.concat([digestOf(text), script.createCachedData()]))
