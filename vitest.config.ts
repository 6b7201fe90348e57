import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Files that start no program and change nothing of their process: they may share one. */
const plain = ['classifier', 'collector', 'criteria', 'exporter', 'model', 'netlink', 'policy'].map(
  (folder) => `test/${folder}/**/*.test.ts`
)

/** Files of tests that take minutes: a run is not to end with one worker at one of them. */
const longest = [
  'packaging/deb',
  'how-to/pages',
  'browser/pages',
  'lab/database-outage',
  'cli/import/killed',
  'store/retention/sealed',
]

const rankOf = ({ moduleId }: TestSpecification): number => {
  const at = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return at < 0 ? longest.length : at
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}

export default defineConfig({
  test: {
    // One more than there are processors: many files wait for a program or for the clock.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        // To load what a file of tests needs takes longer than most of them do.
        test: { name: 'plain', include: plain, isolate: false },
      },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: plain } },
    ],
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/seed.ts'],
    // For what hangs, not for what is slow: a loaded machine may take its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
  },
})
