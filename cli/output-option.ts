import { Option } from 'commander'

/** `-o, --output` with the formats a command has; the first is its default. */
export function outputOption(...formats: readonly [string, ...string[]]): Option {
  return new Option('-o, --output <format>', 'how to print it').choices(formats).default(formats[0])
}
