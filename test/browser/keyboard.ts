import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { PageLab } from './page-lab.ts'
import type { Person } from './person.ts'

/** More than any page has that can have the focus. */
const mostTabs = 300

/**
 * Presses Tab until what a selector of Playwright names has the focus: first on from where it is.
 *
 * @throws Error where no Tab leads to it
 */
async function tabTo(page: Page, selector: string): Promise<void> {
  const wanted = page.locator(selector).first()
  await wanted.waitFor({ state: 'attached' })
  for (let i = 0; i < mostTabs; i++) {
    await page.keyboard.press('Tab')
    const isThere = await wanted.evaluate((element) => element.matches(':focus'))
    if (isThere) return
  }
  throw new Error(`No Tab leads to ${selector}.`)
}

async function press(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.press('Enter')
}

async function write(page: Page, selector: string, text: string): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.type(text)
}

/**
 * One takes a letter to a case and asks for who it was, the other allows it, and the first looks at
 * a report: with Tab, Enter and letters alone, along the links that the pages have.
 */
export async function walkByKeyboard(
  one: Person,
  other: Person,
  { ip, port, at }: PageLab['held']
): Promise<void> {
  const { page } = one
  await one.go('/lookup')
  await press(page, 'nav a[href="/notices"]')
  await page.waitForURL('**/notices')
  await write(page, '#text', `IP: ${ip}\nSource port: ${port}\nTime: ${at}\n`)
  await press(page, 'button:text("Read it")')
  await page.waitForSelector('.sighting')
  await press(page, 'button:text("Look up every claim")')
  await page.waitForSelector('.verdict')
  await press(page, 'a:text("open the case")')
  await page.waitForSelector('.history')
  await write(page, 'textarea[name=text]', 'read by the keyboard')
  await press(page, 'button:text("Add the note")')
  await page.waitForSelector('.history :text("read by the keyboard")')

  await press(page, 'nav a[href="/lookup"]')
  await write(page, 'input[name=ip]:visible', ip)
  await write(page, 'input[name=port]:visible', String(port))
  await write(page, 'input[name=at]:visible', at)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.verdict')
  await write(page, '#reason-reveal', 'court order 8')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/approvals?scope=mine')

  await press(other.page, 'nav a[href="/approvals"]')
  await other.page.waitForSelector('text=court order 8')
  await press(other.page, 'button[value=approve]')
  await other.page.waitForSelector('text=Nobody waits for you.')

  await page.reload()
  await press(page, 'a:text("Ask with this approval"), button:text("Ask with this approval")')
  await page.waitForSelector('.verdict')
  expect(await page.textContent('.identity')).toContain('Anna Example')
  await press(page, 'nav a[href^="/reports"]')
  await page.waitForSelector('figure.plot')
  await press(page, 'main a[href^="/reports/applications"]')
  await page.waitForURL('**/reports/applications**')
  const shown = page.waitForEvent('load')
  await press(page, 'form.filter button:text("Show")')
  await shown
  await page.waitForSelector('figure.plot')
  expect(new URL(page.url()).pathname).toBe('/reports/applications')
}
