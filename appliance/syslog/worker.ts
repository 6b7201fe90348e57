/**
 * The thread that receives syslog. It shares nothing with the main thread but messages, so that a
 * busy API never delays a read.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { failureOf } from '../thread-failure.ts'
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
  post({ type: 'failed', ...failureOf(error, 'config-invalid') })
  parentPort?.close()
}
