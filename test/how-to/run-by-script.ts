/** Commands of pages that a script types, which a test of `test/packaging` runs. */
export interface RunByScript {
  readonly page: string
  /** A script, or a test that types it itself. */
  readonly by: string
  /** What the command begins with; the script takes the rest from the page. */
  readonly words: string
}

const types = (page: string, by: string, ...words: readonly string[]): readonly RunByScript[] =>
  words.map((each) => ({ page, by, words: each }))

const deb = 'test/packaging/deb.test.ts'
const container = 'scripts/try-container-inside.sh'

export const runByScript: readonly RunByScript[] = [
  ...types('docs/how-to/container.md', deb, 'scripts/build-deb.sh'),
  ...types('docs/how-to/container.md', container, 'podman build', 'podman run', 'podman exec'),
]
