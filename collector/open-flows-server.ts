import { chmodSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { FlowledgerError } from '../model/errors.ts'
import type { Exporters } from '../model/exporter-health.ts'
import type { OpenFlows } from '../model/open-flows.ts'
import { encodeExporter, encodeExporters, exportersQuestion } from './exporters-wire.ts'
import { encodeAnswers, maxWireQueries, queryLine, toQuery } from './open-flows-wire.ts'

/** A query is short; whoever sends more is not one of ours. */
const maxQueryBytes = 512 * maxWireQueries
const idleMs = 10_000

/** Read permission of the group, and of everybody. */
const groupReads = 0o040
const othersRead = 0o004

/**
 * Whoever may list the directory through its group may ask too: so look-ups can run as a user of
 * their own. A directory that flowledger made itself (0711), or an open one, lets in its owner
 * alone.
 */
function modeOf(path: string): number {
  const { mode } = statSync(dirname(path))
  return (mode & groupReads) !== 0 && (mode & othersRead) === 0 ? 0o660 : 0o600
}

/**
 * Answers queries for open flows, and for exporters, on a unix socket for its owner, or for the
 * group of its directory as well ({@link modeOf}).
 *
 * @param path of the socket; what an earlier run left there is replaced
 * @param exporters left out: there are none
 */
export async function serveOpenFlows(
  path: string,
  flows: OpenFlows,
  exporters?: Exporters
): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setTimeout(idleMs, () => socket.destroy())
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) void reply(socket, text, flows, exporters)
      else if (text.length > maxQueryBytes) socket.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const message = `The socket ${path} cannot be made: ${error.message}.`
      reject(new FlowledgerError('data-dir-in-use', message, { cause: error }))
    })
    server.listen(path, resolve)
  })
  chmodSync(path, modeOf(path))
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function reply(
  socket: Socket,
  text: string,
  flows: OpenFlows,
  exporters: Exporters | undefined
): Promise<void> {
  socket.end(await answerTo(text, flows, exporters))
}

async function answerTo(
  text: string,
  flows: OpenFlows,
  exporters: Exporters | undefined
): Promise<string> {
  try {
    const line: unknown = JSON.parse(text)
    const question = exportersQuestion.safeParse(line)
    if (question.success) return await answerOf(question.data, exporters)
    const queries = queryLine.parse(line).queries.map(toQuery)
    const answers = await (flows.queryAll?.(queries) ??
      Promise.all(queries.map((one) => flows.query(one))))
    return encodeAnswers(answers)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return `${JSON.stringify({ error: message })}\n`
  }
}

async function answerOf(
  question: z.infer<typeof exportersQuestion>,
  exporters: Exporters | undefined
): Promise<string> {
  return 'exporter' in question
    ? encodeExporter(await exporters?.exporter(question.exporter))
    : encodeExporters((await exporters?.exporters()) ?? [])
}
