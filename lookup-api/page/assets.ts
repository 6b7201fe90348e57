import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { Hono } from 'hono'

/**
 * What pages load beside their text: all of it from here, under names that change with the content,
 * so that a browser keeps it for good. It is packed once, at the first request.
 */

const require = createRequire(import.meta.url)

/** The compiled program reads them beside the source. */
const folder = fileURLToPath(new URL('./assets/', import.meta.url)).replace(
  /\/dist\/lookup-api\/page\/assets\/$/,
  '/lookup-api/page/assets/'
)

const ofPackage = (name: string, ...path: string[]): string =>
  join(dirname(require.resolve(`${name}/package.json`)), ...path)

const plex = (name: 'sans' | 'mono', weight: number): string =>
  ofPackage(
    `@fontsource/ibm-plex-${name}`,
    'files',
    `ibm-plex-${name}-latin-${weight}-normal.woff2`
  )

const files = {
  'page.css': { path: join(folder, 'page.css'), type: 'text/css; charset=utf-8' },
  'page.js': { path: join(folder, 'page.js'), type: 'text/javascript; charset=utf-8' },
  'live.js': { path: join(folder, 'live.js'), type: 'text/javascript; charset=utf-8' },
  'plot.js': { path: join(folder, 'plot.js'), type: 'text/javascript; charset=utf-8' },
  'icon.svg': { path: join(folder, 'icon.svg'), type: 'image/svg+xml' },
  'uPlot.js': {
    path: ofPackage('uplot', 'dist', 'uPlot.iife.min.js'),
    type: 'text/javascript; charset=utf-8',
  },
  'uPlot.min.css': {
    path: ofPackage('uplot', 'dist', 'uPlot.min.css'),
    type: 'text/css; charset=utf-8',
  },
  'plex-400.woff2': { path: plex('sans', 400), type: 'font/woff2' },
  'plex-600.woff2': { path: plex('sans', 600), type: 'font/woff2' },
  'plex-mono.woff2': { path: plex('mono', 400), type: 'font/woff2' },
} as const

export type AssetName = keyof typeof files

/** Words in a file that stand for another one. */
const references: { readonly [K in AssetName]?: readonly { word: string; name: AssetName }[] } = {
  'plot.js': [{ word: 'uPlot.js', name: 'uPlot.js' }],
  'page.css': [
    { word: 'plex-400', name: 'plex-400.woff2' },
    { word: 'plex-600', name: 'plex-600.woff2' },
    { word: 'plex-mono', name: 'plex-mono.woff2' },
  ],
}

interface Asset {
  readonly body: Uint8Array
  readonly type: string
  readonly digest: string
  readonly isPacked: boolean
  packed: { readonly br: Uint8Array; readonly gzip: Uint8Array } | undefined
}

const loaded = new Map<AssetName, Asset>()

function assetOf(name: AssetName): Asset {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const { path, type } = files[name]
  const file = readFileSync(path)
  // The packed form of the library is a script; pages want a module.
  const read =
    name === 'uPlot.js' ? Buffer.concat([file, Buffer.from('\nexport default uPlot\n')]) : file
  const named = references[name] ?? []
  // Styles and modules name others by what those are called here.
  const body =
    named.length === 0
      ? read
      : Buffer.from(
          named.reduce((text, one) => text.replace(one.word, assetName(one.name)), read.toString())
        )
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 12)
  const asset: Asset = { body, type, digest, isPacked: type === 'font/woff2', packed: undefined }
  loaded.set(name, asset)
  return asset
}

/** `page.0123456789ab.css` */
const assetName = (name: AssetName): string => name.replace('.', `.${assetOf(name).digest}.`)

/** Where a browser finds it. */
export const assetPath = (name: AssetName): string => `/assets/${assetName(name)}`

const isAssetName = (name: string): name is AssetName => Object.hasOwn(files, name)

function packedOf(asset: Asset): NonNullable<Asset['packed']> {
  asset.packed ??= { br: brotliCompressSync(asset.body), gzip: gzipSync(asset.body) }
  return asset.packed
}

/** `/assets/…`: nobody is asked who they are, since nobody's data is in it. */
export function assetRoutes(): Hono {
  return new Hono().get('/assets/:name', (c) => {
    const match = /^([a-z0-9-]+)\.([0-9a-f]{12})\.([a-z0-9.]+)$/i.exec(c.req.param('name'))
    const name = match === null ? '' : `${match[1]}.${match[3]}`
    if (!isAssetName(name) || assetOf(name).digest !== match?.[2]) return c.notFound()
    const asset = assetOf(name)
    const accepted = c.req.header('Accept-Encoding') ?? ''
    const coding = asset.isPacked
      ? undefined
      : (['br', 'gzip'] as const).find((one) => accepted.includes(one))
    const body = coding === undefined ? asset.body : packedOf(asset)[coding]
    return c.body(Uint8Array.from(body), 200, {
      'Content-Type': asset.type,
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
      ...(coding === undefined ? {} : { 'Content-Encoding': coding }),
    })
  })
}
