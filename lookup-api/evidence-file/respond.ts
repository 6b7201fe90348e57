import type { Context } from 'hono'
import { ProblemError } from '../problem.ts'
import { evidenceType } from './envelope.ts'
import type { SealedEvidence } from './envelope.ts'
import { pagePolicy } from './page.ts'
import { evidencePage, evidencePdf } from './views.ts'

/** The forms of an answer that the API gives evidence in, by media type. */
const forms = {
  [evidenceType]: 'file',
  'application/json': 'file',
  '*/*': 'file',
  'text/html': 'page',
  'application/pdf': 'pdf',
} as const

export type EvidenceForm = (typeof forms)[keyof typeof forms]

/**
 * The form that `Accept` asks for: the first that is known; without the header the signed file.
 *
 * @throws ProblemError 406 where none is known
 */
export function wantedForm(accept: string | undefined): EvidenceForm {
  const names = (accept ?? '*/*').split(',').map((part) => part.split(';')[0]?.trim().toLowerCase())
  const known = names.find((name) => name !== undefined && Object.hasOwn(forms, name))
  if (known !== undefined) return forms[known as keyof typeof forms]
  const message = `Evidence comes as ${evidenceType}, text/html or application/pdf.`
  throw new ProblemError(406, 'not-acceptable', message)
}

type Sealed = Pick<SealedEvidence, 'sha256' | 'envelope'> & { readonly text: string }

/** Sends evidence in a form. The digest in the header is that of the signed file in every form. */
export async function sendEvidence(
  c: Context,
  sealed: Sealed,
  form: EvidenceForm,
  name: string
): Promise<Response> {
  c.header('X-Evidence-SHA256', sealed.sha256)
  if (form === 'page') {
    c.header('Content-Security-Policy', pagePolicy)
    return c.html(await evidencePage(sealed))
  }
  const file = `attachment; filename="${name.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}`
  if (form === 'pdf') {
    c.header('Content-Type', 'application/pdf')
    c.header('Content-Disposition', `${file}.pdf"`)
    const octets = new Uint8Array(await evidencePdf(sealed))
    return c.body(octets)
  }
  c.header('Content-Type', evidenceType)
  c.header('Content-Disposition', `${file}.json"`)
  return c.body(sealed.text)
}
