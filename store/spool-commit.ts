import { readSync } from 'node:fs'
import { maxFrameBytes } from '../model/limits.ts'
import { decodeHead, frameHeadBytes, frameKinds, payloadIsSound } from './spool-frame.ts'
import { spoolNote } from './spool-note.ts'

/** True where a `commit` stands in a segment, and whole frames alone between `at` and it. */
export function isCommitted(fd: number, at: number): boolean {
  const headBytes = Buffer.alloc(frameHeadBytes)
  for (let next = at; ;) {
    if (readSync(fd, headBytes, 0, frameHeadBytes, next) < frameHeadBytes) return false
    const head = decodeHead(headBytes, 0)
    if (head === undefined || head.payloadBytes > maxFrameBytes) return false
    const payloadAt = next + frameHeadBytes
    next = payloadAt + head.payloadBytes
    if (head.kind !== frameKinds.note) continue
    const payload = Buffer.alloc(head.payloadBytes)
    if (readSync(fd, payload, 0, payload.length, payloadAt) < payload.length) return false
    if (!payloadIsSound(head, payload)) continue
    const note = spoolNote.safeParse(JSON.parse(payload.toString()))
    if (note.success && note.data.type === 'begin') return false
    if (note.success && note.data.type === 'commit') return true
  }
}
