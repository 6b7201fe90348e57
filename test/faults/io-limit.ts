import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = '/sys/fs/cgroup'
const isFirst = existsSync(join(root, 'blkio', 'blkio.throttle.write_iops_device'))

/**
 * Lets processes write so many times a second to a device and no more, as to a disk that is slow.
 *
 * @returns takes the limit away
 */
export function limitIo(pids: readonly number[], device: string, writes: number): () => void {
  const base = isFirst ? join(root, 'blkio') : root
  const folder = join(base, `flowledger-faults-io-${process.pid}`)
  mkdirSync(folder)
  const [file, line] = isFirst
    ? ['blkio.throttle.write_iops_device', `${device} ${writes}`]
    : ['io.max', `${device} wiops=${writes}`]
  writeFileSync(join(folder, file), line)
  for (const pid of pids) writeFileSync(join(folder, 'cgroup.procs'), String(pid))
  return () => {
    for (const pid of pids) writeFileSync(join(base, 'cgroup.procs'), String(pid))
    rmdirSync(folder)
  }
}
