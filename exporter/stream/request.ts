import { linkMessages } from './link-messages.ts'

/** What a reader may ask for, a word a line or as JSON: `{"command":"established"}`. */
export const requests = [
  'established',
  'protocols',
  'applications',
  'status',
  ...linkMessages,
] as const

export type StreamRequest = (typeof requests)[number]

/** Letters of one request; whoever sends more is not one of ours. */
export const maxRequestLetters = 4096

/** Reads a line of a reader; undefined where it asks for nothing that there is. */
export function requestOf(line: string): StreamRequest | undefined {
  const text = line.trim()
  const word = text.startsWith('{') ? commandOf(text) : text
  return requests.find((request) => request === word)
}

function commandOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { command?: unknown } | null)?.command
  } catch {
    return undefined
  }
}

/** The token of a first line: the token itself, or `{"token":"..."}`. */
export function tokenOf(line: string): string {
  const text = line.trim()
  if (!text.startsWith('{')) return text
  try {
    const { token } = JSON.parse(text) as { token?: unknown }
    return typeof token === 'string' ? token : ''
  } catch {
    return ''
  }
}
