/**
 * The thread that receives syslog. It shares nothing with the main thread but messages, so that a
 * busy API never delays a read.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { FlowledgerError } from '../../model/errors.ts'
import type { FromSyslog, SyslogSetup, ToSyslog } from './messages.ts'
import { startSyslogReceiver } from './receiver.ts'

function post(message: FromSyslog): void {
  parentPort?.postMessage(message)
}

try {
  const receiver = await startSyslogReceiver(workerData as SyslogSetup)
  parentPort?.on('message', (message: ToSyslog) => {
    if (message.type === 'networks') receiver.collector.networks = message.networks
    else if (message.type === 'status') {
      post({ type: 'status', id: message.id, status: receiver.status() })
    } else if (message.type === 'query') {
      const answers = receiver.collector.query(message.queries)
      post({ type: 'answer', id: message.id, answers, position: receiver.spool.position })
    } else void receiver.stop().then(() => parentPort?.close())
  })
  post({ type: 'ready', addresses: receiver.addresses })
} catch (error) {
  const known = error instanceof FlowledgerError ? error : undefined
  const message = error instanceof Error ? error.message : String(error)
  const fix = known?.fix === undefined ? {} : { fix: known.fix }
  post({ type: 'failed', code: known?.code ?? 'config-invalid', message, ...fix })
  parentPort?.close()
}
