import type { z } from 'zod'
import { FlowledgerError } from '../model/errors.ts'
import type { Exporters } from '../model/exporter-health.ts'
import { detailOfWire, exportersAnswer, healthOfWire } from './exporters-wire.ts'
import { exchange, otherForm, parseJson } from './socket-exchange.ts'

async function ask(path: string, question: object): Promise<z.infer<typeof exportersAnswer>> {
  const line = await exchange(path, `${JSON.stringify(question)}\n`)
  const parsed = exportersAnswer.safeParse(parseJson(line))
  if (!parsed.success) throw otherForm(parsed.error)
  if (!('error' in parsed.data)) return parsed.data
  const message = `The collector cannot answer: ${parsed.data.error}`
  throw new FlowledgerError('not-running', message)
}

/** Asks the collector that owns the socket at `path` for its exporters. */
export function exportersAt(path: string): Exporters {
  return {
    async exporters() {
      const answer = await ask(path, { exporters: true })
      if (!('exporters' in answer)) throw otherForm(undefined)
      return answer.exporters.map(healthOfWire)
    },
    async exporter(name) {
      const answer = await ask(path, { exporter: name })
      if (!('exporter' in answer)) throw otherForm(undefined)
      return answer.exporter === null ? undefined : detailOfWire(answer.exporter)
    },
  }
}

const isNotRunning = (error: unknown): boolean =>
  error instanceof FlowledgerError && error.code === 'not-running'

/** Several collectors as one: what can be reached answers; where nothing can, it fails. */
export function exportersOfAll(collectors: readonly Exporters[]): Exporters {
  async function every<T>(asked: (one: Exporters) => Promise<T>): Promise<T[]> {
    const answers = await Promise.allSettled(collectors.map((one) => asked(one)))
    const failures = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    const fault = failures.find((reason) => !isNotRunning(reason))
    if (fault !== undefined || failures.length === collectors.length) throw fault ?? failures[0]
    return answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }
  return {
    exporters: async () => (await every((one) => one.exporters())).flat(),
    exporter: async (name) =>
      (await every((one) => one.exporter(name))).find((found) => found !== undefined),
  }
}
