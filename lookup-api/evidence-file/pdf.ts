import { FlowledgerError } from '../../model/errors.ts'
import { wordsForPrint } from './print-text.ts'
import type { Block, Section, Tone, View } from './view.ts'

/**
 * A view as PDF, by pdfkit where it is installed. The same view gives the same octets: no time of
 * making and nothing random goes in. Only the fonts that every reader has are used, so characters
 * that they lack are written as code points.
 */

type Pdf = PDFKit.PDFDocument

const page = { size: 'A4', width: 595.28, height: 841.89, margin: 50 } as const
const width = page.width - 2 * page.margin
/** Lowest point of the text; the foot stands below. */
const bottom = page.height - 68

const ink = '#1a1d21'
const dim = '#5b636d'
const line = '#d5d9de'
const tones: Readonly<Record<Tone, string>> = {
  sure: '#1b6e3c',
  unsure: '#8a5a00',
  bad: '#a3262a',
  plain: '#3b4652',
}

async function loadPdfKit(): Promise<typeof import('pdfkit')> {
  try {
    return (await import('pdfkit')).default
  } catch (cause) {
    throw new FlowledgerError('usage', 'PDF cannot be written here: pdfkit is not installed.', {
      fix: 'Install it (npm install pdfkit), or take the page and print it.',
      cause,
    })
  }
}

/** Makes room for so many points, on a new page where this one lacks it. */
function room(pdf: Pdf, points: number): void {
  if (pdf.y + points > bottom) pdf.addPage()
}

function rule(pdf: Pdf, colour = line): void {
  pdf
    .moveTo(page.margin, pdf.y)
    .lineTo(page.margin + width, pdf.y)
    .lineWidth(0.5)
    .stroke(colour)
}

interface Cell {
  readonly text: string
  readonly share: number
  readonly colour: string
  readonly bold?: boolean
}

/** A row of cells with a line under it; one higher than a page is cut into several rows. */
function row(pdf: Pdf, cells: readonly Cell[], under = line): void {
  pdf.fontSize(9)
  const gap = 8
  const fontOf = ({ bold }: Cell): string => (bold === true ? 'Helvetica-Bold' : 'Helvetica')
  const heights = cells.map((cell) =>
    pdf.font(fontOf(cell)).heightOfString(cell.text, { width: cell.share * width - gap })
  )
  const height = Math.max(...heights)
  const pageRoom = bottom - page.margin - 8
  if (height > pageRoom) return cutRow(pdf, cells, height / pageRoom, under)
  room(pdf, height + 7)
  const top = pdf.y + 3
  let x = page.margin
  for (const cell of cells) {
    const at = { width: cell.share * width - gap }
    pdf.font(fontOf(cell)).fillColor(cell.colour).text(cell.text, x, top, at)
    x += cell.share * width
  }
  pdf.x = page.margin
  pdf.y = top + height + 3
  rule(pdf, under)
}

function cutRow(pdf: Pdf, cells: readonly Cell[], times: number, under: string): void {
  const pieces = Math.ceil(times) + 1
  for (let i = 0; i < pieces; i++) {
    const part = cells.map((cell) => {
      const size = Math.ceil(cell.text.length / pieces)
      return Object.assign({}, cell, { text: cell.text.slice(i * size, (i + 1) * size) })
    })
    row(pdf, part, i === pieces - 1 ? under : '#ffffff')
  }
}

function drawBlock(pdf: Pdf, block: Block): void {
  if (block.kind === 'facts') {
    room(pdf, 20)
    rule(pdf)
    for (const [name, value] of block.rows) {
      row(pdf, [
        { text: wordsForPrint(name), share: 0.3, colour: dim },
        { text: wordsForPrint(value), share: 0.7, colour: ink },
      ])
    }
  } else if (block.kind === 'table') {
    const cells = (texts: readonly string[], colour: string): Cell[] =>
      texts.map((text, i) => ({
        text: wordsForPrint(text),
        share: block.widths[i] ?? 0,
        colour,
      }))
    row(pdf, cells(block.head, dim), ink)
    for (const texts of block.rows) row(pdf, cells(texts, ink))
  } else {
    const items = block.kind === 'list' ? block.items : [block.text]
    for (const item of items) drawText(pdf, wordsForPrint(item), block.kind === 'list')
  }
  pdf.moveDown(0.7)
}

