import { authoritySentences } from '../authority-text.ts'
import type { Answer, AnswerCandidate } from '../contract.ts'
import type { AnswerDocument } from './document.ts'
import type { SealedEvidence } from './envelope.ts'
import { verdictMeanings } from './limits.ts'
import { facts, footOf, list, paragraph, sealSection } from './view.ts'
import type { Block, Section, Tone, View } from './view.ts'

/** The view of a signed answer. */

/** How sure each verdict is. */
export const verdictTones: Readonly<Record<Answer['verdict'], Tone>> = {
  unique: 'sure',
  'unique-after-destination': 'sure',
  multiple: 'unsure',
  inferred: 'unsure',
  conflict: 'bad',
  'no-match': 'plain',
  'no-data': 'plain',
}

const endpoint = ({ ip, port }: { ip: string; port: number }): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`

function questionText({ query }: Answer): string {
  const port = query.port === null ? ' (no port)' : ''
  const address = query.port === null ? query.ip : endpoint({ ip: query.ip, port: query.port })
  const protocol = query.protocol === null ? '' : `, ${query.protocol}`
  return `Who had ${address}${port}${protocol} at ${query.at}?`
}

/** What a member is called in a table of facts: `destination_ip` is "destination ip". */
const label = (name: string): string => name.replaceAll('_', ' ')

/** A value of any depth as rows: an identity has more members than this page knows. */
export function flatRows(value: unknown, prefix = ''): [string, string][] {
  if (value === null || value === undefined) return []
  if (typeof value === 'string') return [[prefix, value]]
  if (typeof value !== 'object') return [[prefix, JSON.stringify(value)]]
  return Object.entries(value).flatMap(([name, member]) => {
    const isIndex = Array.isArray(value)
    const path = [prefix, isIndex ? String(Number(name) + 1) : label(name)].filter(Boolean)
    return flatRows(member, path.join(' '))
  })
}

function questionSection({ received, answer }: AnswerDocument): Section {
  const { query } = answer
  return {
    heading: 'The question',
    blocks: [
      facts(Object.entries(received).map(([name, text]) => [`${label(name)}, as received`, text])),
      facts([
        ['Understood as', questionText(answer)],
        ['Time zone', query.zone],
        ['Precision of the time', `${query.precision_seconds} s`],
        ['Tolerance', `${query.tolerance_seconds} s`],
        ['Window', `${query.from} to ${query.to}`],
        ['Destination', query.destination_ip],
        ['Destination port', query.destination_port],
        ['Case', query.case],
        ['Purpose', query.purpose],
        ['Asked', query.asked_at],
      ]),
    ],
  }
}

function endText({ end, end_known: known, open, continues }: AnswerCandidate): string {
  if (open || end === null) return 'still open'
  if (continues) return `after ${end}`
  return known ? end : `${end} (found missing; its end was not seen)`
}

function hostBlocks(what: string, candidate: AnswerCandidate): Block[] {
  const { identity, links } = candidate
  return [
    facts([
      [`${what} ${candidate.rank}, inside`, endpoint(candidate.inside)],
      ['Connection tracking zone', candidate.zone === 0 ? null : candidate.zone],
      ['Public', endpoint(candidate.public)],
      ['Remote', endpoint(candidate.remote)],
      ['Protocol', candidate.protocol],
      ['Start', candidate.start_known ? candidate.start : `before ${candidate.start} (not known)`],
      ['End of the mapping', endText(candidate)],
      ['Last packet, estimated', candidate.last_packet],
      ['Bytes, packets', `${candidate.bytes}, ${candidate.packets}`],
      ['Connections that fit', candidate.flows],
      ['Application', candidate.application],
      ['Host name', candidate.hostname],
      ...flatRows(identity).map(([name, value]) => [`Identity: ${name}`, value] as const),
      ['Weakest link', candidate.class],
      ['Why', candidate.reasons.join(' ')],
    ]),
    {
      kind: 'table',
      head: ['Step', 'Class', 'Source', 'Record and why'],
      rows: links.map((link) => [
        link.step,
        link.class,
        link.source,
        [
          link.record === '' ? '' : `${link.record}.`,
          ...(link.statements ?? []).map((statement) => `${statement}.`),
          link.why,
          link.skew_seconds ? `Its clock may be off by ${link.skew_seconds} s.` : '',
          link.counts ? '' : 'The answer does not rest on it.',
        ]
          .filter(Boolean)
          .join(' '),
      ]),
      widths: [0.12, 0.12, 0.14, 0.62],
    },
  ]
}

function candidatesSection({ candidates }: Answer): Section {
  const blocks = candidates.flatMap((candidate) => hostBlocks('Candidate', candidate))
  const none = paragraph('There is none.')
  return { heading: 'Candidates', blocks: blocks.length === 0 ? [none] : blocks }
}

function nearMissesSection({ near_misses: near }: Answer): Section {
  return {
    heading: 'Near misses, which are no candidates',
    blocks: near.flatMap((host) => hostBlocks('Near miss', host)),
  }
}

function identitySourcesTable({ identity_sources: sources }: AnswerDocument): Block[] {
  if (sources.length === 0) return []
  const rows = sources.map((one) => [
    one.source,
    one.kind,
    one.heard_from ?? 'never',
    one.last_heard ?? 'never',
  ])
  const head = ['Source of identities', 'Kind', 'Heard from', 'Last heard']
  return [{ kind: 'table', head, rows, widths: [0.28, 0.16, 0.28, 0.28] }]
}

function coverageSection(document: AnswerDocument): Section {
  const { answer, sources } = document
  const { coverage } = answer
  const gaps: Block[] =
    coverage.gaps.length === 0
      ? [paragraph('No gap is known in the window.')]
      : [
          {
            kind: 'table',
            head: ['Source', 'From', 'To', 'Reason', 'Lost'],
            rows: coverage.gaps.map((gap) => [
              gap.source,
              gap.from,
              gap.to,
              gap.reason,
              gap.lost === null ? '' : String(gap.lost),
            ]),
            widths: [0.16, 0.28, 0.28, 0.18, 0.1],
          },
        ]
  return {
    heading: 'What was watched',
    blocks: [
      facts([
        ['Coverage', coverage.state],
        ['Known up to', coverage.watermark],
      ]),
      ...gaps,
      {
        kind: 'table',
        head: ['Source', 'Kind', 'Watched from', 'Clock off by at most'],
        rows: sources.map((source) => [
          source.source,
          source.kind,
          source.watched_from ?? 'never live',
          `${source.skew_seconds} s`,
        ]),
        widths: [0.24, 0.16, 0.36, 0.24],
      },
      ...identitySourcesTable(document),
    ],
  }
}

function makingSection(document: AnswerDocument): Section {
  const { audit, configuration, software } = document
  const { networks } = configuration
  const ours = networks?.public.map(({ prefix, source }) =>
    source === null ? prefix : `${prefix} (seen by ${source})`
  )
  return {
    heading: 'How it was made',
    blocks: [
      facts([
        ['Officer', document.officer],
        ['Audit entry', audit.id],
        ['Hash of the entry', audit.hash],
        ['SHA-256 of the answer', document.answer_sha256],
        ['Software', `${software.name} ${software.version}, Node ${software.node}`],
        ['Configuration, SHA-256', configuration.sha256],
        ['Our public prefixes', ours === undefined ? 'not configured' : ours.join(', ')],
        ['Our inside prefixes', networks?.inside.join(', ')],
        ...flatRows(configuration.access).map(
          ([name, value]) => [`Rule of access: ${name}`, value] as const
        ),
      ]),
    ],
  }
}

/** What a page shows of a signed answer. */
export function answerView({
  sha256,
  envelope,
}: Pick<SealedEvidence, 'sha256' | 'envelope'>): View {
  const document = envelope.document as unknown as AnswerDocument
  const { answer } = document
  const { verdict, reasons, candidates, candidate_count: count } = answer
  const listed =
    count > candidates.length ? [`${count} hosts in all; ${candidates.length} are listed.`] : []
  return {
    title: 'Answer to a look-up',
    subtitle: questionText(answer),
    verdict: { word: verdict, meaning: verdictMeanings[verdict], tone: verdictTones[verdict] },
    sections: [
      {
        heading: 'Why',
        blocks: [list([...reasons, ...authoritySentences(answer.authority), ...listed])],
      },
      candidatesSection(answer),
      { heading: 'What this does not show', blocks: [list(document.limits)] },
      questionSection(document),
      nearMissesSection(answer),
      coverageSection(document),
      { heading: 'Records', blocks: [list(document.records)] },
      makingSection(document),
      sealSection({ sha256, envelope }),
    ].filter(({ blocks }) =>
      blocks.some((block) => block.kind !== 'list' || block.items.length > 0)
    ),
    signedAt: envelope.signed_at,
    foot: footOf(envelope, sha256),
  }
}
