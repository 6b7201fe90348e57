import { closeSocket, connectSocket, lastErrno, openSocket, sendBytes } from '../netlink/libc.ts'

/** AF_UNIX, and SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK (Linux, x86 and ARM). */
const family = 1
const datagram = 2 | 0o2000000 | 0o4000
/** `sun_path` of struct sockaddr_un. */
const maxPathBytes = 107

/** What the service manager is told: sd_notify(3). Without one, nothing happens. */
export interface ServiceManager {
  /** Started, or the configuration was read again; from now on the watchdog is fed. */
  ready(): void
  reloading(): void
  stopping(): void
  /** The watchdog is fed no more. */
  close(): void
}

/**
 * The address as connect(2) takes it; a leading `@` is the abstract namespace.
 *
 *   struct sockaddr_un   u16 family | path, at most 108 octets with its zero
 */
function addressOf(path: string): Buffer | undefined {
  const name = Buffer.from(path)
  if (!/^[/@]./.test(path) || name.length > maxPathBytes) return undefined
  const abstract = path.startsWith('@')
  const address = Buffer.alloc(2 + name.length + (abstract ? 0 : 1))
  address.writeUInt16LE(family)
  name.copy(address, 2)
  if (abstract) address[2] = 0
  return address
}

/** Sends one datagram; returns 0 or the errno. Node itself has no datagrams of this family. */
function send(address: Buffer, text: string): number {
  const fd = openSocket(family, datagram, 0)
  if (fd < 0) return lastErrno()
  try {
    if (connectSocket(fd, address) < 0) return lastErrno()
    return sendBytes(fd, Buffer.from(text)) < 0 ? lastErrno() : 0
  } finally {
    closeSocket(fd)
  }
}

/** How often the watchdog is fed (ms): twice as often as it must be, if it watches this process. */
function watchdogMs(env: NodeJS.ProcessEnv): number | undefined {
  const us = Number(env['WATCHDOG_USEC'])
  const pid = env['WATCHDOG_PID']
  if (!Number.isSafeInteger(us) || us < 2_000) return undefined
  return pid === undefined || pid === String(process.pid) ? us / 2_000 : undefined
}

/**
 * The service manager that started this process. What names it is taken out of `env`, so that
 * children do not speak for us.
 *
 * @param onError is told the errno of a message that did not arrive
 */
export function serviceManager(
  env: NodeJS.ProcessEnv,
  onError: (errno: number) => void
): ServiceManager {
  const address = addressOf(env['NOTIFY_SOCKET'] ?? '')
  const everyMs = watchdogMs(env)
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name]
  const tell = (text: string): void => {
    const errno = address === undefined ? 0 : send(address, text)
    if (errno !== 0) onError(errno)
  }
  let fed: NodeJS.Timeout | undefined
  return {
    ready() {
      tell('READY=1\nSTATUS=Running.')
      // From the main loop: where that hangs nobody is answered, and a restart is due.
      if (everyMs !== undefined) fed ??= setInterval(() => tell('WATCHDOG=1'), everyMs).unref()
    },
    reloading() {
      const us = process.hrtime.bigint() / 1000n
      tell(`RELOADING=1\nMONOTONIC_USEC=${us}\nSTATUS=Reading the configuration again.`)
    },
    // The watchdog is fed until the end: draining may take longer than its time.
    stopping: () => tell('STOPPING=1\nSTATUS=Finishing what was begun.'),
    close: () => clearInterval(fed),
  }
}
