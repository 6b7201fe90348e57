import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const entry = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/** Packages stay where they are installed; commands other than `classify` are not started here. */
const isElsewhere = (id: string): boolean =>
  (!id.startsWith('.') && !id.startsWith('/')) || id.endsWith('/program.ts')

/**
 * Writes `classify` with few files in place of many: to find and read three hundred modules takes
 * it longer than what stands in them. All that classifies, with what it needs, is one file.
 *
 * @param folder where to; `dist/bundle` is where the program looks for it
 */
export async function writeBundle(folder: string): Promise<void> {
  const bundle = await rolldown({ input: entry, platform: 'node', external: isElsewhere })
  await bundle.write({
    dir: folder,
    format: 'esm',
    sourcemap: true,
    cleanDir: true,
    codeSplitting: { groups: [{ name: 'classifier', test: /\/classifier\/[^/]+/ }] },
  })
  await bundle.close()
}
