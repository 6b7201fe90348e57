#!/usr/bin/env node
// Runs the compiled program where it is built, else straight from source (a checkout with tsx).
import { existsSync } from 'node:fs'

const built = new URL('../dist/cli/main.js', import.meta.url)
// The same in few files: what reads a capture and is done should not be long in starting.
const bundled = new URL('../dist/bundle/main.js', import.meta.url)
if (process.argv[2] === 'classify' && existsSync(bundled)) {
  await import(bundled.href)
} else if (existsSync(built)) {
  await import(built.href)
} else {
  const { register } = await import('tsx/esm/api')
  register()
  await import('../cli/main.ts')
}
