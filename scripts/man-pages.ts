import { knownKeys } from '../cli/config/known-keys.ts'
import { commandTree } from '../cli/command-tree.ts'
import type { CommandNode } from '../cli/command-tree.ts'
import { buildProgram } from '../cli/program.ts'
import { version } from '../model/version.ts'

/**
 * The man pages, from what makes --help and the configuration reference: flowledger(1), a page for
 * each command with its own below it, and flowledger.yaml(5). In man(7), which every man reads.
 */

/** Text as troff takes it: no escapes, no requests, hyphens that can be copied. */
function troff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('`', '')
    .replaceAll(/^([.'])/gm, '\\&$1')
    .replaceAll(/[^\0-~]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0
      return `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`
    })
}

function literal(text: string): string {
  return `.nf\n${troff(text)}\n.fi`
}

function header(name: string, section: number): string {
  return `.TH ${name.toUpperCase().replaceAll('-', '\\-')} ${section} "" "flowledger ${version}"`
}

function optionsOf(node: CommandNode): string[] {
  return node.options.flatMap(({ term, text }) => ['.TP', `.B ${troff(term)}`, troff(text)])
}

/** A command's own part; what stands below it follows as subsections. */
function below(node: CommandNode): string[] {
  return node.children
    .filter(({ path }) => path.at(-1) !== 'help')
    .flatMap((child) => [
      `.SS ${troff(child.usage)}`,
      troff(child.text),
      ...optionsOf(child),
      ...(child.after === '' ? [] : ['.PP', literal(child.after)]),
      ...below(child),
    ])
}

/** What stands under a command's help: what comes of it where it is run again, and examples. */
function partsOf({ after }: CommandNode): readonly [again: string, examples: string] {
  const [whole = '', again = ''] = /^Run again:\n([^]*?)\s*(?=Examples:\n|$)/.exec(after) ?? []
  return [again, after.slice(whole.length).replace(/^Examples:\n/, '')]
}

function commandPage(node: CommandNode): string {
  const name = ['flowledger', ...node.path].join('-')
  const commands = below(node)
  const [again, examples] = partsOf(node)
  return [
    header(name, 1),
    '.SH NAME',
    `${troff(name)} \\- ${troff(node.text)}`,
    '.SH SYNOPSIS',
    `.B ${troff(node.usage)}`,
    '.SH OPTIONS',
    ...optionsOf(node),
    ...(commands.length === 0 ? [] : ['.SH COMMANDS', ...commands]),
    ...(again === '' ? [] : ['.SH RUN AGAIN', literal(again)]),
    '.SH EXAMPLES',
    literal(examples),
    '.SH SEE ALSO',
    '.BR flowledger (1),\n.BR flowledger.yaml (5)',
    '',
  ].join('\n')
}

function mainPage(root: CommandNode): string {
  const commands = root.children.flatMap(({ path, text }) => [
    '.TP',
    `.BR flowledger\\-${troff(path.join('-'))} (1)`,
    troff(text),
  ])
  return [
    header('flowledger', 1),
    '.SH NAME',
    `flowledger \\- ${troff(root.text)}`,
    '.SH SYNOPSIS',
    `.B ${troff(root.usage)}`,
    '.SH COMMANDS',
    ...commands,
    '.SH OPTIONS',
    ...optionsOf(root),
    '.SH NOTES',
    literal(root.after),
    '.SH FILES',
    '.I /etc/flowledger/config.yaml',
    '.SH SEE ALSO',
    '.BR flowledger.yaml (5)',
    '',
  ].join('\n')
}

function configurationPage(): string {
  const keys = knownKeys().flatMap(({ path, text, env, default: value }) => [
    '.TP',
    `.B ${troff(path.join('.'))}`,
    troff(text),
    '.br',
    troff(`Variable: ${env}.${value === undefined ? '' : ` Default: ${JSON.stringify(value)}.`}`),
  ])
  return [
    header('flowledger.yaml', 5),
    '.SH NAME',
    'flowledger.yaml \\- configuration of flowledger',
    '.SH DESCRIPTION',
    'YAML, by default in',
    '.IR /etc/flowledger/config.yaml .',
    'A key with dots stands in sections. Variables win over the file, flags over both.',
    '.SH KEYS',
    ...keys,
    '.SH SEE ALSO',
    '.BR flowledger (1),\n.BR flowledger\\-check\\-config (1)',
    '',
  ].join('\n')
}

/** Every page, by its file name. */
export function manPages(): Readonly<Record<string, string>> {
  const root = commandTree(buildProgram())
  const commands = root.children.filter(({ path }) => path[0] !== 'help')
  return {
    'flowledger.1': mainPage({ ...root, children: commands }),
    ...Object.fromEntries(
      commands.map((node) => [`flowledger-${node.path.join('-')}.1`, commandPage(node)])
    ),
    'flowledger.yaml.5': configurationPage(),
  }
}
