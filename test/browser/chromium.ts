import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { programMissing } from '../skip.ts'

/** Debian's Chromium, started within a network namespace so that it sees nothing but the lab. */

export const chromiumMissing = (): string | undefined => programMissing('chromium')

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

export interface RunningBrowser {
  readonly browser: Browser
  close(): Promise<void>
}

/** @param namespace where it runs; left out: here */
export async function startChromium(namespace?: string): Promise<RunningBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-chromium-'))
  const program = join(folder, 'chromium')
  const inside = namespace === undefined ? '' : `ip netns exec ${namespace} `
  writeFileSync(program, `#!/bin/sh\nexec ${inside}/usr/bin/chromium "$@"\n`)
  chmodSync(program, 0o755)
  // The test's own limit ends a wait in vain.
  const browser = await chromium.launch({ executablePath: program, args: quiet, timeout: 0 })
  return {
    browser,
    async close() {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
