/** What happened, and what to do, for errors of the operating system that happen to everybody. */
const known: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  ENOENT: ['there is no such file or folder', 'Check the name.'],
  EISDIR: ['it is a folder', 'Give the name of a file in it.'],
  ENOTDIR: ['a part of the path is no folder', 'Check the name.'],
  EACCES: ['this user may not', 'Run it as a user who may, or as root.'],
  EPERM: ['this user may not', 'Run it as root.'],
  EROFS: ['nothing can be written there', 'Give a directory that can be written with --data-dir.'],
  ENOSPC: ['the disk is full', 'Make room on it.'],
  EMFILE: ['too many files are open', 'Raise the limit of open files (ulimit -n).'],
  ENAMETOOLONG: ['the name is too long', 'Check the name.'],
  EADDRINUSE: [
    'another program listens there',
    'End it (ss -lnp names it), or choose another port.',
  ],
  EADDRNOTAVAIL: ['no interface has that address', 'Choose an address of this host.'],
}

/** A system's error as a sentence for people and what to do. */
export interface SystemProblem {
  readonly text: string
  readonly fix: string
}

/** What to tell of an error of the operating system; undefined where it is none that is known. */
export function systemProblem(error: unknown, of?: string): SystemProblem | undefined {
  if (!(error instanceof Error)) return undefined
  const {
    code = '',
    path,
    address,
    port,
  } = error as NodeJS.ErrnoException & {
    readonly address?: string
    readonly port?: number
  }
  const [what, fix] = known[code] ?? []
  if (what === undefined || fix === undefined) return undefined
  const place = of ?? path ?? (address === undefined ? undefined : `${address}:${port ?? ''}`)
  const where = place === undefined ? '' : `${place}: `
  return { text: `${where}${what} (${code}).`, fix }
}
