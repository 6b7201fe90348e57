import PostalMime from 'postal-mime'
import { maxBase64Lines, maxHeaderBytes, maxPartDepth, maxPartLines } from './limits.ts'

/** A mail, taken apart (RFC 5322, RFC 2045). */
export interface Mail {
  /** True where a part has more lines than are read. */
  readonly cut: boolean
  /** Address of `From`, lower case; nobody has verified it. */
  readonly from?: string
  readonly subject?: string
  /** `Date`, as it stands. */
  readonly date?: string
  readonly text?: string
  readonly html?: string
  readonly attachments: readonly Attachment[]
}

/** A part that is no text of the body. */
export interface Attachment {
  readonly name: string
  /** Media type, lower case. */
  readonly type: string
  readonly bytes: Uint8Array
}

const strong = /^(?:mime-version|content-type|message-id|received|return-path|delivered-to|from):/im
const known =
  /^(?:from|to|subject|date|cc|sender|reply-to|x-[\w-]+|mime-version|content-type|received):/gim

/** True where text begins with the header of a mail, and not just with names and values. */
export function isMail(head: string): boolean {
  const from = head.startsWith('From ') ? head.indexOf('\n') + 1 : 0
  const end = head.slice(from).search(/\r?\n\r?\n/)
  const header = end < 0 ? head.slice(from) : head.slice(from, from + end)
  const lines = header.split(/\r?\n/)
  const formed = lines.every((line) => /^[!-9;-~]+[ \t]*:|^[ \t]/.test(line) || line === '')
  const names = new Set([...header.matchAll(known)].map(([name]) => name.toLowerCase()))
  return formed && strong.test(header) && names.size >= 2
}

/** A line of base64 of the length that mail has it in (RFC 2045 §6.8). */
const base64Line = /^[A-Za-z0-9+/=]{60,76}$/

/**
 * Leaves out what follows in parts of very many lines. Where a part ends need not be known: lines
 * that may end one (`--`) start the count anew.
 */
function shorten(bytes: Uint8Array): { kept: Uint8Array; cut: boolean } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const pieces: Buffer[] = []
  let [from, count, dropping] = [0, 0, false]
  for (let at = 0; at < buffer.length;) {
    const feed = buffer.indexOf(10, at)
    const next = feed < 0 ? buffer.length : feed + 1
    count = buffer[at] === 45 && buffer[at + 1] === 45 ? 0 : count + 1
    if (dropping && count === 0) [from, dropping] = [at, false]
    if (!dropping && count > maxPartLines) {
      const line = buffer.toString('latin1', at, Math.min(next, at + 100)).trimEnd()
      if (count > maxBase64Lines || !base64Line.test(line)) {
        pieces.push(buffer.subarray(from, at))
        dropping = true
      }
    }
    at = next
  }
  if (pieces.length === 0) return { kept: bytes, cut: false }
  if (!dropping) pieces.push(buffer.subarray(from))
  return { kept: Buffer.concat(pieces), cut: true }
}

/** Why a mail is not read. */
export class MailRefused extends Error {}

const refusals: readonly (readonly [RegExp, string])[] = [
  [/header/i, `The headers have more than ${maxHeaderBytes} bytes.`],
  [/nesting|depth/i, `Parts stand more than ${maxPartDepth} deep.`],
]

/**
 * Takes a mail apart; forwarded mails (message/rfc822) stay attachments.
 *
 * @throws MailRefused where a bound is passed
 */
export async function openMail(bytes: Uint8Array): Promise<Mail> {
  try {
    // An mbox line is no header; nor is what mail servers put before the first one.
    const { kept, cut } = shorten(bytes)
    const start = Buffer.from(kept.subarray(0, 5)).toString('latin1') === 'From '
    const email = await PostalMime.parse(start ? kept.subarray(kept.indexOf(10) + 1) : kept, {
      forceRfc822Attachments: true,
      maxNestingDepth: maxPartDepth,
      maxHeadersSize: maxHeaderBytes,
      attachmentEncoding: 'arraybuffer',
    })
    const from = email.from?.address?.toLowerCase()
    const date = email.headers.find(({ key }) => key === 'date')?.value
    return {
      cut,
      ...(from === undefined || from === '' ? {} : { from: from.slice(0, 200) }),
      ...(email.subject === undefined ? {} : { subject: email.subject.slice(0, 300) }),
      ...(date === undefined ? {} : { date: date.slice(0, 100) }),
      ...(email.text === undefined ? {} : { text: email.text }),
      ...(email.html === undefined ? {} : { html: email.html }),
      attachments: email.attachments.map(({ filename, mimeType, content }) => ({
        name: (filename ?? '').slice(0, 100),
        type: mimeType.toLowerCase(),
        bytes: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
      })),
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    const reason = refusals.find(([pattern]) => pattern.test(message))?.[1]
    throw new MailRefused(reason ?? 'The mail cannot be taken apart.', { cause: error })
  }
}
