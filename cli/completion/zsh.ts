import { arms, quoted } from './tables.ts'
import type { CompletionTables, Word } from './tables.ts'

/** `name:text` as _describe reads it. */
function described(words: readonly Word[]): string {
  const escape = (part: string): string => part.replaceAll(/[\\:]/g, '\\$&')
  const item = ({ word, text }: Word): string =>
    quoted(text === '' ? escape(word) : `${escape(word)}:${escape(text)}`)
  return `found=(${words.map(item).join(' ')})`
}

/** Put as \`_flowledger\` into a folder of \`$fpath\`, or read with \`source\` after compinit. */
export function zshCompletion({ paths, words, options, values }: CompletionTables): string {
  return `#compdef flowledger
# zsh completion of flowledger; made by: flowledger completion zsh
_flowledger() {
  local cur="$words[CURRENT]" prev="$words[CURRENT-1]" at=/ next i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at $words[i]" in
${arms([...values.keys()].map((key) => [key, '((i += 1)); continue']))}
    esac
    next="\${at%/}/$words[i]"
    case "$next" in
${arms(paths.map((path) => [path, 'at="$next"']))}
    esac
  done
  case "$at $prev" in
${arms(
  [...values].map(([key, choices]) => [
    key,
    choices.length === 0
      ? '_files; return'
      : `${described(choices.map((word) => ({ word, text: '' })))}; _describe value found; return`,
  ])
)}
  esac
  if [[ "$cur" == -* ]]; then
    case "$at" in
${arms([...options].map(([path, of]) => [path, described(of)]))}
    esac
    _describe -o option found
    return
  fi
  case "$at" in
${arms([...words].filter(([, of]) => of.length > 0).map(([path, of]) => [path, described(of)]))}
  esac
  if ((\${#found})); then _describe command found; else _files; fi
}
if [ "$funcstack[1]" = _flowledger ]; then _flowledger "$@"; else compdef _flowledger flowledger; fi
`
}
