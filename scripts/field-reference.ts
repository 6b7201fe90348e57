import { snakeCase } from '../exporter/text-fields.ts'
import { extraFields, fields, flowEndReasons, netfilterPen, ntopPen } from '../model/fields.ts'
import { reversePen, sliceFlags } from '../model/fields.ts'
import type { Field } from '../model/fields.ts'
import { row, tableOf } from './markdown.ts'

const enterprises = new Map<number, string>([
  [reversePen, 'RFC 5103'],
  [netfilterPen, 'Netfilter'],
  [ntopPen, 'ntop'],
])

/** How an element is called in IPFIX: its id, or both of an address, and whose it is. */
function ipfixOf({ ie, pen }: Field): string {
  if (ie === undefined) return ''
  const id = typeof ie === 'number' ? String(ie) : ie.join(', ')
  return pen === undefined ? id : `${pen}/${id} (${enterprises.get(pen) ?? 'private'})`
}

/** The type in NetFlow 9, which knows no enterprises. */
function netflow9Of({ ie, pen, v9 }: Field): string {
  if (v9 !== undefined) return String(v9)
  return ie === undefined || pen !== undefined ? '' : ipfixOf({ ie } as Field)
}

const kindOf = ({ kind, unit }: Field): string => (unit === undefined ? kind : `${kind}, ${unit}`)

const rowOf = (field: Field): string =>
  row([
    `\`${field.name}\``,
    `\`${snakeCase(field.name)}\``,
    kindOf(field),
    ipfixOf(field),
    netflow9Of(field),
    field.text,
  ])

const head = ['field', 'in texts', 'kind', 'IPFIX', 'NetFlow 9', 'meaning']

const numbersOf = (numbers: Readonly<Record<string, number>>): string =>
  Object.entries(numbers)
    .map(([name, value]) => `\`${name}\` ${value}`)
    .join(', ')

/** The page of everything that is known of a flow, and what it is called where. */
export function fieldsPage(made: string): string {
  return `# Fields

${made}

Each thing that flowledger knows of a flow. Names and ids are those of IANA's "IPFIX Information
Elements"; an address has an id for IPv4 and one for IPv6. CSV and NDJSON write names as in the
second column. Times are microseconds since 1970 inside, RFC 3339 in texts, and elements 150 to 157,
21 or 22 on the wire, as the target asks. What has no id is not exported in NetFlow and IPFIX.

${tableOf(head, fields.map(rowOf))}

These are known from some sources alone:

${tableOf(head, extraFields.map(rowOf))}

\`flowEndReason\`: ${numbersOf(flowEndReasons)}.

\`sliceFlags\`, bits that are added: ${numbersOf(sliceFlags)}.
`
}
