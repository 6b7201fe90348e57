import { z } from 'zod'
import { fields } from '../criteria/fields.ts'
import { outcomes } from '../policy/outcome.ts'
import { policySchema } from '../policy/settings.ts'
import { targetKinds } from '../policy/targets.ts'
import { timeOfDaySchema } from '../policy/time-of-day.ts'

interface Property {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Property>>
  readonly additionalProperties?: Property | boolean
  readonly required?: readonly string[]
}

function propertiesOf(schema: z.ZodType): Property {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Property
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

function rowsOf({ properties = {}, required = [] }: Property, before = ''): string[] {
  return Object.entries(properties).flatMap(([key, property]) => {
    if (key === 'type' || property.description === undefined) return []
    const otherwise = property.default
    const left = required.includes(key)
      ? 'must be there'
      : otherwise === undefined
        ? ''
        : `\`${JSON.stringify(otherwise)}\``
    return [`| \`${before}${key}\` | ${left} | ${cell(property.description)} |`]
  })
}

const head = '| key | otherwise | meaning |\n|---|---|---|'

const outcomeTexts: Readonly<Record<(typeof outcomes)[number], string>> = {
  done: 'the kernel has it, or it was written or sent',
  vanished: 'the connection was over already (ENOENT)',
  missing: 'the set is not there',
  full: 'the set takes no more elements',
  'no-labels': 'the entry has no room for labels: no rule used labels when it was made (ENOSPC)',
  denied: 'the kernel does not let flowledger (EPERM)',
  unsuited: 'the connection lacks what the target needs: an Ethernet address, ports, a WAN',
  baseline: 'it began before the policy, and is neither moved nor reset',
  'in-place': 'it leaves by the WAN that is its own',
  again: 'it came back as it was after it had been moved or reset, and is left alone',
  limited: 'too many wait already',
  failed: 'another error, which the log says',
}

/** docs/reference/policy.md. */
export function policyPage(made: string): string {
  const top = propertiesOf(policySchema)
  const action = top.properties?.['actions']?.additionalProperties
  const wans = top.properties?.['wans']
  const labels = top.properties?.['labels']
  const kinds = [...targetKinds].map(([name, { text, schema }]) => {
    const rows = rowsOf(propertiesOf(schema))
    const table = rows.length === 0 ? '' : `\n${head}\n${rows.join('\n')}\n`
    return `### ${name}\n\n${text}\n${table}`
  })
  const names = fields.map(({ names: [first = '', ...others], text }) => {
    const also =
      others.length === 0 ? '' : ` (also ${others.map((one) => `\`${one}\``).join(', ')})`
    return `| \`${first}\`${also} | ${cell(text)} |`
  })
  return `# Policy

${made}

A policy is a file of YAML, or the JSON of Netify's agent (\`netify-proc-flow-actions.json\`) as it
is; see [how to act on connections](../how-to/policy.md). \`flowledger policy check FILE\` says line
and column of what is wrong.

${head}
${[
  ...rowsOf(top),
  '| `targets` | must be there | What can be done, by name: `{ type: ..., enabled: true, ... }`. |',
  '| `actions` | must be there | What it is done to, by name; asked in the order of the file. |',
  ...rowsOf(labels ?? {}, 'labels.'),
  ...rowsOf(wans ?? {}, 'wans.'),
].join('\n')}

## Actions

${head}
${rowsOf(typeof action === 'object' ? action : {}).join('\n')}
${rowsOf(propertiesOf(timeOfDaySchema), 'time_of_day[].').join('\n')}

## Targets

They are done in the order in which they stand here, whatever the order in the file: a connection
is started over once the sets that route it are filled.

${kinds.join('\n')}
## Fields of expressions

The language is that of [rules that name applications](application-rules.md).

| field | meaning |
|---|---|
${names.join('\n')}

## What became of it

Counted by target in \`/metrics\` (\`flowledger_policy_outcomes_total\`), and told for each
connection in the action log.

| outcome | meaning |
|---|---|
${outcomes.map((one) => `| \`${one}\` | ${outcomeTexts[one]} |`).join('\n')}
`
}
