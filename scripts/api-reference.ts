import { Registry } from 'prom-client'
import { makeApp } from '../lookup-api/app.ts'
import { anything } from './anything.ts'
import { row, tableOf } from './markdown.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly description?: string
}

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
  readonly responses: Readonly<Record<string, { readonly description?: string }>>
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Every part that the API can have is there, and none does anything. */
const everything = new Proxy({ version: '', registry: new Registry(), readiness: [] } as never, {
  get: (own, key) => Reflect.get(own, key) ?? anything,
})

/** What the API says of itself. */
async function describeItself(): Promise<Document> {
  const response = await makeApp(everything).request('/openapi.json')
  return (await response.json()) as Document
}

function sectionOf(path: string, method: string, operation: Operation): string {
  const { summary = '', description, parameters = [], requestBody, responses } = operation
  const rows = parameters.map((one) => row([`\`${one.name}\``, one.in, one.description ?? '']))
  const statuses = Object.keys(responses).filter((status) => status !== '200')
  return [
    `## ${method.toUpperCase()} ${path}`,
    summary,
    ...(description === undefined ? [] : [description]),
    ...(rows.length === 0 ? [] : [tableOf(['parameter', 'in', 'meaning'], rows)]),
    ...(requestBody === undefined
      ? []
      : [
          `Body: ${Object.keys(requestBody.content)
            .map((type) => `\`${type}\``)
            .join(', ')}.`,
        ]),
    ...(statuses.length === 0 ? [] : [`Problems: ${statuses.join(', ')}.`]),
  ].join('\n\n')
}

/** The page of the routes that answer programs. */
export async function apiPage(made: string): Promise<string> {
  const { paths } = await describeItself()
  const sections = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, one]) => sectionOf(path, method, one))
  )
  return `# API

${made}

What is below \`/v1\` wants \`Authorization: Bearer TOKEN\`; \`flowledger token create\` makes
one. Problems are \`application/problem+json\` (RFC 9457) with a \`code\`. A running program gives
the same in OpenAPI 3.1, with the schemas of bodies and answers, at \`/openapi.json\`.

${sections.join('\n\n')}
`
}
