import { FlowledgerError } from '../../model/errors.ts'

/** Conntrack's other languages. */
export function foreignForm(name: string, form: 'xml-form' | 'save-form'): FlowledgerError {
  const option = form === 'xml-form' ? '-o xml' : '-o save'
  return new FlowledgerError('usage', `${name} is conntrack's ${option} form, which is not read.`, {
    fix: `Record without ${option}; \`conntrack -E -o timestamp,id\` tells the most.`,
  })
}

/** Lines without a time, and no option that gives one. */
export function withoutTimes(name: string): FlowledgerError {
  return new FlowledgerError('usage', `${name} does not say when its events were.`, {
    fix: 'Give the time with --at, such as --at 2026-03-01T12:30:00Z; record with -o timestamp.',
  })
}

/** A file in which nothing could be read. */
export function nothingRead(name: string, reasons: string): FlowledgerError {
  return new FlowledgerError('usage', `${name} holds no line of conntrack's (${reasons}).`, {
    fix: 'Give the output of conntrack -E or -L, or a copy of /proc/net/nf_conntrack.',
  })
}
