import type { EventEmitter } from 'node:events'
import type { Command } from 'commander'

/** An option as help shows it. */
export interface OptionNode {
  /** `-o` and `--output`, as they stand on the command line. */
  readonly names: readonly string[]
  /** As help writes it: `-o, --output <format>`. */
  readonly term: string
  /** With default and choices, as help writes it. */
  readonly text: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

/** A command as help shows it: what completions and man pages are made from. */
export interface CommandNode {
  /** Its words after `flowledger`; empty for the program itself. */
  readonly path: readonly string[]
  readonly text: string
  readonly usage: string
  readonly options: readonly OptionNode[]
  /** What an operand may be, where that is a fixed list. */
  readonly operands: readonly string[]
  /** What stands under the options: examples, exit codes. */
  readonly after: string
  readonly children: readonly CommandNode[]
}

function afterOf(command: Command): string {
  let text = ''
  const write = (part: string): void => void (text += part)
  // Commander tells what addHelpText put there through an event; its types leave that out.
  const events = command as unknown as EventEmitter
  events.emit('afterHelp', { error: false, command, write })
  return text.trim()
}

/** Reads a command and all below it through commander's own help, so nothing can be missing. */
export function commandTree(
  command: Command,
  path: readonly string[] = [],
  beside: readonly string[] = []
): CommandNode {
  const help = command.createHelp()
  const children = help.visibleCommands(command)
  const names = children.map((child) => child.name())
  // What help can be asked about are the commands beside it.
  const topics = path.at(-1) === 'help' ? beside.filter((name) => name !== 'help') : []
  return {
    path,
    text: command.description(),
    usage: ['flowledger', ...path, command.usage()].join(' ').trim(),
    options: help.visibleOptions(command).map((option) => ({
      names: [option.short, option.long].filter((name) => name !== undefined),
      term: help.optionTerm(option),
      text: help.optionDescription(option),
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    })),
    operands: [...command.registeredArguments.flatMap((each) => each.argChoices ?? []), ...topics],
    after: afterOf(command),
    children: children.map((child) => commandTree(child, [...path, child.name()], names)),
  }
}

/** A command and all below it, in the order of help. */
export function allCommands(node: CommandNode): CommandNode[] {
  return [node, ...node.children.flatMap(allCommands)]
}
