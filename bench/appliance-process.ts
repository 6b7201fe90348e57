/** `flowledger up` in a process of its own, asked over HTTP as everybody asks it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { fileURLToPath } from 'node:url'

type SendOptions = Pick<RequestOptions, 'method' | 'agent'> & { headers?: Record<string, string> }

export interface ApplianceProcess {
  readonly pid: number
  /** `http://127.0.0.1:8080`: where it is reached. */
  readonly origin: string
  /** Sends a request; the answer's body is still to be read. */
  send(token: string, path: string, options?: SendOptions, body?: string): Promise<IncomingMessage>
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/**
 * @param nodeFlags such as --cpu-prof
 * @param more arguments of `up`, such as --config
 */
export async function startAppliance(
  dataDir: string,
  nodeFlags: readonly string[] = [],
  more: readonly string[] = []
): Promise<ApplianceProcess> {
  const args = [...nodeFlags, '--import', 'tsx', main, 'up']
  const child = spawn(
    process.execPath,
    [...args, '--data-dir', dataDir, '--listen', '127.0.0.1:0', ...more],
    { stdio: ['ignore', 'pipe', 'pipe'] }
  )
  const exited = once(child, 'exit')
  let text = ''
  const address = new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      text += chunk.toString('utf8')
      const found = /http:\/\/([\d.]+:\d+)/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('exit', () => reject(new Error(`up ended: ${text}`)))
  })
  const [host = '', port = ''] = (await address).split(':')
  return {
    pid: child.pid ?? 0,
    origin: `http://${host}:${port}`,
    send: (token, path, options = {}, body) =>
      new Promise((resolve, reject) => {
        const headers = { ...options.headers, Authorization: `Bearer ${token}` }
        const out = request({ host, port: Number(port), path, ...options, headers }, resolve)
        out.on('error', reject)
        out.end(body)
      }),
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** The whole body. */
export async function bodyOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
