import { formatInstant } from '../../model/time.ts'
import { isGzip, isZip, readGzip, readZip } from './archive.ts'
import type { Budget } from './archive.ts'
import { decodeText, isBinary } from './charset.ts'
import { timeContext } from './context.ts'
import type { NoticeSettings } from './context.ts'
import { sightingKey } from './facts.ts'
import {
  maxInflatedBytes,
  maxMailDepth,
  maxNoticeBytes,
  maxNoticeLines,
  maxParts,
  maxSightings,
} from './limits.ts'
import { isMail, MailRefused, openMail } from './mail.ts'
import type { Attachment, Mail } from './mail.ts'
import { readMarf } from './marf.ts'
import { whyNothing } from './nothing-found.ts'
import { readPiece, subordinate } from './piece.ts'
import type { Notice, Skipped, TimeContext } from './types.ts'
import { excerpt } from './values.ts'

/** Everything that a message holds. */
export interface MessageReading {
  /** Of the mail; who it is from is what it says, verified by nobody. */
  readonly from?: string
  readonly subject?: string
  /** RFC 3339, of the mail's own `Date`. */
  readonly sent?: string
  readonly notices: Notice[]
  readonly skipped: Skipped[]
  /** Why there is no notice; only where there is none. */
  readonly why?: string
}

/** Bytes of a message, and what they are told to be. */
interface Item {
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array
  readonly part: string
}

/** Walks through a message with the bounds that all its parts share. */
class Walk {
  readonly structured: Notice[] = []
  readonly free: Notice[] = []
  readonly skipped: Skipped[] = []
  /** What was read and says nothing. */
  readonly silent: Skipped[] = []
  /** Pictures, sound and films. */
  pictures = 0
  mail: Mail | undefined
  sentUs: number | undefined
  readonly #settings: NoticeSettings
  readonly #budget: Budget = { left: maxInflatedBytes }
  #parts = 0

  constructor(settings: NoticeSettings) {
    this.#settings = settings
  }

  async item(item: Item, depth: number, context: TimeContext): Promise<void> {
    const { part, bytes, type, name } = item
    if (++this.#parts > maxParts) {
      if (this.#parts === maxParts + 1) this.#skip(part, `More than ${maxParts} parts.`)
      return
    }
    if (isZip(bytes) || isGzip(bytes)) return this.#archive(item, depth, context)
    if (type === 'message/feedback-report') {
      this.structured.push(readMarf(decodeText(bytes), part, context))
      return
    }
    const mails = /^message\/(?:rfc822|global|news)$/.test(type) || /\.eml$/i.test(name)
    const head = Buffer.from(bytes.subarray(0, 8192)).toString('latin1')
    if (mails || isMail(head.trimStart())) return this.#mail(item, depth)
    if (/^(?:image|audio|video|font)\//.test(type)) {
      this.pictures++
      return
    }
    if (isBinary(bytes)) {
      this.#skip(part, 'It is no text, no mail and no archive that is known.')
      return
    }
    const csv = type === 'text/csv' || /\.csv$/i.test(name)
    const html = /\.html?$/i.test(name)
    const kind = csv ? 'text/csv' : html ? 'text/html' : type
    this.#piece(decodeText(bytes), part, kind, context)
  }

  #skip(part: string, reason: string): void {
    this.skipped.push({ part, reason })
  }

