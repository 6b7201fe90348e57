import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { kernelModuleSource } from './kernel-module-source.ts'

/** Writes collector/netflow/kernel-module.ts anew: `npx tsx scripts/assemble-kernels.ts`. */
const folder = fileURLToPath(new URL('../collector/netflow/', import.meta.url))
const text = readFileSync(`${folder}kernels.wat`, 'utf8')
writeFileSync(`${folder}kernel-module.ts`, await kernelModuleSource(text))
