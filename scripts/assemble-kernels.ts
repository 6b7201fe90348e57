import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kernelModuleSource, kernelTexts } from './kernel-module-source.ts'

/** Writes the modules of compiled kernels anew: `npx tsx scripts/assemble-kernels.ts`. */
const root = fileURLToPath(new URL('../', import.meta.url))
for (const { text, module } of kernelTexts) {
  const source = await kernelModuleSource(readFileSync(root + text, 'utf8'), basename(text))
  writeFileSync(root + module, source)
}
