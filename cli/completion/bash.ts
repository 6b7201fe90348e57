import { arms, quoted } from './tables.ts'
import type { CompletionTables, Word } from './tables.ts'

const list = (words: readonly Word[]): string => words.map(({ word }) => word).join(' ')

const replies = (words: string): string => `COMPREPLY=($(compgen -W ${quoted(words)} -- "$cur"))`

/**
 * Needs bash alone, not the package bash-completion. An empty answer leaves the word to the
 * completion of file names.
 */
export function bashCompletion({ paths, words, options, values }: CompletionTables): string {
  return `# bash completion of flowledger; made by: flowledger completion bash
_flowledger() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" path=/ next i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
${arms([...values.keys()].map((key) => [key, 'i=$((i + 1)); continue']))}
    esac
    next="\${path%/}/\${COMP_WORDS[i]}"
    case "$next" in
${arms(paths.map((path) => [path, 'path="$next"']))}
    esac
  done
  case "$path $prev" in
${arms(
  [...values].map(([key, choices]) => [
    key,
    choices.length === 0 ? 'return' : `${replies(choices.join(' '))}; return`,
  ])
)}
  esac
  case "$cur" in
  -*) case "$path" in
${arms([...options].map(([path, of]) => [path, replies(list(of))]))}
    esac ;;
  *) case "$path" in
${arms([...words].filter(([, of]) => of.length > 0).map(([path, of]) => [path, replies(list(of))]))}
    esac ;;
  esac
}
complete -o default -F _flowledger flowledger
`
}
