import { checkFiles } from '../../../store/archive/check-files.ts'
import { fail, ok } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'
import { whenCurrent, withDatabase } from './database.ts'

/** Names that are shown of files that cannot be read. */
const shown = 3

/** Are the files of the sealed hours where the catalogue says, and as long as it says? */
export function archiveFiles(context: CheckContext): Promise<Finding> {
  return whenCurrent(context, async (urls) => {
    const { directory } = context.config.archive
    const { files, damaged } = await withDatabase(urls.lookup, (database) =>
      checkFiles(database, directory, 'looks')
    )
    if (files.length === 0) return ok('nothing is sealed')
    if (damaged.length === 0) return ok(`${files.length} sealed files are in ${directory}`)
    const names = damaged.slice(0, shown).map(({ file, damage }) => `${file.path} ${damage.damage}`)
    return fail(
      `${damaged.length} of ${files.length} sealed files cannot be read: ${names.join(', ')}`,
      'put them back from a backup of the archive, or correct archive.directory'
    )
  })
}
