import type { Command } from 'commander'

/** Of what only reads the ledger. */
export const beginsAnew = 'It begins anew, and changes nothing.'

/** Of what reads files and keeps nothing of them. */
export const readsAnew = 'Files are read from their beginning, and nothing is kept of them.'

/** What comes of an import of text that is run again, for its help. */
export const textsAgain =
  'What is in the ledger already is passed over, under whatever name the file is given: the same ' +
  'one adds nothing, one that has grown adds what is new, and after a kill or Ctrl-C it goes on ' +
  'behind its last commit. Standard input is another import each time.'

/** Columns of a terminal that text under a command's help takes. */
const helpColumns = 78

function wrapped(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`
    if (line.length < helpColumns) lines[lines.length - 1] = line
    else lines.push(` ${word}`)
  }
  return lines.map((line) => ` ${line}`).join('\n')
}

/** Says under a command's help what comes of it where it is run again, as after a kill. */
export function withRunAgain(command: Command, sentences: string): Command {
  return command.addHelpText('after', `\nRun again:\n${wrapped(sentences)}`)
}
