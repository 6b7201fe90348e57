import type { Database } from '../database.ts'
import { CatalogueReader } from './catalogue.ts'
import type { SealedFile } from './catalogue.ts'
import { damageOf, ProvedFile } from './proved-file.ts'
import type { DamagedFile } from './proved-file.ts'

/** What was found of the files of the catalogue. */
export interface CheckedFiles {
  readonly files: readonly SealedFile[]
  readonly damaged: readonly { readonly file: SealedFile; readonly damage: DamagedFile }[]
}

/**
 * Checks the files of the catalogue, one after another.
 *
 * @param database a pool of the log-in `lookup`
 * @param how `looks`: they are there and as long as they should be; `octets`: each octet is proved
 * @param watch told of how many octets the files are that were checked, and of how many all are
 */
export async function checkFiles(
  database: Pick<Database, 'query'>,
  directory: string,
  how: 'looks' | 'octets',
  watch: (octets: number, total: number) => void = () => {}
): Promise<CheckedFiles> {
  const { files } = await new CatalogueReader(database).read()
  const damaged: { file: SealedFile; damage: DamagedFile }[] = []
  const total = files.reduce((sum, { octets }) => sum + octets, 0)
  let checked = 0
  for (const file of files) {
    const proved = new ProvedFile(directory, file)
    try {
      await (how === 'looks' ? proved.lookAt() : proved.proveAll())
    } catch (error) {
      damaged.push({ file, damage: damageOf(error) })
    }
    checked += file.octets
    watch(checked, total)
  }
  return { files, damaged }
}

/**
 * The files of which no entry of the audit says that they were sealed with these octets: somebody
 * else entered them in the catalogue.
 *
 * @param audit a pool of the log-in `audit`
 */
export async function filesNotInAudit(
  audit: Pick<Database, 'query'>,
  files: readonly SealedFile[]
): Promise<readonly SealedFile[]> {
  const rows = await audit.query<{ sha256: string | null }>('read the audit', {
    // A purge that writes a file anew says which one it is then.
    text: `select detail::jsonb->>'sha256' as sha256 from audit.entry where action like 'seal%'
           union select detail::jsonb->'files'->>'after' from audit.entry where action = 'purge'`,
  })
  const known = new Set(rows.map(({ sha256 }) => sha256))
  return files.filter(({ sha256 }) => !known.has(sha256))
}
