import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { Block, Section, View } from './view.ts'

/** A view as a page of HTML: no scripts, nothing loaded, everything escaped; good on paper. */

type Html = HtmlEscapedString | Promise<HtmlEscapedString>

const style = `
:root { color-scheme: light; --ink: #1a1d21; --dim: #5b636d; --line: #d5d9de; --soft: #f5f6f8;
  --sure: #1b6e3c; --unsure: #8a5a00; --bad: #a3262a; --plain: #3b4652 }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 2.5rem 1.5rem; max-width: 52rem; color: var(--ink);
  background: #fff; font: 15px/1.5 "Liberation Sans", Arial, Helvetica, sans-serif }
header { border-bottom: 2px solid var(--ink); padding-bottom: 1rem }
h1 { margin: 0; font-size: .8rem; letter-spacing: .08em; text-transform: uppercase;
  color: var(--dim) }
.subtitle { margin: .3rem 0 0; font-size: 1.35rem; line-height: 1.3; font-weight: 700;
  overflow-wrap: anywhere }
.verdict { margin: 1.5rem 0; padding: .9rem 1.1rem; border-left: .35rem solid var(--tone);
  background: var(--soft) }
.verdict strong { display: block; color: var(--tone); font-size: 1.15rem }
.sure { --tone: var(--sure) } .unsure { --tone: var(--unsure) }
.bad { --tone: var(--bad) } .plain { --tone: var(--plain) }
h2 { margin: 2rem 0 .6rem; font-size: 1.05rem; break-after: avoid }
dl { margin: 0 0 1rem; border-top: 1px solid var(--line) }
dl > div { display: grid; grid-template-columns: 13rem 1fr; gap: 1rem; padding: .3rem 0;
  border-bottom: 1px solid var(--line); break-inside: avoid }
dt { color: var(--dim) }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
table { width: 100%; margin: 0 0 1.4rem; border-collapse: collapse; table-layout: fixed }
th { text-align: left; color: var(--dim); font-weight: 400; border-bottom: 1px solid var(--ink) }
th, td { padding: .3rem .6rem .3rem 0; vertical-align: top; overflow-wrap: anywhere }
td { border-bottom: 1px solid var(--line) } tr { break-inside: avoid }
ul { margin: 0 0 1rem; padding-left: 1.2rem } li { margin: .25rem 0; overflow-wrap: anywhere }
footer { margin-top: 2.5rem; padding-top: .7rem; border-top: 1px solid var(--line);
  color: var(--dim); font-size: .78rem; overflow-wrap: anywhere }
@media (max-width: 40rem) { dl > div { grid-template-columns: 1fr; gap: 0 } }
@page { size: A4; margin: 18mm 16mm }
@media print { body { max-width: none; padding: 0; font-size: 10pt }
  .verdict { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
`

/** Outside of the templates, whose white space is the formatter's: the hash is over the text. */
const styleElement = `<style>${style}</style>`

const styleHash = createHash('sha256').update(style).digest('base64')

/** What a browser may do with the page: show it. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'none'`

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'facts':
      return html`<dl>
        ${block.rows.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div> `
        )}
      </dl>`
    case 'table':
      return html`<table>
        <colgroup>
          ${block.widths.map((width) => html`<col width="${Math.round(width * 100)}%" />`)}
        </colgroup>
        <thead>
          <tr>
            ${block.head.map((cell) => html`<th scope="col">${cell}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${block.rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => html`<td>${cell}</td>`)}
              </tr>`
          )}
        </tbody>
      </table>`
    case 'list':
      return html`<ul>
        ${block.items.map((item) => html`<li>${item}</li>`)}
      </ul>`
    default:
      return html`<p>${block.text}</p>`
  }
}

const sectionHtml = ({ heading, blocks }: Section): Html =>
  html`<section>
    <h2>${heading}</h2>
    ${blocks.map(blockHtml)}
  </section>`

/** The page, whole; it may be kept as a file. */
export async function renderPage(view: View): Promise<string> {
  const { verdict } = view
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${pagePolicy}" />
        <title>${view.subtitle}</title>
        ${raw(styleElement)}
      </head>
      <body>
        <header>
          <h1>${view.title}</h1>
          <p class="subtitle">${view.subtitle}</p>
        </header>
        <div class="verdict ${verdict.tone}">
          <strong>${verdict.word}</strong>
          ${verdict.meaning}
        </div>
        ${view.sections.map(sectionHtml)}
        <footer>${view.foot}</footer>
      </body>
    </html>`
  return String(await page)
}