  #piece(text: string, part: string, type: string, context: TimeContext): void {
    const { structured, free, skipped, silent } = readPiece(text, part, type, context)
    if (silent !== undefined) this.silent.push({ part, reason: silent })
    this.structured.push(...structured)
    this.free.push(...free)
    this.skipped.push(...skipped)
  }

  async #archive(item: Item, depth: number, context: TimeContext): Promise<void> {
    const { name, bytes, part } = item
    if (depth > 1 + maxMailDepth) {
      this.#skip(part, 'Archives stand too deep in one another.')
      return
    }
    const files = isZip(bytes)
      ? readZip(bytes, this.#budget)
      : [readGzip(name, bytes, this.#budget)]
    for (const file of files) {
      const inside = `${part} > ${file.name === '' ? 'file' : file.name}`
      if (file.bytes === undefined) this.#skip(inside, file.reason ?? 'It cannot be read.')
      else if (isZip(file.bytes) || isGzip(file.bytes)) {
        this.#skip(inside, 'An archive in an archive is not opened.')
      } else {
        const within = { name: file.name, type: '', bytes: file.bytes, part: inside }
        await this.item(within, depth + 1, context)
      }
    }
  }

  async #mail({ part, bytes }: Item, depth: number): Promise<void> {
    if (depth > maxMailDepth) {
      this.#skip(part, `Mails stand more than ${maxMailDepth} deep in one another.`)
      return
    }
    let mail: Mail
    try {
      mail = await openMail(bytes)
    } catch (error) {
      if (!(error instanceof MailRefused)) throw error
      this.#skip(part, error.message)
      return
    }
    if (mail.cut) this.#skip(part, 'Parts have more lines than are read; the rest is left out.')
    const context = timeContext(this.#settings, mail)
    if (this.mail === undefined) {
      this.mail = mail
      this.sentUs = context.sentUs
    }
    const inside = (what: string): string => (part === 'message' ? what : `${part} > ${what}`)
    // The report of a feedback loop is its second part; the third is the mail complained about.
    const marf = mail.attachments.some(({ type }) => type === 'message/feedback-report')
    if (!marf) this.#body(mail, inside('body'), context)
    for (const [i, attachment] of mail.attachments.entries()) {
      if (marf && !/^message\/feedback-report$/.test(attachment.type) && !isNested(attachment)) {
        continue
      }
      const title = attachment.name === '' ? attachment.type : excerpt(attachment.name)
      const where = inside(`attachment ${i + 1} (${title})`)
      await this.item({ ...attachment, part: where }, depth + 1, context)
    }
  }

  /** The words of the body; its HTML only where they say nothing. */
  #body({ text, html }: Mail, part: string, context: TimeContext): void {
    const before = this.structured.length + this.free.length
    if (text !== undefined && text.trim() !== '') this.#piece(text, part, 'text/plain', context)
    const found = this.structured.length + this.free.length > before
    if (!found && html !== undefined) this.#piece(html, part, 'text/html', context)
  }
}

/** A report in a report: some programs wrap the whole mail once more. */
const isNested = ({ type, bytes }: Attachment): boolean =>
  type === 'message/rfc822' &&
  /^content-type:\s*message\/feedback-report/im.test(
    Buffer.from(bytes.subarray(0, 65_536)).toString('latin1')
  )

/** Notices none twice: the same document often stands in the body and in an attachment. */
function withoutRepeats(notices: readonly Notice[]): Notice[] {
  const seen = new Set<string>()
  return notices.flatMap((notice) => {
    const { format, id, sightings } = notice
    const key = JSON.stringify([format === 'csv' ? 'text' : format, id, sightings.map(sightingKey)])
    if (seen.has(key)) return []
    seen.add(key)
    return [notice]
  })
}

/** Keeps so many sightings of all notices together, and counts the others. */
function bounded(notices: readonly Notice[]): Notice[] {
  let left = maxSightings
  return notices.map((notice) => {
    const sightings = notice.sightings.slice(0, left)
    left -= sightings.length
    return { ...notice, sightings, sightingsLeftOut: notice.sightings.length - sightings.length }
  })
}

function lineCount(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  return count
}

function refusal(bytes: Uint8Array): string | undefined {
  if (bytes.length > maxNoticeBytes) return `A notice has at most ${maxNoticeBytes} bytes.`
  if (lineCount(bytes) > maxNoticeLines) return `A notice has at most ${maxNoticeLines} lines.`
  return bytes.length === 0 ? 'It is empty.' : undefined
}

/** What there is to say of a message that is not read at all. */
export function unreadable(reason: string): MessageReading {
  const why = `No notice was read. ${reason}`
  return { notices: [], skipped: [{ part: 'message', reason }], why }
}

/**
 * Reads a message: a mail, a document, a table or pasted text. What cannot be read is in `skipped`
 * with its reason and costs none of the rest; nothing is looked up, and nothing is fetched.
 *
 * @param type media type as it was sent, where there was one
 */
export async function readMessage(
  bytes: Uint8Array,
  settings: NoticeSettings,
  type = ''
): Promise<MessageReading> {
  const refused = refusal(bytes)
  if (refused !== undefined) return unreadable(refused)
  const walk = new Walk(settings)
  const media = type.split(';')[0]?.trim().toLowerCase() ?? ''
  await walk.item({ name: '', type: media, bytes, part: 'message' }, 0, timeContext(settings))
  const { mail, sentUs, structured, free, skipped, silent, pictures } = walk
  const notices = withoutRepeats([...structured, ...subordinate(free, structured)])
  return {
    ...(mail?.from === undefined ? {} : { from: mail.from }),
    ...(mail?.subject === undefined ? {} : { subject: excerpt(mail.subject) }),
    ...(sentUs === undefined ? {} : { sent: formatInstant(sentUs) }),
    notices: bounded(notices),
    skipped,
    ...(notices.length === 0 ? { why: whyNothing(silent, skipped, pictures) } : {}),
  }
}
