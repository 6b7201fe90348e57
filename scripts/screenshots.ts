import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startChromium } from '../test/browser/chromium.ts'
import { makePageLab } from '../test/browser/page-lab.ts'
import { makePerson } from '../test/browser/person.ts'

/**
 * Pictures of every page for docs/images/, over a real gateway in network namespaces: as root,
 * `npx tsx scripts/screenshots.ts`. Addresses and names in them are made up.
 */

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url))
mkdirSync(folder, { recursive: true })

const lab = await makePageLab()
const chromium = await startChromium(lab.namespace)
try {
  const size = { viewport: { width: 1120, height: 760 } }
  const root = await makePerson(chromium.browser, lab, lab.tokens.root, size)
  const ines = await makePerson(chromium.browser, lab, lab.tokens.ines, size)
  const { ip, port, at } = lab.held
  const when = `at=${encodeURIComponent(at)}&tz=Europe/Berlin`
  const question = `ip=${ip}&port=${port}&protocol=tcp&${when}`
  const letter = `Dear provider,\n\nIP: ${ip}\nSource port: ${port}\nTime: ${at}\n`

  const shoot = async ({ page }: Pick<typeof root, 'page'>, name: string): Promise<void> => {
    await page.waitForTimeout(300)
    await page.screenshot({ path: `${folder}${name}.png` })
    console.log(`docs/images/${name}.png`)
  }
  const visit = async (who: typeof root, path: string, name: string): Promise<void> => {
    await who.go(path)
    await shoot(who, name)
  }

  const nobody = await chromium.browser.newContext(size)
  const door = await nobody.newPage()
  await door.goto(`${lab.url}/log-in`)
  await shoot({ page: door }, 'log-in')
  await nobody.close()
  await visit(ines, `/lookup?${question}`, 'look-up')
  await ines.page.emulateMedia({ media: 'print' })
  await shoot(ines, 'look-up-print')
  await ines.page.emulateMedia({ media: 'screen' })
  await ines.page.emulateMedia({ colorScheme: 'dark' })
  await ines.page.evaluate('document.querySelector(".verdict").scrollIntoView()')
  await shoot(ines, 'look-up-dark')
  await ines.page.emulateMedia({ colorScheme: 'light' })
  await ines.page.fill('#reason-reveal', 'court order 7')
  await ines.page.click('text=Ask another person')
  await shoot(ines, 'approvals')
  await ines.go('/notices')
  await ines.page.fill('#text', letter)
  await ines.page.click('text=Read it')
  await shoot(ines, 'notice')
  await ines.page.click('text=Look up every claim')
  await ines.page.click('text=open the case')
  await shoot(ines, 'case')
  await visit(ines, '/cases', 'cases')
  // A few minutes of traffic, so that plots have something to show.
  const untilMs = Date.now() + Number(process.argv[2] ?? 240) * 1000
  while (Date.now() < untilMs) {
    await lab.browse()
    await root.page.waitForTimeout(4000 + Math.random() * 12_000)
  }
  await visit(root, '/reports/traffic?from=-15m', 'report-traffic')
  await visit(root, '/reports/applications?from=-15m&by=protocol', 'report-applications')
  await visit(root, '/reports/nat-pool?from=-15m', 'report-nat-pool')
  await visit(root, '/reports/talkers?from=-3h', 'report-talkers')
  await visit(root, '/reports/exporters?from=-15m', 'report-exporters')
  await visit(root, '/reports/storage?from=-15m', 'report-storage')
  await visit(root, '/flows?from=-5m', 'flows')
  await visit(ines, '/live', 'live')
  await visit(ines, '/live/unknown', 'live-unknown')
  await visit(ines, '/devices', 'devices')
  await visit(root, '/sources', 'sources')
  await ines.page.setViewportSize({ width: 390, height: 760 })
  await visit(ines, `/lookup?${question}`, 'look-up-narrow')
} finally {
  await chromium.close()
  await lab.close()
}
