import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { PageLab } from './page-lab.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Somebody at a browser of their own. */
export interface Person {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained of, and requests that left the machine. */
  readonly complaints: string[]
  go(path: string): Promise<number>
  /** Violations of WCAG 2.2 A and AA on the page as it is. */
  violations(): Promise<string[]>
}

/** Opens a browser and logs in with a token, by the keyboard alone. */
export async function makePerson(
  browser: Browser,
  lab: PageLab,
  token: string,
  options: BrowserContextOptions = {}
): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  // The test's own limit ends a wait in vain.
  context.setDefaultTimeout(0)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`said ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`${lab.url}/`)) complaints.push(`asked ${request.url()}`)
  })
  await page.goto(`${lab.url}/`)
  await page.locator('#token').focus()
  await page.keyboard.type(token)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.pathname !== '/log-in')
  return {
    page,
    context,
    complaints,
    async go(path) {
      const response = await page.goto(lab.url + path)
      return response?.status() ?? 0
    },
    async violations() {
      await page.evaluate(axe)
      const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
      const what = { type: 'tag', values }
      const run = `axe.run({ runOnly: ${JSON.stringify(what)} })`
      const found = await page.evaluate<{ violations: Violation[] }>(run)
      return found.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`
      )
    },
  }
}
