import { quoted } from './tables.ts'
import type { CompletionTables } from './tables.ts'

/** In fish a backslash in single quotes is one, and \\' is a quote. */
const fishQuoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** Every completion is a line that fish offers where \`__flowledger_at PATH\` is true. */
export function fishCompletion({ paths, words, options, values }: CompletionTables): string {
  const lines: string[] = []
  const offer = (path: string, rest: string): void =>
    void lines.push(`complete -c flowledger -n ${quoted(`__flowledger_at ${path}`)} ${rest}`)
  for (const [path, of] of words) {
    for (const { word, text } of of) offer(path, `-f -a ${word} -d ${fishQuoted(text)}`)
  }
  for (const [path, of] of options) {
    for (const { word, text } of of) {
      const choices = values.get(`${path} ${word}`)
      const name = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`
      const value =
        choices === undefined
          ? ''
          : choices.length === 0
            ? ' -r'
            : ` -x -a ${fishQuoted(choices.join(' '))}`
      offer(path, `${name}${value} -d ${fishQuoted(text)}`)
    }
  }
  return `# fish completion of flowledger; made by: flowledger completion fish
function __flowledger_at
    set -l at /
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        if contains -- "$at $word" ${[...values.keys()].map(quoted).join(' ')}
            set skip 1
            continue
        end
        set -l next (string replace -r '/$' '' -- $at)/$word
        contains -- $next ${paths.join(' ')}
        and set at $next
    end
    test $at = $argv[1]
end
${lines.join('\n')}
`
}
