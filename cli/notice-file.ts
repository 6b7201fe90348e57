import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { maxNoticeBytes } from '../lookup-api/notices/limits.ts'
import { FlowledgerError } from '../model/errors.ts'

const tooLarge = (): FlowledgerError =>
  new FlowledgerError('usage', `The notice has more than ${maxNoticeBytes} bytes.`, {
    fix: 'Cut off what is no part of the complaint, such as pictures and videos.',
  })

/**
 * Reads a notice from a file, or from standard input for `-`, and no more than one may hold.
 *
 * @throws FlowledgerError `usage` where it is larger
 */
export async function readNoticeFile(file: string): Promise<Uint8Array> {
  if (file !== '-' && (await stat(file)).size > maxNoticeBytes) throw tooLarge()
  const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file)
  const parts: Buffer[] = []
  let length = 0
  for await (const part of stream) {
    length += part.length
    if (length > maxNoticeBytes) throw tooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts)
}
