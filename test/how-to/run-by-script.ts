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
const systemd = 'scripts/try-systemd.sh'
const container = 'scripts/try-container-inside.sh'

export const runByScript: readonly RunByScript[] = [
  ...types('docs/how-to/container.md', deb, 'scripts/build-deb.sh'),
  ...types('docs/how-to/container.md', container, 'podman build', 'podman run', 'podman exec'),
  ...types('docs/how-to/install.md', deb, 'git clone …', 'npm ci && scripts/build-deb.sh'),
  ...types('docs/how-to/install.md', systemd, 'apt install', 'systemctl enable --now flowledger'),
  ...types('docs/how-to/policy.md', systemd, 'systemctl reload flowledger'),
  ...types('docs/how-to/production.md', systemd, 'systemctl enable --now flowledger-collect'),
]
