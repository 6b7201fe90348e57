#!/usr/bin/env node
// Runs the compiled program where it is built, else straight from source (a checkout with tsx).
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const built = new URL('../dist/cli/main.js', import.meta.url)
// The same in one file: what reads a capture and is done should not be long in starting.
const bundle = fileURLToPath(new URL('../dist/bundle/classify.cjs', import.meta.url))
if (process.argv[2] === 'classify' && existsSync(bundle)) {
  const { quickStart } = await import('../dist/cli/quick-start.js')
  await quickStart(bundle)
} else if (existsSync(built)) {
  await import(built.href)
} else {
  const { register } = await import('tsx/esm/api')
  register()
  await import('../cli/main.ts')
}