function drawText(pdf: Pdf, text: string, bullet: boolean): void {
  pdf.font('Helvetica').fontSize(9.5).fillColor(ink)
  const indent = bullet ? 12 : 0
  const options = { width: width - indent, lineGap: 1 }
  room(pdf, Math.min(pdf.heightOfString(text, options), 200) + 3)
  const top = pdf.y
  if (bullet) pdf.circle(page.margin + 3, top + 4.8, 1.4).fill(dim)
  pdf.fillColor(ink).text(text, page.margin + indent, top, options)
  pdf.x = page.margin
  pdf.y += 3
}

function drawSection(pdf: Pdf, { heading, blocks }: Section): void {
  room(pdf, 60)
  pdf.moveDown(0.4)
  pdf.font('Helvetica-Bold').fontSize(11.5).fillColor(ink)
  pdf.text(wordsForPrint(heading), page.margin, pdf.y, { width })
  pdf.moveDown(0.4)
  for (const block of blocks) drawBlock(pdf, block)
}

function drawHead(pdf: Pdf, { title, subtitle, verdict }: View): void {
  pdf.font('Helvetica').fontSize(8.5).fillColor(dim)
  pdf.text(title.toUpperCase(), { characterSpacing: 0.8 }).moveDown(0.3)
  pdf.font('Helvetica-Bold').fontSize(15).fillColor(ink).text(wordsForPrint(subtitle), { width })
  pdf.moveDown(0.4)
  rule(pdf, ink)
  pdf.y += 14
  const inner = { width: width - 24 }
  pdf.font('Helvetica').fontSize(10)
  const meaning = wordsForPrint(verdict.meaning)
  const height = pdf.heightOfString(meaning, inner) + 34
  const top = pdf.y
  pdf.rect(page.margin, top, width, height).fill('#f5f6f8')
  pdf.rect(page.margin, top, 4, height).fill(tones[verdict.tone])
  pdf.font('Helvetica-Bold').fontSize(12).fillColor(tones[verdict.tone])
  pdf.text(verdict.word, page.margin + 14, top + 9, inner)
  pdf.font('Helvetica').fontSize(10).fillColor(ink)
  pdf.text(meaning, page.margin + 14, top + 26, inner)
  pdf.x = page.margin
  pdf.y = top + height + 10
}

/** The foot of every page, once their number is known. */
function drawFeet(pdf: Pdf, foot: string): void {
  const { start, count } = pdf.bufferedPageRange()
  for (let i = 0; i < count; i++) {
    pdf.switchToPage(start + i)
    // Text below the margin would otherwise begin a new page.
    pdf.page.margins.bottom = 0
    pdf.font('Helvetica').fontSize(7).fillColor(dim)
    const at = { width: width - 70, lineBreak: true }
    pdf.text(wordsForPrint(foot), page.margin, page.height - 50, at)
    const right = { width: 60, align: 'right' as const, lineBreak: false }
    pdf.text(`${i + 1} / ${count}`, page.margin + width - 60, page.height - 50, right)
  }
}

/**
 * The view as the octets of a PDF.
 *
 * @throws FlowledgerError `usage` where pdfkit, an optional part, is not installed
 */
export async function renderPdf(view: View): Promise<Buffer> {
  const PdfDocument = await loadPdfKit()
  const signed = new Date(view.signedAt)
  const pdf = new PdfDocument({
    size: page.size,
    margins: { top: page.margin, left: page.margin, right: page.margin, bottom: 60 },
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: wordsForPrint(view.subtitle),
      Producer: 'flowledger',
      Creator: 'flowledger',
      CreationDate: signed,
      ModDate: signed,
    },
  })
  const chunks: Buffer[] = []
  const ended = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
  drawHead(pdf, view)
  for (const section of view.sections) drawSection(pdf, section)
  drawFeet(pdf, view.foot)
  pdf.end()
  return await ended
}
