import type { Command } from 'commander'
import { knownKeys } from '../cli/config/known-keys.ts'
import { buildProgram } from '../cli/program.ts'
import { errorCodes, exitCodes, FlowledgerError } from '../model/errors.ts'
import { apiPage } from './api-reference.ts'
import { errorTexts } from './error-texts.ts'
import { fieldsPage } from './field-reference.ts'
import { metricsPage } from './metrics-reference.ts'
import { policyPage } from './policy-reference.ts'

/**
 * The pages of docs/reference/, made from the code: what the program does not know cannot stand
 * there, and what it knows cannot be missing.
 */

const made = '<!-- Made by scripts/generate-reference.ts: change the code, not this page. -->'

function defaultOf(key: { path: readonly string[]; default: unknown }): string {
  if (key.path.join('.') === 'data_dir')
    return '`/var/lib/flowledger` for root, else below `$XDG_STATE_HOME`'
  if (key.default === undefined) return ''
  return `\`${typeof key.default === 'string' ? key.default : JSON.stringify(key.default)}\``
}

function configurationPage(): string {
  const rows = knownKeys().map(
    (key) => `| \`${key.path.join('.')}\` | ${defaultOf(key)} | ${key.text} | \`${key.env}\` |`
  )
  return `# Configuration

${made}

YAML, by default \`/etc/flowledger/config.yaml\` if it is there; another file with \`--config\`.
Environment variables win over the file, flags over both; \`DATABASE_URL\` is weaker than
\`FLOWLEDGER_DATABASE_URL\`. In a variable, the items of a list stand between commas. An unknown key
is an error that names file, line and column. Durations are written \`250ms\`, \`30s\`, \`5m\`,
\`1h\`, \`7d\`; sizes \`4096\`, \`64MiB\`, \`10GB\`. \`flowledger check-config --dump\` shows what
is in force and where each value comes from.

| key | default | meaning | variable |
|---|---|---|---|
${rows.join('\n')}

Beside these, \`FLOWLEDGER_DEBUG=1\` shows the stack of an error, and \`FLOWLEDGER_LOG_LEVEL\` is
one of \`debug\`, \`info\`, \`warn\`, \`error\`, \`silent\`.
`
}

/** A command's help as the terminal shows it, at a fixed width. */
function helpOf(command: Command): string {
  let text = ''
  command
    .configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 96 })
    .outputHelp()
  return text.trimEnd()
}

function commandsBelow(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...commandsBelow(child)])
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}

function cliPage(): string {
  const program = buildProgram()
  const sections = commandsBelow(program).map(
    (command) => `## ${fullName(command)}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n`
  )
  return `# Command line

${made}

\`\`\`
${helpOf(program)}
\`\`\`

${sections.join('\n')}`
}

const exitTexts: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'an answer with at least one candidate, or what was asked for is done',
  noMatch: 'nobody had it (`no-match`), or a check failed',
  usage: 'the command or the question is wrong',
  config: 'the configuration or the environment is wrong',
  database: 'the database or the audit',
  noData: 'it cannot be known (`no-data`)',
  internal: 'a defect of flowledger',
}

function errorsPage(): string {
  const exits = Object.entries(exitTexts).map(
    ([name, text]) => `| ${exitCodes[name as keyof typeof exitCodes]} | ${text} |`
  )
  const codes = errorCodes.map((code) => {
    const { exitCode } = new FlowledgerError(code, '')
    return `| \`${code}\` | ${exitCode} | ${errorTexts[code]} |`
  })
  return `# Errors

${made}

An error is one sentence on stderr, with what to do about it. Programs tell errors apart by the exit
code, and in the API by the code.

| exit code | meaning |
|---|---|
${exits.join('\n')}

| code | exit code | meaning |
|---|---|---|
${codes.join('\n')}
`
}

/** Every page, by its path from the top of the tree. */
export async function referencePages(): Promise<Readonly<Record<string, string>>> {
  return {
    'docs/reference/configuration.md': configurationPage(),
    'docs/reference/cli.md': cliPage(),
    'docs/reference/errors.md': errorsPage(),
    'docs/reference/policy.md': policyPage(made),
    'docs/reference/api.md': await apiPage(made),
    'docs/reference/fields.md': fieldsPage(made),
    'docs/reference/metrics.md': metricsPage(made),
  }
}
