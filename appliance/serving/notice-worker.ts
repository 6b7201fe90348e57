/** The thread that reads notices: bytes in, what they hold out. It has nothing else to lose. */
import { parentPort } from 'node:worker_threads'
import { readMessage } from '../../lookup-api/notices/read.ts'
import type { NoticeQuestion, NoticeReply } from './notice-thread.ts'

const post = (reply: NoticeReply): void => parentPort?.postMessage(reply)

parentPort?.on('message', ({ bytes, settings, type }: NoticeQuestion) => {
  readMessage(bytes, settings, type).then(
    (reading) => post({ reading }),
    (error: unknown) => post({ failed: error instanceof Error ? error.message : String(error) })
  )
})
