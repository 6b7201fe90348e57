import type { Envelope, SealedEvidence } from './envelope.ts'

/**
 * What the printable page and the PDF show: one content, drawn twice. The signed file is the
 * evidence; both are views of it and say so.
 */

export type Block =
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly string[])[]
      /** Share of the width that each column has. */
      readonly widths: readonly number[]
    }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }

export interface Section {
  readonly heading: string
  readonly blocks: readonly Block[]
}

/** How sure the word at the top is; the colour follows, and the word says it without colour. */
export type Tone = 'sure' | 'unsure' | 'bad' | 'plain'

export interface View {
  readonly title: string
  readonly subtitle: string
  readonly verdict: { readonly word: string; readonly meaning: string; readonly tone: Tone }
  readonly sections: readonly Section[]
  /** RFC 3339: when it was signed. */
  readonly signedAt: string
  /** In the foot of every page. */
  readonly foot: string
}

export const facts = (
  rows: readonly (readonly [string, string | number | boolean | null | undefined])[]
): Block => ({
  kind: 'facts',
  rows: rows.flatMap(([label, value]) =>
    value === null || value === undefined || value === '' ? [] : [[label, String(value)] as const]
  ),
})

export const list = (items: readonly string[]): Block => ({ kind: 'list', items })

export const paragraph = (text: string): Block => ({ kind: 'text', text })

/** The section of the signature, which every view ends with. */
export function sealSection({
  sha256,
  envelope,
}: Pick<SealedEvidence, 'sha256' | 'envelope'>): Section {
  return {
    heading: 'Signature',
    blocks: [
      paragraph(
        'This page is a view. The evidence is the signed file that it was made from; check that ' +
          'file with "flowledger verify FILE --key KEY", which needs neither network nor database.'
      ),
      facts([
        ['Signed', envelope.signed_at],
        ['Format', envelope.format],
        ['SHA-256 of the file', sha256],
        ['Key (Ed25519), fingerprint', envelope.key.id],
        ['Signature', envelope.signature],
      ]),
    ],
  }
}

/** What every document says of itself. */
interface Made {
  readonly limits: readonly string[]
  readonly officer: string
  readonly software: { readonly name: string; readonly version: string; readonly node: string }
}

/** The sections that views end with: limits, making and signature. */
export function closingSections(
  { limits, officer, software }: Made,
  sealed: Pick<SealedEvidence, 'sha256' | 'envelope'>
): Section[] {
  return [
    { heading: 'What this does not show', blocks: [list(limits)] },
    {
      heading: 'How it was made',
      blocks: [
        facts([
          ['Officer', officer],
          ['Software', `${software.name} ${software.version}, Node ${software.node}`],
        ]),
      ],
    },
    sealSection(sealed),
  ]
}

/** The foot of each page of a view. */
export const footOf = (envelope: Envelope, sha256: string): string =>
  `flowledger evidence (${envelope.kind}), signed ${envelope.signed_at}, SHA-256 ${sha256}`
