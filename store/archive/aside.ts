/** Ends the names of files that were set aside: nothing takes them for a part of the archive. */
export const asideSuffix = '.set-aside'

/** Told of a file that was set aside, by the name that it has now, relative to the archive. */
export type ToldAside = (path: string) => void

/** What is said of it to people. */
export const asideText = (path: string): string =>
  'A file of the archive that the catalogue does not know holds records that are nowhere else. ' +
  `It is kept as ${path}: see docs/how-to/backup.md.`
