import { readdirSync } from 'node:fs'
import { register } from 'node:module'

/*
 * The conversations of protocols stand in the files of their tests, beside what must be found in
 * them. They are read there, with something in vitest's place that runs no test.
 */
const standIn = new URL('./vitest-stand-in.ts', import.meta.url).href
const hook = `export function resolve(name, context, next) {
  return next(name === 'vitest' ? ${JSON.stringify(standIn)} : name, context)
}`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

const { samplesOf } = await import('../../classifier/protocols/conformance.ts')
const folder = new URL('../../classifier/protocols/', import.meta.url)
for (const name of readdirSync(folder).filter((one) => one.endsWith('.test.ts'))) {
  await import(new URL(name, folder).href)
}

/** Every protocol with its conversations. */
export { samplesOf }
