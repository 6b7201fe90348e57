/**
 * The thread that exports: each target's feed reads the spools for itself. It shares nothing with
 * the main thread but messages, so that encoding never delays an answer.
 */
import { networkInterfaces, uptime } from 'node:os'
import { readFileSync, readdirSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { ExportFeed } from './feed.ts'
import type { ExporterSetup, FromExporter, ToExporter } from './messages.ts'
import type { InterfaceName } from '../../exporter/options.ts'

function post(message: FromExporter): void {
  parentPort?.postMessage(message)
}

/** Interfaces of this network namespace with their indices. */
function interfaces(): InterfaceName[] {
  const addresses = networkInterfaces()
  try {
    return readdirSync('/sys/class/net').flatMap((name) => {
      const index = Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'))
      const description = addresses[name]?.[0]?.address ?? name
      return Number.isInteger(index) ? [{ index, name, description }] : []
    })
  } catch {
    return []
  }
}

/** When this host was started, in whole milliseconds (us since 1970): SysUptime counts from it. */
function bootUs(): number {
  return Math.floor(Date.now() - uptime() * 1000) * 1000
}

const { spools, targets, stateDir } = workerData as ExporterSetup
const host = { process: process.pid, bootUs: bootUs(), interfaces }
const log = (level: 'info' | 'warn', text: string): void => post({ type: 'log', level, text })
const feeds = targets.map((target) => new ExportFeed(target, { spools, stateDir, host, log }))

parentPort?.on('message', (message: ToExporter) => {
  if (message.type === 'stop') for (const feed of feeds) feed.stop()
  else post({ type: 'status', id: message.id, targets: feeds.map((feed) => feed.status()) })
})
post({ type: 'ready' })
await Promise.all(feeds.map((feed) => feed.run()))
parentPort?.close()
