import pino from 'pino'
import type { Log } from '../model/log.ts'
import { paint, usesColour } from './output.ts'

const levels: Readonly<Record<number, readonly [name: string, colour: 'dim' | 'yellow' | 'red']>> =
  {
    10: ['TRACE', 'dim'],
    20: ['DEBUG', 'dim'],
    30: ['INFO ', 'dim'],
    40: ['WARN ', 'yellow'],
    50: ['ERROR', 'red'],
    60: ['FATAL', 'red'],
  }

/**
 * One JSON line of pino as a line for people: time, level, sentence, facts.
 *
 * Control characters in facts are escaped by JSON, so that a host name from the wire cannot drive
 * the terminal.
 */
export function humanLine(line: string, colour: boolean): string {
  const { level, time, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const [name, shade] = levels[Number(level)] ?? ['INFO ', 'dim']
  const clock = new Date(Number(time)).toISOString().slice(11, 23)
  const shown = Object.entries(facts).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const head = `${paint(clock, 'dim', colour)} ${paint(name, shade, colour)} ${String(msg)}`
  return `${[head, ...shown].join(' ')}\n`
}

/** A log on stderr: JSON lines, or on a terminal one line for people each. */
export function makeLog(stream: NodeJS.WriteStream = process.stderr): Log {
  const colour = usesColour(stream)
  const destination = stream.isTTY
    ? { write: (line: string) => void stream.write(humanLine(line, colour)) }
    : { write: (line: string) => void stream.write(line) }
  const asked = process.env['FLOWLEDGER_LOG_LEVEL'] ?? 'info'
  const level = asked in pino.levels.values || asked === 'silent' ? asked : 'info'
  const logger = pino({ base: null, level }, destination)
  return {
    info: (sentence, facts = {}) => logger.info(facts, sentence),
    warn: (sentence, facts = {}) => logger.warn(facts, sentence),
    error: (sentence, facts = {}) => logger.error(facts, sentence),
  }
}
