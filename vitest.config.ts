import { defineConfig } from 'vitest/config'

/** Files that start no program and change nothing of their process: they may share one. */
const plain = ['classifier', 'collector', 'criteria', 'exporter', 'model', 'netlink', 'policy'].map(
  (folder) => `test/${folder}/**/*.test.ts`
)

export default defineConfig({
  test: {
    // One more than there are processors: many files wait for a program or for the clock.
    maxWorkers: 3,
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
