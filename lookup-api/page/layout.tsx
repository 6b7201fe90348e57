/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { Right } from '../../model/rights.ts'
import { version } from '../../model/version.ts'
import { assetPath } from './assets.ts'
import { zoneText } from './times.ts'
import type { Visitor } from './visitor.ts'

/** Everything that a page has around it. */

interface Place {
  readonly path: string
  readonly title: string
  /** Left out: everybody may go there. */
  readonly right?: Right
}

const places: readonly Place[] = [
  { path: '/lookup', title: 'Look up', right: 'lookup' },
  { path: '/notices', title: 'Notices', right: 'notices' },
  { path: '/cases', title: 'Cases', right: 'cases' },
  { path: '/approvals', title: 'Approvals' },
  { path: '/flows', title: 'Flows', right: 'flows' },
  { path: '/live', title: 'Live', right: 'flows' },
  { path: '/devices', title: 'Devices', right: 'flows' },
  { path: '/reports', title: 'Reports', right: 'reports' },
  { path: '/sources', title: 'Sources' },
]

/** The first page that somebody may see. */
export function homeOf(rights: ReadonlySet<Right>): string {
  return places.find(({ right }) => right === undefined || rights.has(right))?.path ?? '/sources'
}

const isHere = (path: string, here: string): boolean => here === path || here.startsWith(`${path}/`)

function Navigation({ visitor }: { visitor: Visitor }) {
  const { rights } = visitor.principal
  const open = places.filter(({ right }) => right === undefined || rights.has(right))
  return (
    <nav aria-label="Pages">
      <ul>
        {open.map(({ path, title }) => (
          <li>
            <a href={path} aria-current={isHere(path, visitor.path) ? 'page' : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** What a form that changes something carries beside its fields. */
export const CsrfField = ({ visitor }: { visitor: Visitor }) => (
  <input type="hidden" name="csrf" value={visitor.csrf} />
)

function Account({ visitor }: { visitor: Visitor }) {
  const { name, role } = visitor.principal
  return (
    <form method="post" action="/log-out" class="account">
      <CsrfField visitor={visitor} />
      <span title={`Role: ${role}`}>{name}</span>
      <button type="submit" class="quiet">
        Log out
      </button>
    </form>
  )
}

function ZoneForm({ visitor }: { visitor: Visitor }) {
  return (
    <form method="post" action="/zone" class="zone">
      <CsrfField visitor={visitor} />
      <input type="hidden" name="return_to" value={visitor.path} />
      <label for="shown-zone">Times are in UTC, and in</label>
      <input
        id="shown-zone"
        name="zone"
        value={visitor.zone === undefined ? '' : zoneText(visitor.zone)}
        placeholder="Europe/Berlin"
        autocomplete="off"
        spellcheck={false}
        size={16}
      />
      <button type="submit" class="quiet">
        Set
      </button>
    </form>
  )
}

interface PageProperties {
  readonly title: string
  readonly visitor?: Visitor | undefined
  /** Makes room for wide tables. */
  readonly wide?: boolean
  /** Another module of scripts that the page wants. */
  readonly script?: 'plot.js' | 'live.js'
  readonly head?: Child
  readonly children?: Child
}

/** A whole document. */
export function Page({ title, visitor, wide = false, script, head, children }: PageProperties) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{`${title} · flowledger`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href={assetPath('icon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={assetPath('page.css')} />
        {script === 'plot.js' ? <link rel="stylesheet" href={assetPath('uPlot.min.css')} /> : null}
        <script type="module" src={assetPath('page.js')} />
        {script === undefined ? null : <script type="module" src={assetPath(script)} />}
        {head}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <a class="brand" href="/">
            flow<b>ledger</b>
          </a>
          {visitor === undefined ? null : <Navigation visitor={visitor} />}
          {visitor === undefined ? null : <Account visitor={visitor} />}
        </header>
        <main id="main" tabindex={-1} class={wide ? 'wide' : undefined}>
          {children}
        </main>
        <footer class="bottom">
          {visitor === undefined ? null : <ZoneForm visitor={visitor} />}
          <p>
            flowledger {version}. What you see here is written to the audit.{' '}
            <a href="/openapi.json">API</a>
          </p>
        </footer>
      </body>
    </html>
  )
}
