/** Credentials of a URL, as far as they go: `user:password@`. */
const password = /(:\/\/[^\s/:@]*):[^\s/@]*@/g

/**
 * Takes passwords out of what `ps` shows of this process: a database may be named by a URL that has
 * one. Until here it could be read, so the configuration or a credential is the better place.
 */
export function hideSecrets(argv: readonly string[]): void {
  const shown = argv.join(' ')
  const hidden = shown.replaceAll(password, '$1:…@')
  if (hidden !== shown) process.title = hidden
}
