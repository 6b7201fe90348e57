import { spawnSync } from 'node:child_process'
import { join, parse, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { bundleName } from '../cli/quick-start.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const usualEntry = join(root, 'cli/start.ts')
const script = join(root, 'scripts/write-bytecode.ts')

/** Packages that each run needs; to find and read their files takes longer than to have them. */
const taken: ReadonlySet<string> = new Set(['commander', 're2js'])

/** Other packages stay where they are installed; other commands are not started from here. */
const isElsewhere = (id: string): boolean =>
  (!id.startsWith('.') && !id.startsWith('/') && !taken.has(id)) || id.endsWith('/program.ts')

/** What each run of `classify` needs, and with it all that this imports; seen from the checkout. */
const needed = [
  /^(?:classifier|criteria)\//,
  /(?:^|\/)node_modules\/(?:commander|re2js)\//,
  /^cli\/(?:commands\/classify|empty-program|output|progress|start)\.ts$/,
  /^appliance\/capture\/classify-file\.ts$/,
]
/** Whatever the folder is called in which the checkout is. */
const isNeeded = (id: string): boolean => needed.some((pattern) => pattern.test(relative(root, id)))

/**
 * Writes `classify` as one file, with its bytecode beside it: to find and read three hundred
 * modules and to compile them takes it longer than what stands in them.
 *
 * @param folder where to; `dist/bundle` is where the program looks for it
 * @param entry the module that exports what starts it
 */
export async function writeBundle(folder: string, entry = usualEntry): Promise<void> {
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    external: isElsewhere,
    // That modules which others load when they need them are in the file here is meant so.
    checks: { ineffectiveDynamicImport: false },
  })
  await bundle.write({
    dir: folder,
    format: 'cjs',
    sourcemap: true,
    cleanDir: true,
    entryFileNames: 'start.cjs',
    chunkFileNames: '[name].cjs',
    codeSplitting: {
      groups: [{ name: parse(bundleName).name, test: (id) => id === entry || isNeeded(id) }],
    },
  })
  await bundle.close()
  writeBytecode(join(folder, bundleName))
}

/** In a process of its own: as V8 starts with other random numbers, it writes other octets. */
export function writeBytecode(bundle: string): void {
  const env = { ...process.env, NODE_OPTIONS: '' }
  const argv = ['--random-seed=1', '--import', 'tsx', script, bundle]
  const { status, stderr } = spawnSync(process.execPath, argv, { cwd: root, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`No bytecode was written: ${stderr}`)
}
