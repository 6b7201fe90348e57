import { FlowledgerError } from '../../model/errors.ts'
import { answerView } from './answer-view.ts'
import { caseView } from './case-view.ts'
import type { EvidenceKind, SealedEvidence } from './envelope.ts'
import { holdView } from './hold-view.ts'
import { renderPage } from './page.ts'
import { renderPdf } from './pdf.ts'
import { purgeView } from './purge-view.ts'
import type { View } from './view.ts'

/** The forms in which evidence is given. */

type Sealed = Pick<SealedEvidence, 'sha256' | 'envelope'>

const views: Readonly<Record<EvidenceKind, (sealed: Sealed) => View>> = {
  answer: answerView,
  case: caseView,
  hold: holdView,
  purge: purgeView,
}

/** What there is to show of a signed file. */
function viewOf(sealed: Sealed): View {
  try {
    return views[sealed.envelope.kind](sealed)
  } catch (cause) {
    throw new FlowledgerError('usage', 'This file was signed by another version.', {
      fix: 'Show it with the version that it names; its signature can be checked with this one.',
      cause,
    })
  }
}

/** The printable page. */
export const evidencePage = (sealed: Sealed): Promise<string> => renderPage(viewOf(sealed))

/**
 * The PDF.
 *
 * @throws FlowledgerError `usage` where pdfkit, an optional part, is not installed
 */
export const evidencePdf = (sealed: Sealed): Promise<Buffer> => renderPdf(viewOf(sealed))
