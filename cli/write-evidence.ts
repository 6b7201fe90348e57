import { writeFile } from 'node:fs/promises'
import type { SealedEvidence } from '../lookup-api/evidence-file/envelope.ts'
import { print, say } from './output.ts'

/** Where signed evidence goes; `file` left out: to standard output. */
export interface EvidenceTargets {
  readonly file?: string
  readonly page?: string
  readonly pdf?: string
}

/** Names people: for who runs the command alone. */
const mode = 0o600

/** Writes a signed file, and its views where they are wanted. */
export async function writeEvidence(
  sealed: SealedEvidence,
  { file, page, pdf }: EvidenceTargets
): Promise<void> {
  if (file === undefined) print(sealed.text)
  else {
    await writeFile(file, sealed.text, { mode })
    say(`${file} is signed by the key ${sealed.envelope.key.id}.`)
  }
  if (page === undefined && pdf === undefined) return
  const { evidencePage, evidencePdf } = await import('../lookup-api/evidence-file/views.ts')
  if (page !== undefined) await writeFile(page, await evidencePage(sealed), { mode })
  if (pdf !== undefined) await writeFile(pdf, await evidencePdf(sealed), { mode })
}
